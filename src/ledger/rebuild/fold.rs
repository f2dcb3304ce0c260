//! From stored events to folded streams, with the same pure folds that the write path uses. No SQL, no keys:
//! what is sealed stays so until it is known which of a stream's recipients is the last.

use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use logistics_domain::framework::{require_known_shape, upcast, upcasters};
use logistics_domain::status::Mapping;
use logistics_domain::{LogisticsOrder, OrderEvent};
use logistics_projections::event_log::RawEvent;
use logistics_projections::orders::OrderRow;
use logistics_projections::recipients::Change;
use logistics_projections::tracking::Scans;
use logistics_projections::{EventPlace, orders, recipients};
use serde::de::Error as _;

use super::error::RebuildError;
use super::log::{Extents, RecordedEvent};

/// A stream, folded.
pub(super) struct Folded {
    pub(super) row: Option<OrderRow>,
    /// The last event that says anything of the recipient; those before it no longer matter.
    pub(super) recipient: Option<(EventPlace, OrderEvent)>,
    pub(super) tracking: Scans,
    tenant: i64,
    /// The number of its last event, which is how many there are.
    pub(super) version: i64,
}

/// Takes events stream after stream, and gives each stream when it is whole.
pub(super) struct Folding {
    upcasters: Vec<Box<dyn EventUpcaster>>,
    /// By which statuses and scans are read.
    mapping: &'static Mapping,
    /// The stream as it is stored, beside what it was folded into.
    open: Option<(String, Folded)>,
    /// What was taken so far.
    extents: Extents,
}

impl Folding {
    pub(super) fn by(mapping: &'static Mapping) -> Self {
        Self { upcasters: upcasters(), mapping, open: None, extents: Extents::default() }
    }

    /// Takes the next event, and gives the stream before it where this one begins another.
    pub(super) fn take(&mut self, recorded: &RecordedEvent) -> Result<Option<Folded>, RebuildError> {
        let stored = &recorded.event;
        let place = stored.place().map_err(|source| RebuildError::Place {
            stream: stored.aggregate_id.clone(),
            sequence: stored.sequence,
            source,
        })?;
        if !recorded.is_intact() {
            let what = format!("event {} is not the one that was recorded", place.sequence);
            return Err(RebuildError::Corrupt { stream: place.stream, what });
        }
        self.extents.add(stored);
        let event = self.event(&place, stored)?;
        let ended = match &self.open {
            Some((id, _)) if *id == stored.aggregate_id => None,
            _ => self.open.replace((stored.aggregate_id.clone(), Folded::nothing_yet(&place))),
        };
        if let Some((_, open)) = &mut self.open {
            open.fold(self.mapping, place, event)?;
        }
        Ok(ended.map(|(_, folded)| folded))
    }

    /// What was taken, tenant by tenant.
    pub(super) fn into_extents(self) -> Extents {
        self.extents
    }

    /// The last stream.
    pub(super) fn finish(&mut self) -> Option<Folded> {
        self.open.take().map(|(_, folded)| folded)
    }

    /// The event in today's shape. The detour over the framework's form is for those that a step applies to.
    fn event(&self, place: &EventPlace, stored: &RawEvent) -> Result<OrderEvent, RebuildError> {
        let older =
            self.upcasters.iter().any(|step| step.can_upcast(&stored.event_type, &stored.event_version));
        let read = if older { self.upcast(stored) } else { serde_json::from_str(&stored.payload) };
        let known = read.and_then(|event: OrderEvent| {
            require_known_shape(&event, &stored.event_version).map_err(serde_json::Error::custom)?;
            Ok(event)
        });
        let (stream, sequence) = (place.stream, place.sequence);
        known.map_err(|source| RebuildError::Payload { stream, sequence, source })
    }

    fn upcast(&self, stored: &RawEvent) -> serde_json::Result<OrderEvent> {
        let stored = SerializedEvent::new(
            stored.aggregate_id.clone(),
            usize::try_from(stored.sequence).unwrap_or_default(),
            LogisticsOrder::TYPE.to_owned(),
            stored.event_type.clone(),
            stored.event_version.clone(),
            serde_json::from_str(&stored.payload)?,
            serde_json::from_str(&stored.metadata)?,
        );
        serde_json::from_value(upcast(stored, &self.upcasters).payload)
    }
}

impl Folded {
    fn nothing_yet(first: &EventPlace) -> Self {
        Self { row: None, recipient: None, tracking: Scans::default(), tenant: first.tenant.0, version: 0 }
    }

