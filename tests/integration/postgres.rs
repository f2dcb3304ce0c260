//! Integration tests of the room `postgres`: the private server's life, the pools, the migrations.

mod pools;
mod private_server;
mod server_lock;
