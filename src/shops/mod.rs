//! What shops say when an order is paid. Pure: bytes in, meaning out. Absent here: signatures, storage, the database.
//!
//! A body is data from outside: unknown keys pass, a missing key, `null` and `""` mean the same, and a value of the
//! wrong kind is as good as none. Only a body that does not say which order it is about cannot be read.

mod candidates;
mod fields;
mod shopify;
mod woocommerce;

pub use candidates::{Candidate, candidates};
pub use shopify::read_shopify;
pub use woocommerce::read_woocommerce;

use crate::tenancy::ShopPlatform;

/// What a delivery means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShopEvent {
    /// An order was released to the warehouse.
    PaidOrder(PaidOrder),
    /// It asks nothing of the ledger.
    Ignored {
        /// Why, as a sentence.
        reason: String,
    },
    /// It cannot be understood; a person has to look.
    Unreadable {
        /// Why, as a sentence without personal data.
        why: String,
    },
}

impl ShopEvent {
    fn ignored(reason: impl Into<String>) -> Self {
        Self::Ignored { reason: reason.into() }
    }

    fn unreadable(why: impl Into<String>) -> Self {
        Self::Unreadable { why: why.into() }
    }
}

/// A shop order that the warehouse should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidOrder {
    /// Where it was bought.
    pub platform: ShopPlatform,
    /// The platform's id of the order, in decimal digits.
    pub external_id: String,
    /// What the customer sees, as `#1001`.
    pub name: String,
    /// The shop's own number where it has one besides the name.
    pub order_number: Option<String>,
}
