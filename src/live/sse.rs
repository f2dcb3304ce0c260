//! Messages as server-sent events: the position is the id, so that a browser comes back with it by itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use super::follower::{End, Message, Outbox};
use crate::clock;

/// The shortest time after which a browser comes back, and by how much it varies, so that not all come at once.
const RETRY_MS: u64 = 1000;
const RETRY_SPREAD_MS: u64 = 2000;

/// The answer that goes on until the queue ends.
pub(super) fn answer(outbox: Outbox) -> Response {
    let events = stream::unfold(outbox, async |mut outbox| {
        let message = outbox.next().await?;
        Some((Ok::<_, Infallible>(event(&message)), outbox))
    });
    let mut response = Sse::new(events).into_response();
    // A proxy that gathers the answer would hold the events back.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.headers_mut().insert(unbuffered.0, unbuffered.1);
    response
}

fn event(message: &Message) -> Event {
    match message {
        Message::Position { position, head } => {
            let spread = u64::from(u16::from_be_bytes(clock::random_bytes())) * RETRY_SPREAD_MS / 65_536;
            let told = json!({"position": position, "head": head});
            let event = Event::default().event("position").id(position.to_string()).data(told.to_string());
            event.retry(Duration::from_millis(RETRY_MS + spread))
        }
        Message::Event(told) => {
            let kind = if told.change.is_some() { "change" } else { "hidden" };
            Event::default().event(kind).id(told.position.to_string()).data(super::endpoint::json(told))
        }
        Message::Beat => Event::default().comment("beat"),
        Message::End(end) => {
            let told = json!({"code": end.code(), "detail": end.detail()});
            let event = Event::default().event("end").data(told.to_string());
            // An empty id makes a browser forget the position with which it would come back by itself.
            if *end == End::Replaced { event.id("") } else { event }
        }
    }
}
