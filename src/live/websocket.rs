//! Messages over a WebSocket: one JSON text each, with a member `event` that says which kind. Nothing is taken from the
//! follower but its answers to signs of life.

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, close_code};
use serde_json::json;
use tokio::time::timeout;

use super::LiveSettings;
use super::follower::{End, Message, Outbox};

/// The largest frame that is taken in, in bytes: room for what answers a sign of life.
pub(super) const FRAME_BYTES_MAX: usize = 1024;

/// The most frames that are taken in between two messages.
const FRAMES_MAX: u32 = 20;

/// The most signs of life that may stay unanswered.
const UNANSWERED_MAX: u32 = 2;

/// Close codes of our own: they tell a program whether to come back at once, to prove anew who it is, or to begin anew.
const NOT_ADMITTED: u16 = 4401;
const TOO_SLOW: u16 = 4408;
const REPLACED: u16 = 4409;

/// Passes messages on until one of the two sides ends.
pub(super) async fn serve(mut socket: WebSocket, mut outbox: Outbox, settings: LiveSettings) {
    let (mut frames, mut unanswered) = (0, 0);
    let close = loop {
        tokio::select! {
            message = outbox.next() => {
                frames = 0;
                let frame = match message {
                    None => break None,
                    Some(Message::End(end)) => break Some((code(end), end.detail())),
                    Some(Message::Beat) if unanswered == UNANSWERED_MAX => break None,
                    Some(Message::Beat) => {
                        unanswered += 1;
                        Frame::Ping("beat".into())
                    }
                    Some(Message::Position { position, head }) => {
                        text(&json!({"event": "position", "position": position, "head": head}))
                    }
                    Some(Message::Event(told)) => event(&told),
                };
                if !timeout(settings.patience, socket.send(frame)).await.is_ok_and(|sent| sent.is_ok()) {
                    break None;
                }
            }
            frame = socket.recv() => {
                frames += 1;
                match frame {
                    Some(Ok(Frame::Pong(_) | Frame::Ping(_))) if frames <= FRAMES_MAX => unanswered = 0,
                    Some(Ok(Frame::Text(_) | Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_))) => {
                        break Some((close_code::POLICY, "Nothing is taken here; only listen."));
                    }
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => break None,
                }
            }
        }
    };
    if let Some((code, reason)) = close {
        let last = Frame::Close(Some(CloseFrame { code, reason: reason.into() }));
        let _sent = timeout(settings.patience, socket.send(last)).await;
    }
}

fn event(told: &logistics_projections::event_log::FeedEvent) -> Frame {
    let mut message = json!(told);
    message["event"] = json!(if told.change.is_some() { "change" } else { "hidden" });
    text(&message)
}

fn text(message: &serde_json::Value) -> Frame {
    Frame::Text(message.to_string().into())
}

const fn code(end: End) -> u16 {
    match end {
        End::Stopping => close_code::AWAY,
        End::TooSlow => TOO_SLOW,
        End::NotAdmitted => NOT_ADMITTED,
        End::Replaced => REPLACED,
    }
}
