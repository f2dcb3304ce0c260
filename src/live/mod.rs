//! Following a tenant's ledger as it grows, as server-sent events or over a WebSocket: `GET /logistics/stream`.
//!
//! What is sent is read from the log by position and never from a hint: positions are dense and in the order of commits,
//! so a follower that goes on from the last position it got misses nothing and gets nothing twice, whichever instance it
//! comes back to, and whatever was killed meanwhile. Only a database that loses commits gives positions again, to other events;
//! its followers are told to begin anew. The notification of a commit, or a slow tick, only says when to look.
//!
//! One process has one listener, and one reader for each tenant that is followed (`feed`); followers take what it read
//! from a short memory, or read the log themselves while they are further behind. Each has a bounded queue (`follower`);
//! one that does not take what is sent is let go with the reason, and comes back with its last position. `endpoint`
//! is what is answered, `sse` the server-sent events, `websocket` the WebSocket.
//!
//! Absent: payloads, personal data, anything of a withheld order but the positions of its events. What a message holds is described to
//! callers in `feed_messages`.

mod endpoint;
mod feed;
mod feed_messages;
mod follower;
mod hub;
mod sse;
mod websocket;

use std::time::Duration;

pub use hub::Live;

/// How followers are served.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// The most followers of all tenants together, in one process.
    pub followers_max: usize,
    /// The most followers of one tenant, in one process.
    pub followers_per_tenant_max: usize,
    /// How often the log is looked at without being told to.
    pub tick: Duration,
    /// How often a sign of life is sent where nothing happens.
    pub heartbeat: Duration,
    /// How often it is asked whether the credential still holds.
    pub recheck: Duration,
    /// How long a follower may leave what it is sent untaken.
    pub patience: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            followers_max: 1000,
            followers_per_tenant_max: 100,
            tick: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            recheck: Duration::from_secs(10),
            patience: Duration::from_secs(20),
        }
    }
}
