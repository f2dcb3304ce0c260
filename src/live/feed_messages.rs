//! The messages of the stream, for its description. They are written piece by piece, as lines or for a socket.

use chrono::{DateTime, Utc};
use logistics_projections::event_log::Change;
use serde::Serialize;
use utoipa::ToSchema;

/// A message of the stream. Over a WebSocket its member `event` says which one it is; as a server-sent event the field `event`
/// of the event does, and the message is its `data`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "it describes what is written piece by piece, and is never made"
)]
pub(super) enum StreamMessage {
    Position(PositionMessage),
    Change(ChangeMessage),
    Hidden(HiddenMessage),
    End(EndMessage),
}

/// The first message: where the stream begins.
#[derive(Serialize, ToSchema)]
pub(super) struct PositionMessage {
    /// Over a WebSocket alone: `position`.
    #[schema(value_type = String, required = false, pattern = "^position$")]
    event: &'static str,
    /// The position after which the stream begins; -1 before the first event.
    position: i64,
    /// The position of the ledger's last event; -1 where there is none.
    head: i64,
}

/// An event of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangeMessage {
    /// Over a WebSocket alone: `change`.
    #[schema(value_type = String, required = false, pattern = "^change$")]
    event: &'static str,
    /// The event's place in the tenant's ledger: positions follow each other without a gap.
    position: i64,
    /// When the event was appended (UTC).
    recorded_at: DateTime<Utc>,
    #[serde(flatten)]
    change: Change,
}

/// An event of an order that is shown to no tenant for now: nothing but its place.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HiddenMessage {
    /// Over a WebSocket alone: `hidden`.
    #[schema(value_type = String, required = false, pattern = "^hidden$")]
    event: &'static str,
    /// The event's place in the tenant's ledger: positions follow each other without a gap.
    position: i64,
    /// When the event was appended (UTC).
    recorded_at: DateTime<Utc>,
}

/// The last message: why the stream is closed. A WebSocket is closed with a code in its place: 1001 for `stopping`, 4401 for
/// `not_admitted`, 4408 for `too_slow`, 4409 for `position_ahead`.
#[derive(Serialize, ToSchema)]
pub(super) struct EndMessage {
    /// Stable, for programs: `stopping`, `too_slow`, `not_admitted` or `position_ahead`.
    code: &'static str,
    /// A sentence that says what to do, for people.
    detail: &'static str,
}
