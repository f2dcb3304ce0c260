//! What a caller hands to the ledger and gets back: the address of an order, the intent, the outcome.
//! No SQL and no queue here.

use std::fmt;
use std::ops::Range;

use logistics_domain::order::Observed;
use logistics_domain::{AccountId, Command, Order, OrderEvent, OrderStreamId, TenantId};
use logistics_projections::orders::OrderRow;
use logistics_projections::recipients::Recipient;

use crate::jobs::NewJob;
use crate::secrets::OrderKey;

/// Which order: whose, in which account, under which upstream number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderAddress {
    /// The tenant in whose ledger the order stands.
    pub tenant: TenantId,
    /// The Mintsoft account that the order lives in.
    pub account: AccountId,
    /// Mintsoft's number of the order.
    pub mintsoft_order_id: i64,
}

impl OrderAddress {
    /// The stream of the order.
    pub fn stream(&self) -> OrderStreamId {
        OrderStreamId::derive(self.account, self.mintsoft_order_id)
    }
}

/// An order as loaded for a command: state and row folded from the same events.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    /// Which order.
    pub address: OrderAddress,
    /// Its state.
    pub order: Order,
    /// The sequence of its last event; 0 for an order that was never seen.
    pub version: i64,
    /// Its read row; none until it is discovered.
    pub row: Option<OrderRow>,
    /// The key to seal its personal data with; none once that was erased, and then nothing is sealed any more.
    pub key: Option<OrderKey>,
    /// The newest answer about the order that left no event.
    pub last_checked: Option<Observed>,
}

/// What is to be done to an order, whatever its state turns out to be.
pub trait Intent: Send + Sync {
    /// The command for the order as loaded. It is asked again after a conflict, since key and state may differ then.
    fn command(&self, order: &OpenOrder) -> Intended;
}

impl<F: Fn(&OpenOrder) -> Intended + Send + Sync> Intent for F {
    fn command(&self, order: &OpenOrder) -> Intended {
        self(order)
    }
}

/// A command, with what its events need besides.
#[derive(Clone, Debug)]
pub struct Intended {
    /// The command.
    pub command: Command,
    /// The recipient in plain text, for the recipient's row; the command carries it sealed.
    pub recipient: Option<Recipient>,
    /// The answer of upstream that the command was translated from; kept if it changes anything.
    pub raw: Option<RawPayload>,
    /// Jobs to enqueue with the events, besides those that the events call for by themselves.
    pub jobs: Vec<NewJob>,
}

impl From<Command> for Intended {
    fn from(command: Command) -> Self {
        Self { command, recipient: None, raw: None, jobs: vec![] }
    }
}

/// Bytes as upstream sent them.
#[derive(Clone)]
pub struct RawPayload {
    /// Their SHA-256 in lowercase hex, as the events name it.
    pub sha256_hex: String,
    /// The bytes; personal data may be in them, so they are stored sealed.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for RawPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPayload").field("sha256_hex", &self.sha256_hex).finish_non_exhaustive()
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The sequence of the order's last event.
    pub version: i64,
    /// The events that were added; empty where there was nothing new.
    pub events: Vec<OrderEvent>,
    /// Their positions in the tenant's ledger, one an event.
    pub positions: Range<i64>,
    /// Nothing was new, since the answer that the command is about is older than another one.
    pub superseded: bool,
}

impl Committed {
    /// Nothing was new.
    pub(super) const fn nothing(version: i64, superseded: bool) -> Self {
        Self { version, events: vec![], positions: 0..0, superseded }
    }
}
