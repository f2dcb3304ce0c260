//! `GET /logistics/stream`: what is asked, whether it may be, and in which of the two forms it is answered.

use async_trait::async_trait;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::feed_messages::StreamMessage;
use super::follower::{Admission, Follower};
use super::hub::{Live, NoSeat};
use super::{sse, websocket};
use crate::access::Right;
use crate::api::{Gate, Problem, Query, Routes, Scope, refused_position};

/// The header by which a browser comes back.
const LAST_EVENT_ID: &str = "Last-Event-ID";

impl Live {
    /// Its route.
    pub fn routes(&self) -> Routes {
        Routes::behind(&self.gate).tenant(Right::ReadOrders, routes!(stream), self.clone())
    }
}

/// Where to begin.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// The last position that you have; -1 begins at the first event. Without it, and without the header
    /// `Last-Event-ID`, which wins, the stream begins now.
    #[param(minimum = -1)]
    after: Option<i64>,
}

/// What happens to the tenant's orders, as it happens, from a position on: every event once, in the order of positions,
/// across reconnections, restarts and instances. Send `Upgrade: websocket` for a WebSocket with the same messages.
///
/// The first message, `position`, says where you begin. Then comes one message an event: `change` with the order that
/// changed, or `hidden`, of an order that is not shown for now. `end` says why the stream is closed. Come back with the
/// last position that you got; but where the code is `position_ahead`, the database lost what you were sent last: read anew
/// what you keep, and begin without a position.
#[utoipa::path(get, path = "/logistics/stream", tag = "live",
    params(StreamQuery, ("Last-Event-ID" = Option<i64>, Header, description = "The last position that you have")),
    responses(
        (status = 200, description = "Server-sent events, until one side ends them", content_type = "text/event-stream",
         body = StreamMessage),
        (status = 101, description = "The same messages over a WebSocket"),
        (status = 409, description = "The position lies beyond the ledger's end"),
        (status = 429, description = "Too many streams are open")))]
async fn stream(
    State(live): State<Live>,
    scope: Scope,
    headers: HeaderMap,
    Query(query): Query<StreamQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let asked = position(&headers, query.after)?;
    let upgrade = if headers.contains_key(header::UPGRADE) {
        require_own_origin(&headers)?;
        Some(upgrade.map_err(|rejection| {
            let told = rejection.body_text();
            let detail = format!("no WebSocket was asked for: {told}");
            Problem::of(StatusCode::BAD_REQUEST, "upgrade_invalid", detail).because(told)
        })?)
    } else {
        None
    };
    let seat = live.seat(scope.0).await.map_err(no_seat)?;
    let head = seat.feed().head().await?;
    if let Some(ahead) = asked.filter(|asked| *asked > head) {
        return Err(Problem::of(
            StatusCode::CONFLICT,
            "position_ahead",
            format!("the ledger has only come to {head}, not to {ahead}; begin anew without a position"),
        )
        .with("head", head));
    }
    let tenant = scope.tenant().to_string();
    let admission = Box::new(Credentials { gate: live.gate.clone(), headers, tenant });
    let follower = Follower {
        seat,
        position: asked.unwrap_or(head),
        head,
        admission,
        settings: live.settings.clone(),
        stopping: live.stopping.clone(),
    };
    let outbox = follower.start(&live.tasks);
    Ok(match upgrade {
        None => sse::answer(outbox),
        Some(upgrade) => {
            let (settings, tasks) = (live.settings, live.tasks);
            upgrade
                .max_message_size(websocket::FRAME_BYTES_MAX)
                .max_frame_size(websocket::FRAME_BYTES_MAX)
                .on_upgrade(async move |socket| {
                    tasks.track_future(websocket::serve(socket, outbox, settings)).await;
                })
        }
    })
}

/// The last position that the follower has, by the header or the query.
fn position(headers: &HeaderMap, after: Option<i64>) -> Result<Option<i64>, Problem> {
    let (given, field) = match headers.get(LAST_EVENT_ID) {
        Some(value) if !value.is_empty() => {
            let read = value.to_str().ok().and_then(|text| text.trim().parse().ok());
            (Some(read.ok_or_else(|| refused_position(LAST_EVENT_ID))?), LAST_EVENT_ID)
        }
        _ => (after, "after"),
    };
    if given.is_some_and(|position| position < -1) { Err(refused_position(field)) } else { Ok(given) }
}

/// A browser lets any page open a WebSocket to anywhere, and sends cookies along. A page of another origin is refused;
/// programs name none.
fn require_own_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let host = headers.get(header::HOST).and_then(text);
    let named = text(origin).and_then(|origin| Url::parse(&origin).ok()).and_then(|origin| {
        let host = origin.host_str()?.to_owned();
        Some(origin.port().map_or(host.clone(), |port| format!("{host}:{port}")))
    });
    if named.is_some() && named == host {
        return Ok(());
    }
    let told = "a page of another origin may not follow here; open the stream from the ledger's own pages";
    Err(Problem::of(StatusCode::FORBIDDEN, "origin_foreign", told))
}

fn no_seat(refused: NoSeat) -> Problem {
    match refused {
        NoSeat::Database(error) => error.into(),
        NoSeat::Full => {
            let told = "too many streams are open; close one, or try again later";
            Problem::of(StatusCode::TOO_MANY_REQUESTS, "streams_too_many", told)
                .header(header::RETRY_AFTER, HeaderValue::from_static("30"))
        }
    }
}

/// JSON of a message.
pub(super) fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("plain structs of text and numbers always have a JSON form")
}

/// What the follower proved itself with, to be asked again: for the tenant that is followed, whichever it would be now for
/// who names none.
struct Credentials {
    gate: Gate,
    headers: HeaderMap,
    tenant: String,
}

#[async_trait]
impl Admission for Credentials {
    async fn holds(&self) -> bool {
        let named = Some(self.tenant.as_str());
        match self.gate.admit(&self.headers, named, &Uri::default(), Right::ReadOrders).await {
            Ok(_) => true,
            Err(problem) => problem.status().is_server_error(),
        }
    }
}
