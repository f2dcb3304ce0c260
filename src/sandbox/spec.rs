//! What a test or a person says to have an order made. Absent: upstream's own body for creation (`http::create`).

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::order::Recipient;
use super::reference::{DEFAULT_COURIER_ID, status};

/// An order to be made. Only client, number and items matter; the rest has sensible defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderSpec {
    /// The client of the warehouse.
    pub client_id: i64,
    /// `OrderNumber`.
    pub number: String,
    /// `ExternalOrderReference`.
    pub external_reference: Option<String>,
    /// The lines.
    pub items: Vec<ItemSpec>,
    /// `OrderStatusId`; may be one that upstream has not published.
    pub status: i32,
    /// Who gets it; invented from the seed when absent.
    pub recipient: Option<Recipient>,
    /// `CourierServiceId`.
    pub courier_service_id: i32,
    /// `OrderDate`, UTC; now when absent.
    pub order_date: Option<DateTime<Utc>>,
    /// `RequiredDespatchDate`, UTC.
    pub required_despatch_date: Option<DateTime<Utc>>,
    /// The code of the currency.
    pub currency: String,
    /// `ChannelId`.
    pub channel_id: i32,
    /// `Comments`.
    pub comments: Option<String>,
    /// `DeliveryNotes`.
    pub delivery_notes: Option<String>,
    /// `Tags`, comma-separated.
    pub tags: Option<String>,
}

/// A line to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemSpec {
    /// `SKU`.
    pub sku: String,
    /// `Quantity`.
    #[serde(default = "one")]
    pub quantity: i32,
    /// Price of one with tax, in the order's currency.
    #[serde(default)]
    pub price: f64,
    /// Weight of one, kg.
    #[serde(default = "half_a_kilo")]
    pub weight: f64,
}

fn one() -> i32 {
    1
}

fn half_a_kilo() -> f64 {
    0.5
}

impl Default for OrderSpec {
    fn default() -> Self {
        Self {
            client_id: 3,
            number: String::new(),
            external_reference: None,
            items: Vec::new(),
            status: status::NEW,
            recipient: None,
            courier_service_id: DEFAULT_COURIER_ID,
            order_date: None,
            required_despatch_date: None,
            currency: "GBP".to_owned(),
            channel_id: 17,
            comments: None,
            delivery_notes: None,
            tags: None,
        }
    }
}

impl OrderSpec {
    /// A new order of `client_id` with one line for each `(sku, quantity)`.
    pub fn of(client_id: i64, number: &str, items: &[(&str, i32)]) -> Self {
        let items = items
            .iter()
            .map(|(sku, quantity)| ItemSpec {
                sku: (*sku).to_owned(),
                quantity: *quantity,
                price: 9.99,
                weight: half_a_kilo(),
            })
            .collect();
        Self { client_id, number: number.to_owned(), items, ..Self::default() }
    }

    /// The same order in another status.
    #[must_use]
    pub fn in_status(self, status: i32) -> Self {
        Self { status, ..self }
    }

    /// The same order with an `ExternalOrderReference`.
    #[must_use]
    pub fn with_reference(self, reference: &str) -> Self {
        Self { external_reference: Some(reference.to_owned()), ..self }
    }

    /// The same order for this recipient.
    #[must_use]
    pub fn for_recipient(self, recipient: Recipient) -> Self {
        Self { recipient: Some(recipient), ..self }
    }
}
