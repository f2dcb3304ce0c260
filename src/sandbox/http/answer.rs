//! An answer before it leaves: status, body and the ways it can be spoilt. Absent: who decides that (`fault`).

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use crate::sandbox::wire;

const JSON: &str = "application/json; charset=utf-8";

/// An answer before it leaves.
pub struct Answer {
    pub code: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub retry_after_seconds: Option<u64>,
    pub wait: Duration,
    /// The connection breaks after half of the body.
    pub broken: bool,
}

impl Answer {
    /// A status with an empty body.
    pub fn status(code: u16) -> Self {
        Self {
            code,
            content_type: JSON,
            body: Vec::new(),
            retry_after_seconds: None,
            wait: Duration::ZERO,
            broken: false,
        }
    }

    /// 200 with JSON.
    pub fn json(value: &impl Serialize) -> Self {
        Self { body: wire::bytes(value), ..Self::status(200) }
    }

    /// A status with `{"Message":…}`.
    pub fn message(code: u16, message: &str) -> Self {
        Self { body: wire::bytes(&serde_json::json!({ "Message": message })), ..Self::status(code) }
    }

    /// A page of HTML.
    pub fn html(code: u16, page: &str) -> Self {
        Self { content_type: "text/html", body: page.as_bytes().to_vec(), ..Self::status(code) }
    }

    /// 400 in upstream's words.
    pub fn invalid(detail: &str) -> Self {
        let body = serde_json::json!({ "Message": "The request is invalid.", "MessageDetail": detail });
        Self { body: wire::bytes(&body), ..Self::status(400) }
    }

    /// 500 in upstream's words.
    pub fn trouble() -> Self {
        Self::message(500, "An error has occurred.")
    }

    /// 404 of an unknown path.
    pub fn no_route(path: &str) -> Self {
        let message = format!("No HTTP resource was found that matches the request URI '{path}'.");
        Self::message(404, &message)
    }

    /// 404 of an unknown order: some with a message, some without.
    pub fn no_order(id: i64) -> Self {
        if id % 2 == 0 { Self::status(404) } else { Self::message(404, "Order not found") }
    }

    pub async fn respond(self) -> Response {
        if !self.wait.is_zero() {
            tokio::time::sleep(self.wait).await;
        }
        let body = if self.broken {
            let half = Bytes::copy_from_slice(&self.body[..self.body.len() / 2]);
            let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Body::from_stream(futures_util::stream::iter([Ok(half), Err(cut)]))
        } else {
            Body::from(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
