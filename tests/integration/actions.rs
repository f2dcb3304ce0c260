//! What people have done upstream, from outside: the real binary, the sandbox, kills and faults between them.

mod cancelling;
mod desk;
mod faults;
mod killed;
mod repeated;
