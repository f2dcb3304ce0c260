//! Loading: an order's events, upcast and folded into its state and its row at once; of a cached order, those that are new.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use logistics_domain::framework::{require_known_shape, upcast};
use logistics_domain::{LogisticsOrder, Order, OrderEvent, OrderStreamId, Source, evolve};
use logistics_projections::EventPlace;
use logistics_projections::orders::{self, OrderRow};
use postgres_es::PostgresEventRepository;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use super::error::LedgerError;
use super::gather::{Found, Readers};
use super::intent::{OpenOrder, OrderAddress};
use super::order_cache::{Folded, OrderCache};
use super::stored::{StoredText, read, read_on};
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
    pub(super) order_cache: OrderCache,
    pub(super) ring: Arc<KeyRing>,
    pub(super) upcasters: Vec<Box<dyn EventUpcaster>>,
}

/// Whoever is told of each event on the way.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&EventPlace, &OrderEvent);

/// What the folds need of an event's metadata.
#[derive(Deserialize)]
struct Origin {
    observed_at: DateTime<Utc>,
    source: Source,
}

/// Where orders are read.
pub(super) enum From<'a> {
    /// With what others ask for just then.
    Readers,
    /// On a connection of one's own.
    Connection(&'a mut PgConnection),
}

impl Loader {
    /// One order.
    pub(super) async fn open(
        &self,
        mut from: From<'_>,
        address: OrderAddress,
    ) -> Result<Opened, LedgerError> {
        let stream = address.stream();
        if let Some(known) = self.order_cache.get(stream) {
            let found = self.find(&mut from, stream, known.version).await?;
            if found.as_ref().is_some_and(|stored| known.is_followed_by(stream, &stored.events)) {
                return self.fold(address, &found, Some(&known), &mut |_, _| {});
            }
        }
        let found = self.find(&mut from, stream, 0).await?;
        self.fold(address, &found, None, &mut |_, _| {})
    }

    /// What is stored of an order, from its first event on.
    pub(super) async fn whole(&self, address: OrderAddress) -> Result<Found, LedgerError> {
        self.find(&mut From::Readers, address.stream(), 0).await
    }

    async fn find(
        &self,
        from: &mut From<'_>,
        stream: OrderStreamId,
        first: i64,
    ) -> Result<Found, LedgerError> {
        match from {
            From::Readers => self.readers.find(stream, first).await,
            From::Connection(connection) if first > 0 => Ok(read_on(connection, (stream.0, first)).await?),
            From::Connection(connection) => {
                let mut stored = read(connection, &[(stream.0, first)]).await?;
                Ok(stored.remove(&(stream.0, first)))
            }
        }
    }

    /// State and row from what is known and what follows, and the key, which a new order gets here. Where something is known,
    /// what is found begins with the event that it ends with.
    pub(super) fn fold(
        &self,
        address: OrderAddress,
        found: &Found,
        known: Option<&Folded>,
        tell: Tell<'_>,
    ) -> Result<Opened, LedgerError> {
        let stream = address.stream();
        let begin = known.map(|known| (known.order.clone(), known.row.clone(), known.version));
        let events = found.iter().flat_map(|stored| &stored.events);
        let newer = events.clone().skip(usize::from(known.is_some()));
        let newer = newer.map(|event| self.event(event));
        let (order, row, version) = history(address, begin.unwrap_or_default(), newer, tell)?;
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
        if let Some(last) = events.last().filter(|_| self.order_cache.has_room())
            && known.is_none_or(|known| known.version < version)
        {
            let last = last.content_hash(&stream.to_string());
            self.order_cache.keep(stream, Folded { order: order.clone(), row: row.clone(), version, last });
        }
        let order = Box::new(OpenOrder { address, order, version, row, key, last_checked });
        Ok(Opened { order, begun })
    }

    /// An event in today's shape. Its text is read without a detour, unless it is of an older one.
    fn event(&self, stored: &StoredText) -> Result<(i64, Origin, OrderEvent), String> {
        let StoredText { sequence, event_type, event_version, payload, metadata } = stored;
        if !self.upcasters.iter().any(|step| step.can_upcast(event_type, event_version)) {
            let event = json_in(payload)?;
            require_known_shape(&event, event_version).map_err(|later| later.to_string())?;
            return Ok((*sequence, json_in(metadata)?, event));
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

/// Folds a history, event after event, on to state and row; tells the version too.
fn history(
    address: OrderAddress,
    (mut order, mut row, mut version): (Order, Option<OrderRow>, i64),
    history: impl Iterator<Item = Result<(i64, Origin, OrderEvent), String>>,
    tell: Tell<'_>,
) -> Result<(Order, Option<OrderRow>, i64), LedgerError> {
    let (tenant, stream) = (address.tenant, address.stream());
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
