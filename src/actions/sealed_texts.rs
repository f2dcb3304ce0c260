//! The words of people in an order's history: why it was to be cancelled, what was to be commented. Events hold them sealed;
//! they are the tenant's own, so its readers of history see them open, until the personal data of the order is erased. What
//! couriers wrote stands open in events; it is shown as long.

use logistics_domain::OrderStreamId;
use logistics_domain::order::facts::Sealed;
use logistics_projections::event_log::{COURIER_WORDS, LoggedEvent};
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::PgPool;

use crate::ledger::sealing::{open_comment, open_reason};
use crate::secrets::{KeyRing, OrderKey, SecretError};

/// What stands in the place of words whose key is destroyed.
pub const ERASED: &str = "erased";

/// The events that hold words, each with the field they stand in.
const SPOKEN: [(&str, &str); 2] = [("CancellationRequested", "reason"), ("CommentRequested", "comment")];

/// Opens the words in these events of one order, and takes out what couriers wrote of whom is erased. Words that cannot be
/// opened for another reason than an erasure stay sealed.
pub async fn open_sealed_texts(
    pool: &PgPool,
    ring: &KeyRing,
    stream: OrderStreamId,
    events: &mut [LoggedEvent],
) -> sqlx::Result<()> {
    if !events.iter().any(|event| field_of(event).is_some() || event.name == COURIER_WORDS.0) {
        return Ok(());
    }
    let held: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("select sealed_key from order_streams where stream_id = $1")
            .bind(stream.0)
            .fetch_optional(pool)
            .await?;
    let key = held.flatten().map(|sealed| OrderKey::unwrap(ring, stream.0, &sealed));
    for event in events {
        if key.is_none()
            && event.name == COURIER_WORDS.0
            && let Some(place) = event.payload.pointer_mut(COURIER_WORDS.1).filter(|text| text.is_string())
        {
            *place = Value::String(ERASED.to_owned());
        }
        let Some(field) = field_of(event) else { continue };
        if let Some(place) = event.payload.get_mut(field) {
            open(place, field, key.as_ref());
        }
    }
    Ok(())
}

fn field_of(event: &LoggedEvent) -> Option<&'static str> {
    SPOKEN.iter().find(|(name, _)| *name == event.name).map(|(_, field)| *field)
}

fn open(place: &mut Value, field: &str, key: Option<&Result<OrderKey, SecretError>>) {
    let Some(key) = key else {
        *place = Value::String(ERASED.to_owned());
        return;
    };
    let (Ok(key), Ok(sealed)) = (key, Sealed::deserialize(&*place)) else { return };
    let opened = if field == "reason" { open_reason(key, &sealed) } else { open_comment(key, &sealed) };
    if let Ok(words) = opened {
        *place = Value::String(words);
    }
}
