//! `GET /logistics/orders/{id}/history`: what became known of an order, when, and from whom; up to an instant if one is
//! given. The words of the brand's own people are open; other personal data in it stays sealed.

use axum::extract::State;
use axum::{Extension, Json};
use chrono::{DateTime, Datelike as _, Utc};
use logistics_domain::OrderStreamId;
use logistics_projections::event_log::{self, HISTORY_MAX, HistoryRange, LoggedEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Orders, unknown_order};
use crate::actions::open_sealed_texts;
use crate::api::etag::Stamped;
use crate::api::extract::{Path, Query, refused_parameter};
use crate::api::gate::Scope;
use crate::api::input_errors::Expected;
use crate::api::problem::Problem;

/// The query: as of which instant, after which number of the stream, how many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    /// Only what was known at this instant (RFC 3339): all before the first event that was recorded later.
    as_of: Option<DateTime<Utc>>,
    /// Only events after this number in the order's stream; 0, the beginning, where none is given.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many events: 1 to 1000, 1000 where nothing is said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Events, oldest first. `next_after` goes into `after` to go on; null at the end.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    /// The events, oldest first.
    items: Vec<LoggedEvent>,
    /// Goes into `after` for the next page; null at the end.
    next_after: Option<i64>,
}

/// What became known of an order, when, and from whom.
#[utoipa::path(get, path = "/logistics/orders/{id}/history", tag = "orders",
    params(("id" = Uuid, Path, description = "The order"), HistoryQuery),
    responses((status = 200, description = "Events, oldest first", body = History)))]
pub(super) async fn history(
    State(orders): State<Orders>,
    scope: Scope,
    stamped: Option<Extension<Stamped>>,
    Path(id): Path<Uuid>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let limit = query.limit.unwrap_or(HISTORY_MAX);
    if !(1..=HISTORY_MAX).contains(&limit) {
        return Err(refused_parameter("limit", Expected::Between(1, HISTORY_MAX)));
    }
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(refused_parameter("after", Expected::AtLeast(0)));
    }
    // The database's calendar is shorter than the program's.
    if query.as_of.is_some_and(|instant| !(1..=9999).contains(&instant.year())) {
        return Err(refused_parameter("as_of", Expected::CalendarInstant));
    }
    if stamped.is_none() {
        return Err(unknown_order());
    }
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let range = HistoryRange { as_of: query.as_of, after, limit, ..HistoryRange::default() };
    let mut items = event_log::history(&mut *reading, &scope.0, OrderStreamId(id), range).await?;
    reading.release();
    if let Some(ring) = &orders.ring {
        open_sealed_texts(&orders.gate.pool, ring, OrderStreamId(id), &mut items).await?;
    }
    for event in &mut items {
        leave_sealed(&mut event.payload);
    }
    let full = i64::try_from(items.len()).is_ok_and(|found| found == limit);
    let next_after = items.last().filter(|_| full).map(|last| last.sequence);
    Ok(Json(History { items, next_after }))
}

/// Sealed data stays in the house: a reader learns that there is some, not its cipher or its fingerprint.
fn leave_sealed(payload: &mut Value) {
    match payload {
        Value::Object(fields) if fields.contains_key("sealed") && fields.contains_key("fingerprint") => {
            *payload = Value::String("sealed".to_owned());
        }
        Value::Object(fields) => fields.values_mut().for_each(leave_sealed),
        Value::Array(items) => items.iter_mut().for_each(leave_sealed),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sealed_does_not_leave_the_house() {
        let mut payload =
            json!({"recipient": {"fingerprint": "f", "sealed": "c2VjcmV0"}, "facts": [{"number": "1"}]});
        leave_sealed(&mut payload);
        assert_eq!(payload, json!({"recipient": "sealed", "facts": [{"number": "1"}]}));
    }
}
