//! What people have done upstream, from outside: the real binary, the sandbox, kills and faults between them.

mod cancelling;
mod commenting;
pub mod desk;
mod doubtful;
mod faults;
mod handed_over;
mod killed;
mod looking;
mod overtaken;
mod put_off;
mod quiet;
mod repeated;
mod sources;
mod told;
mod unclear;
