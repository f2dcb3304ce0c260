//! Loading: an order's events, upcast and folded into its state and its row at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use logistics_domain::framework::upcast;
use logistics_domain::{LogisticsOrder, Order, OrderEvent, OrderStreamId, Source, evolve};
use logistics_projections::EventPlace;
use logistics_projections::orders::{self, OrderRow};
use postgres_es::PostgresEventRepository;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::LedgerError;
use super::gather::{Found, Readers};
use super::intent::{OpenOrder, OrderAddress};
use super::stored::StoredText;
use crate::secrets::{KeyRing, OrderKey};

/// An order, ready for a command.
pub(super) struct Opened {
    pub(super) order: Box<OpenOrder>,
    /// Whether the stream has begun, and with it has an owner and a key.
    pub(super) begun: bool,
}

/// What loading needs.
pub(super) struct Loader {
    pub(super) repository: Arc<PostgresEventRepository>,
    pub(super) readers: Readers,
    pub(super) ring: Arc<KeyRing>,
    pub(super) upcasters: Vec<Box<dyn EventUpcaster>>,
}

/// What the folds need of an event's metadata.
#[derive(Deserialize)]
struct Origin {
    observed_at: DateTime<Utc>,
    source: Source,
}

impl Loader {
    /// One order.
    pub(super) async fn open(&self, address: OrderAddress) -> Result<Opened, LedgerError> {
        let found = self.readers.find(address.stream()).await?;
        self.fold(address, &found)
    }

    /// State and row from the history, and the key, which a new order gets here.
    pub(super) fn fold(&self, address: OrderAddress, found: &Found) -> Result<Opened, LedgerError> {
        self.fold_telling(address, found, &mut |_, _| {})
    }

    /// The same, telling each event on the way.
    pub(super) fn fold_telling(
        &self,
        address: OrderAddress,
        found: &Found,
        tell: &mut dyn FnMut(&EventPlace, &OrderEvent),
    ) -> Result<Opened, LedgerError> {
        let stream = address.stream();
        let events = found.iter().flat_map(|stored| &stored.events);
        let (order, row, version) = history(address, events.map(|event| self.event(event)), tell)?;
        let record = found.as_ref().map(|stored| &stored.record);
        let begun = record.is_some();
        let mut last_checked = None;
        let key = match record {
            Some(record) if record.owner != address.tenant => {
                return Err(LedgerError::OwnedByAnother { stream, owner: record.owner });
            }
            Some(record) => {
                last_checked.clone_from(&record.last_checked);
                let sealed = record.sealed_key.as_ref().filter(|_| !order.erased);
                let key = sealed.map(|sealed| OrderKey::unwrap(&self.ring, stream.0, sealed));
                key.transpose().map_err(|source| LedgerError::Key { stream, source })?
            }
            None if version == 0 => Some(OrderKey::generate()),
            None => return Err(corrupt(stream, "it has events but no owner")),
        };
        let order = Box::new(OpenOrder { address, order, version, row, key, last_checked });
        Ok(Opened { order, begun })
    }

    /// An event in today's shape. Its text is read without a detour, unless it is of an older one.
    fn event(&self, stored: &StoredText) -> Result<(i64, Origin, OrderEvent), String> {
        let StoredText { sequence, event_type, event_version, payload, metadata } = stored;
        if !self.upcasters.iter().any(|step| step.can_upcast(event_type, event_version)) {
            return Ok((*sequence, json_in(metadata)?, json_in(payload)?));
        }
        let stored = SerializedEvent::new(
            String::new(),
            usize::try_from(*sequence).map_err(|error| error.to_string())?,
            LogisticsOrder::TYPE.to_owned(),
            event_type.clone(),
            event_version.clone(),
            json_in(payload)?,
            json_in(metadata)?,
        );
        let event = upcast(stored, &self.upcasters);
        let payload = serde_json::from_value(event.payload).map_err(|error| error.to_string())?;
        Ok((*sequence, json_in(metadata)?, payload))
    }
}

/// Folds a history, event after event, into state and row; tells the version too.
fn history(
    address: OrderAddress,
    history: impl Iterator<Item = Result<(i64, Origin, OrderEvent), String>>,
    tell: &mut dyn FnMut(&EventPlace, &OrderEvent),
) -> Result<(Order, Option<OrderRow>, i64), LedgerError> {
    let (tenant, stream) = (address.tenant, address.stream());
    let (mut order, mut row, mut version) = (Order::default(), None, 0);
    for stored in history {
        version += 1;
        let (sequence, Origin { observed_at, source }, event) =
            stored.map_err(|what| corrupt(stream, format!("event {version}: {what}")))?;
        if sequence != version {
            return Err(corrupt(stream, format!("event {version} is missing")));
        }
        let place = EventPlace { tenant, stream, sequence, observed_at, source };
        row = orders::apply(row, &place, &event);
        tell(&place, &event);
        evolve(&mut order, event);
    }
    Ok((order, row, version))
}

fn json_in<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn corrupt(stream: OrderStreamId, what: impl Into<String>) -> LedgerError {
    LedgerError::Corrupt { stream, what: what.into() }
}
