//! Which headers of a delivery are kept: those that help to trace it. Everything else, above all signatures, cookies and
//! addresses, is not.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

/// The longest value that is kept, in characters.
const VALUE_CHARS_MAX: usize = 200;

/// The headers that are kept.
const KEPT: [&str; 15] = [
    "content-type",
    "user-agent",
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-api-version",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-triggered-at",
    "x-shopify-test",
    "x-wc-webhook-source",
    "x-wc-webhook-topic",
    "x-wc-webhook-resource",
    "x-wc-webhook-event",
    "x-wc-webhook-id",
    "x-wc-webhook-delivery-id",
];

/// The kept headers as an object.
pub(super) fn kept(headers: &HeaderMap) -> Value {
    let found = KEPT.iter().filter_map(|name| {
        let value = text(headers, name);
        (!value.is_empty()).then(|| ((*name).to_owned(), Value::String(value)))
    });
    Value::Object(found.collect::<Map<_, _>>())
}

/// The value of a header, trimmed and cut to what is kept; empty where it is absent.
pub(super) fn text(headers: &HeaderMap, name: &str) -> String {
    let bytes = headers.get(name).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().filter(|letter| !letter.is_control()).take(VALUE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_traces_a_delivery_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("x-shopify-topic", HeaderValue::from_static("orders/paid"));
        headers.insert("user-agent", HeaderValue::from_bytes(b"x\xff").unwrap());
        for name in
            ["x-shopify-hmac-sha256", "x-wc-webhook-signature", "authorization", "cookie", "x-forwarded-for"]
        {
            headers.insert(name, HeaderValue::from_static("secret"));
        }
        assert_eq!(
            kept(&headers),
            serde_json::json!({"user-agent": "x\u{fffd}", "x-shopify-topic": "orders/paid"})
        );
    }

    #[test]
    fn a_long_value_is_cut() {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", HeaderValue::from_str(&"a".repeat(5000)).unwrap());
        assert_eq!(text(&headers, "user-agent").len(), VALUE_CHARS_MAX);
    }
}
