//! The shapes of what an answer passes through as it is stored, for its description: the domain, whose facts they are, knows of no
//! description.

use chrono::{DateTime, Utc};
use utoipa::ToSchema;

/// A line of an order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is passed through, and is never made")]
pub(in crate::orders) struct ItemView {
    /// Mintsoft's id of the line.
    id: Option<i64>,
    /// The stock-keeping unit.
    sku: Option<String>,
    /// Units ordered.
    quantity: i64,
    /// Units reserved from stock.
    allocated: i64,
    /// Units waiting for stock.
    on_back_order: i64,
}

/// A consignment of an order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is passed through, and is never made")]
pub(in crate::orders) struct ConsignmentView {
    /// Mintsoft's id of the consignment; scans refer to it.
    id: i64,
    /// The consignment or tracking number.
    number: Option<String>,
    /// The courier integration that booked the consignment.
    courier_type: Option<String>,
    /// One number for each parcel.
    parcel_numbers: Vec<String>,
    /// When the consignment was booked (UTC).
    shipped_at: Option<DateTime<Utc>>,
    /// Whether Mintsoft follows the parcel, so that scans can be expected.
    followed: bool,
}

/// What else is told of an order; none of it personal.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is passed through, and is never made")]
pub(in crate::orders) struct DetailsView {
    /// Mintsoft's id of the warehouse that keeps the order.
    warehouse_id: Option<i64>,
    /// The sales channel's name.
    channel: Option<String>,
    /// ISO 4217 code of the amounts.
    currency: Option<String>,
    /// The order's gross total in hundredths of the currency's unit.
    total_hundredths: Option<i64>,
    /// The recipient's country (ISO 3166 alpha-2).
    country: Option<String>,
    /// Tags, in Mintsoft's order.
    tags: Vec<String>,
    /// By when the order must leave the warehouse (UTC).
    required_dispatch_at: Option<DateTime<Utc>>,
    /// The zone of the warehouse's clock, where that is not London's.
    zone: Option<String>,
    /// Whether other orders were merged into this one; its number then joins theirs with `+`.
    merged: bool,
}