    fn fold(&mut self, mapping: &Mapping, place: EventPlace, event: OrderEvent) -> Result<(), RebuildError> {
        let corrupt = |what: String| RebuildError::Corrupt { stream: place.stream, what };
        self.version += 1;
        if place.sequence != self.version {
            return Err(corrupt(format!("event {} is missing", self.version)));
        }
        if place.tenant.0 != self.tenant {
            return Err(corrupt(format!("event {} stands in another tenant's ledger", self.version)));
        }
        self.row = orders::apply_by(mapping, self.row.take(), &place, &event);
        self.tracking.take(&place, &event);
        if recipients::apply(&place, &event, None) != Change::Keep {
            self.recipient = Some((place, event));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::leaf::{Content, leaf_hash};

    fn stored(stream: u128, sequence: i64, tenant_id: i64) -> RecordedEvent {
        recorded(RawEvent {
            tenant_id,
            position: 0,
            aggregate_id: uuid::Uuid::from_u128(stream).to_string(),
            sequence,
            event_type: "OrderReleased".into(),
            event_version: "1.0".into(),
            payload: r#"{"type":"OrderReleased"}"#.into(),
            metadata: r#"{"observed_at":"2026-09-21T12:26:40Z","source":"poll"}"#.into(),
        })
    }

    /// The event as an append records it.
    fn recorded(event: RawEvent) -> RecordedEvent {
        let content = Content {
            aggregate_type: LogisticsOrder::TYPE,
            aggregate_id: &event.aggregate_id,
            sequence: event.sequence,
            event_type: &event.event_type,
            event_version: &event.event_version,
            payload: &event.payload,
            metadata: &event.metadata,
        };
        let recorded_at = chrono::DateTime::UNIX_EPOCH;
        let leaf = leaf_hash(event.tenant_id, event.position, recorded_at, &content.hash());
        RecordedEvent { event, recorded_at, leaf_hash: leaf.to_vec() }
    }

    fn taken(events: &[RecordedEvent]) -> Result<Vec<i64>, RebuildError> {
        let (mut folding, mut versions) = (Folding::by(&logistics_domain::status::CURRENT), vec![]);
        for event in events {
            versions.extend(folding.take(event)?.map(|folded| folded.version));
        }
        versions.extend(folding.finish().map(|folded| folded.version));
        Ok(versions)
    }

    #[test]
    fn each_stream_is_given_once_it_is_whole() {
        assert_eq!(taken(&[stored(1, 1, 7), stored(1, 2, 7), stored(2, 1, 8)]).unwrap(), [2, 1]);
        assert_eq!(taken(&[]).unwrap(), Vec::<i64>::new());
    }

    #[test]
    fn a_gap_or_a_second_tenant_in_a_stream_is_refused() {
        for events in [[stored(1, 1, 7), stored(1, 3, 7)], [stored(1, 1, 7), stored(1, 2, 8)]] {
            assert!(matches!(taken(&events), Err(RebuildError::Corrupt { .. })));
        }
        assert!(matches!(taken(&[stored(1, 2, 7)]), Err(RebuildError::Corrupt { .. })));
    }

    #[test]
    fn an_event_that_is_not_the_recorded_one_is_refused_however_it_is_spelled() {
        let spelled = r#"{ "source": "poll", "observed_at": "2026-09-21T12:26:40Z" }"#;
        let mut same = stored(1, 1, 7);
        same.event.metadata = spelled.into();
        assert_eq!(taken(&[same]).unwrap(), [1]);
        let tamper: [fn(&mut RecordedEvent); 4] = [
            |recorded| recorded.event.metadata = recorded.event.metadata.replace("poll", "user"),
            |recorded| recorded.event.position += 1,
            |recorded| recorded.recorded_at += chrono::TimeDelta::seconds(1),
            |recorded| recorded.leaf_hash[0] ^= 1,
        ];
        for change in tamper {
            let mut event = stored(1, 1, 7);
            change(&mut event);
            assert!(matches!(taken(&[event]), Err(RebuildError::Corrupt { .. })));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_passed_over() {
        let unknown = RawEvent { payload: r#"{"type":"OrderSold"}"#.into(), ..stored(1, 1, 7).event };
        let unknown = recorded(unknown);
        assert!(matches!(taken(&[unknown]), Err(RebuildError::Payload { sequence: 1, .. })));
        let later = recorded(RawEvent { event_version: "1.1".into(), ..stored(1, 1, 7).event });
        let refused = taken(&[later]).unwrap_err();
        let why = std::error::Error::source(&refused).expect("a reason").to_string();
        assert!(why.contains("run the later one"), "{why}");
        let homeless = recorded(RawEvent { metadata: "{}".into(), ..stored(1, 1, 7).event });
        assert!(matches!(taken(&[homeless]), Err(RebuildError::Place { sequence: 1, .. })));
    }
}
