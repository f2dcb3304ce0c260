//! Shopify's deliveries: only `orders/paid` matters, and of those only what the warehouse has to send.

use serde_json::{Map, Value};

use super::{PaidOrder, ShopEvent, fields};
use crate::tenancy::ShopPlatform;

/// The one topic that is acted on.
const PAID: &str = "orders/paid";

/// Reads a delivery. `topic` is the header `X-Shopify-Topic`, empty where it was absent.
pub fn read_shopify(topic: &str, body: &[u8]) -> ShopEvent {
    let topic = topic.trim();
    if topic.is_empty() {
        return ShopEvent::ignored("The delivery names no topic; only orders/paid is acted on.");
    }
    if !topic.eq_ignore_ascii_case(PAID) {
        return ShopEvent::ignored(format!(
            "Deliveries of the topic {topic} are not acted on, only orders/paid."
        ));
    }
    let order = match fields::object(body) {
        Ok(order) => order,
        Err(why) => return ShopEvent::Unreadable { why },
    };
    if let Some(reason) = nothing_to_do(&order) {
        return ShopEvent::ignored(reason);
    }
    let order_number = fields::text(order.get("order_number"));
    let numbered = || order_number.as_ref().map(|number| format!("#{number}"));
    let external_id = fields::id(order.get("id"));
    let name = fields::text(order.get("name")).filter(|name| name != "#").or_else(numbered);
    match (external_id, name) {
        (Some(external_id), Some(name)) => ShopEvent::PaidOrder(PaidOrder {
            platform: ShopPlatform::Shopify,
            external_id,
            name,
            order_number,
        }),
        (None, _) => ShopEvent::unreadable("The order has no id that could be read."),
        (_, None) => {
            ShopEvent::unreadable("The order has neither a name nor an order number that could be read.")
        }
    }
}

/// Why the warehouse has nothing to do with a paid order, if so.
fn nothing_to_do(order: &Map<String, Value>) -> Option<&'static str> {
    if fields::is_true(order.get("test")) {
        return Some("It is a test order or a test notification.");
    }
    if fields::is_given(order.get("cancelled_at")) {
        return Some("The order was cancelled.");
    }
    let status = fields::text(order.get("financial_status")).unwrap_or_default();
    if status.eq_ignore_ascii_case("voided") {
        return Some("The payment was voided.");
    }
    if !fields::is_given(order.get("shipping_address")) {
        return Some("The order has no shipping address, so the warehouse has nothing to send.");
    }
    // Subscriptions can leave keys out; only a list that is there can say that nothing is to be sent.
    let lines = fields::list(order.get("line_items"))?;
    if !lines.iter().any(is_to_be_sent) {
        return Some("No line of the order needs shipping, so the warehouse has nothing to send.");
    }
    None
}

/// A line is to be sent unless it says otherwise, or an edit of the order has emptied it.
fn is_to_be_sent(line: &Value) -> bool {
    let emptied = line.get("current_quantity").and_then(Value::as_i64) == Some(0);
    line.get("requires_shipping") != Some(&Value::Bool(false)) && !emptied
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order() -> Value {
        json!({
            "id": 1, "name": "#1001", "order_number": 1001, "test": false, "financial_status": "paid",
            "cancelled_at": null, "shipping_address": {"city": "Lima"},
            "line_items": [{"requires_shipping": true, "current_quantity": 1}],
        })
    }

    fn read(order: &Value) -> ShopEvent {
        read_shopify(PAID, order.to_string().as_bytes())
    }

    fn with(key: &str, value: Value) -> ShopEvent {
        let mut order = order();
        order[key] = value;
        read(&order)
    }

    fn without(key: &str) -> ShopEvent {
        let mut order = order();
        order.as_object_mut().unwrap().remove(key);
        read(&order)
    }

    fn paid(name: &str, order_number: Option<&str>) -> ShopEvent {
        ShopEvent::PaidOrder(PaidOrder {
            platform: ShopPlatform::Shopify,
            external_id: "1".into(),
            name: name.into(),
            order_number: order_number.map(str::to_owned),
        })
    }

    fn is_ignored(event: &ShopEvent) -> bool {
        matches!(event, ShopEvent::Ignored { .. })
    }

    #[test]
    fn a_paid_order_is_told_by_id_name_and_number() {
        assert_eq!(read(&order()), paid("#1001", Some("1001")));
        assert_eq!(with("order_number", json!("A1")), paid("#1001", Some("A1")));
    }

    #[test]
    fn other_topics_are_ignored_even_if_their_body_cannot_be_read() {
        for topic in ["orders/updated", "orders/create", "", "app/uninstalled"] {
            assert!(is_ignored(&read_shopify(topic, b"<html>")), "{topic}");
        }
        assert!(!is_ignored(&read_shopify("Orders/Paid ", b"<html>")));
    }

    #[test]
    fn test_cancelled_and_voided_orders_are_ignored() {
        for (key, value) in [
            ("test", json!(true)),
            ("test", json!("true")),
            ("cancelled_at", json!("2026-01-01T00:00:00-05:00")),
            ("financial_status", json!("voided")),
        ] {
            assert!(is_ignored(&with(key, value)), "{key}");
        }
    }

    #[test]
    fn an_order_without_anything_to_send_is_ignored() {
        for (key, value) in [
            ("shipping_address", json!(null)),
            ("shipping_address", json!({"city": "", "zip": null})),
            ("line_items", json!([])),
            ("line_items", json!([{"requires_shipping": false}])),
            ("line_items", json!([{"requires_shipping": true, "current_quantity": 0}])),
        ] {
            assert!(is_ignored(&with(key, value)), "{key}");
        }
        assert!(is_ignored(&without("shipping_address")));
    }

    #[test]
    fn keys_that_are_absent_or_odd_do_not_hide_a_paid_order() {
        for key in ["test", "financial_status", "cancelled_at", "line_items"] {
            assert_eq!(without(key), paid("#1001", Some("1001")), "{key}");
        }
        assert_eq!(with("line_items", json!([{"sku": null}, 7])), paid("#1001", Some("1001")));
        assert_eq!(without("order_number"), paid("#1001", None));
        assert_eq!(without("name"), paid("#1001", Some("1001")));
        assert_eq!(with("name", json!(8301)), paid("8301", Some("1001")));
    }

    #[test]
    fn an_order_that_cannot_be_told_from_others_is_unreadable() {
        assert!(matches!(without("id"), ShopEvent::Unreadable { .. }));
        let mut nameless = order();
        nameless["name"] = json!("");
        nameless["order_number"] = json!(null);
        assert!(matches!(read(&nameless), ShopEvent::Unreadable { .. }));
    }
}
