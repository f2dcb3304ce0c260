//! Loading: an order's events, upcast and folded into its state and its row; one order, or a page of them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, PersistedEventRepository, SerializedEvent};
use logistics_domain::framework::upcast;
use logistics_domain::{LogisticsOrder, Order, OrderEvent, OrderStreamId, Source, evolve};
use logistics_projections::EventPlace;
use logistics_projections::orders::{self, OrderRow};
use postgres_es::PostgresEventRepository;
use serde_json::Value;
use sqlx::{PgPool, Row};

use super::error::LedgerError;
use super::intent::{OpenOrder, OrderAddress};
use super::streams::{StreamRecord, Streams};
use crate::secrets::{KeyRing, OrderKey};

/// An order, ready for a command.
pub(super) struct Opened {
    pub(super) order: Box<OpenOrder>,
    /// Whether the stream has begun, and with it has an owner and a key.
    pub(super) begun: bool,
}

/// What loading needs.
pub(super) struct Loader {
    pub(super) repository: PostgresEventRepository,
    pub(super) streams: Streams,
    pub(super) ring: Arc<KeyRing>,
    pub(super) upcasters: Vec<Box<dyn EventUpcaster>>,
}

impl Loader {
    /// One order: its history by postgres-es, and beside it what else is known of the stream.
    pub(super) async fn open(&self, address: OrderAddress) -> Result<Opened, LedgerError> {
        let stream = address.stream();
        let id = stream.to_string();
        let history = async {
            let events = self.repository.get_events::<LogisticsOrder>(&id).await;
            events.map_err(|error| LedgerError::from_framework(Box::new(error)))
        };
        let (history, record) = tokio::try_join!(history, self.streams.look_up(stream))?;
        let record = match record {
            // The stream began between the two reads.
            None if !history.is_empty() => self.streams.look_up(stream).await?,
            record => record,
        };
        self.fold(address, history, record)
    }

    /// State and row from the history, and the key, which a new order gets here.
    pub(super) fn fold(
        &self,
        address: OrderAddress,
        history: Vec<SerializedEvent>,
        record: Option<StreamRecord>,
    ) -> Result<Opened, LedgerError> {
        let stream = address.stream();
        let begun = record.is_some();
        let mut last_checked = None;
        let key = match record {
            Some(record) if record.owner != address.tenant => {
                return Err(LedgerError::OwnedByAnother { stream, owner: record.owner });
            }
            Some(record) => {
                last_checked = record.last_checked;
                record
                    .sealed_key
                    .map(|sealed| OrderKey::unwrap(&self.ring, stream.0, &sealed))
                    .transpose()
                    .map_err(|source| LedgerError::Key { stream, source })?
            }
            None if history.is_empty() => Some(OrderKey::generate()),
            None => return Err(corrupt(stream, "it has events but no owner")),
        };
        let (order, row, version) = self.history(address, history)?;
        let key = key.filter(|_| !order.erased);
        let order = Box::new(OpenOrder { address, order, version, row, key, last_checked });
        Ok(Opened { order, begun })
    }

    fn history(
        &self,
        address: OrderAddress,
        history: Vec<SerializedEvent>,
    ) -> Result<(Order, Option<OrderRow>, i64), LedgerError> {
        let stream = address.stream();
        let (mut order, mut row, mut version) = (Order::default(), None, 0);
        for stored in history {
            let stored = upcast(stored, &self.upcasters);
            version += 1;
            if i64::try_from(stored.sequence) != Ok(version) {
                return Err(corrupt(stream, format!("event {version} is missing")));
            }
            let place = place(address, version, &stored.metadata)
                .ok_or_else(|| corrupt(stream, format!("event {version} does not say where it came from")))?;
            let event: OrderEvent = serde_json::from_value(stored.payload)
                .map_err(|error| corrupt(stream, format!("event {version}: {error}")))?;
            row = orders::apply(row, &place, &event);
            evolve(&mut order, event);
        }
        Ok((order, row, version))
    }
}

fn corrupt(stream: OrderStreamId, what: impl Into<String>) -> LedgerError {
    LedgerError::Corrupt { stream, what: what.into() }
}

/// Where an event stands, by its metadata.
fn place(address: OrderAddress, sequence: i64, metadata: &Value) -> Option<EventPlace> {
    let observed_at = DateTime::parse_from_rfc3339(metadata.get("observed_at")?.as_str()?).ok()?;
    let source: Source = metadata.get("source")?.as_str()?.parse().ok()?;
    let observed_at = observed_at.with_timezone(&Utc);
    Some(EventPlace { tenant: address.tenant, stream: address.stream(), sequence, observed_at, source })
}

/// The histories of a page of orders in one query, by stream as text. Same columns as postgres-es reads.
pub(super) async fn histories(
    pool: &PgPool,
    streams: &[String],
) -> sqlx::Result<HashMap<String, Vec<SerializedEvent>>> {
    let rows = sqlx::query(
        "select aggregate_id, sequence, event_type, event_version, payload, metadata
         from events where aggregate_type = $1 and aggregate_id = any($2)
         order by aggregate_id, sequence",
    )
    .bind(LogisticsOrder::TYPE)
    .bind(streams)
    .fetch_all(pool)
    .await?;
    let mut found: HashMap<String, Vec<SerializedEvent>> = HashMap::new();
    for row in rows {
        let stream: String = row.try_get("aggregate_id")?;
        let sequence: i64 = row.try_get("sequence")?;
        let event = SerializedEvent::new(
            stream.clone(),
            usize::try_from(sequence).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            LogisticsOrder::TYPE.to_owned(),
            row.try_get("event_type")?,
            row.try_get("event_version")?,
            row.try_get("payload")?,
            row.try_get("metadata")?,
        );
        found.entry(stream).or_default().push(event);
    }
    Ok(found)
}
