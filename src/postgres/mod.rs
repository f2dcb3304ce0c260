//! The database: the pools, the migrations, and a private PostgreSQL server where none is given.
//!
//! Start to finish: [`Database::start`] finds or boots the server and checks its version,
//! [`Database::migrate`] brings the tables up to date as their owner, [`Database::pool`] opens the pool
//! that the service works with, under the role `ledger_app`, and [`Reader::beside`] it one that reads for one tenant at a
//! time, under `ledger_reader`. No table and no event is known here.

mod away;
mod batching;
mod connection_source;
mod database;
pub mod embedded;
mod kept;
mod migrate;
mod pool;
mod read_permits;
mod reader;
mod silence;

pub(crate) use away::is_away;
pub(crate) use batching::{BatchedQuery, QueryBatcher};
pub use database::{Database, DatabaseError, DatabaseSettings};
pub use embedded::{BootError, EmbeddedSettings, Server, default_data_dir};
pub use migrate::{MIGRATOR, OLDEST_SERVER, migrate, require_supported_server};
pub use pool::{PoolSettings, Usage, connect, connect_as_owner, ping, usage};
pub use reader::{Reader, Reading};
pub(crate) use silence::{in_time, is_silence};
