//! The service: the only room with sockets, secrets and time. `app` is the one place where parts are joined.

pub mod clock;
