//! Turns: commands that met on one order go one at a time afterwards, instead of losing to each other again.

use logistics_domain::OrderStreamId;
use tokio::sync::Mutex;

/// How many orders can be contended at once before two of them share a turn by chance.
const TURNS: usize = 256;

/// A turn for each order, shared by few.
pub(super) struct Turns(Box<[Mutex<()>]>);

impl Default for Turns {
    fn default() -> Self {
        Self(std::iter::repeat_with(Mutex::default).take(TURNS).collect())
    }
}

impl Turns {
    /// The turn of an order. Its id is a hash already, so any part of it spreads evenly.
    pub(super) fn of(&self, stream: OrderStreamId) -> &Mutex<()> {
        let spread = usize::from(stream.0.as_bytes()[15]);
        &self.0[spread % TURNS]
    }
}
