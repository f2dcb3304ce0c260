//! WooCommerce's deliveries: an order in `processing` or `completed` is released to the warehouse, paid or to be paid
//! on delivery. Number plugins put the shown number into `number` or leave it in a meta value.

use serde_json::{Map, Value};

use super::{PaidOrder, ShopEvent, fields};
use crate::tenancy::ShopPlatform;

/// The statuses that release an order.
const RELEASED: [&str; 2] = ["processing", "completed"];
/// Where number plugins keep the shown number, the surest first.
const NUMBER_METAS: [&str; 4] =
    ["_order_number_formatted", "_order_number", "_alg_wc_full_custom_order_number", "_wcj_order_number"];
/// Shipping methods with which the customer comes to the shop.
const PICKUPS: [&str; 2] = ["local_pickup", "pickup_location"];
/// The most meta values that are looked through.
const METAS_MAX: usize = 10_000;

/// Reads a delivery. `topic` is the header `X-WC-Webhook-Topic`, empty where it was absent.
pub fn read_woocommerce(topic: &str, body: &[u8]) -> ShopEvent {
    let topic = topic.trim().to_ascii_lowercase();
    if topic == "order.deleted" {
        return ShopEvent::ignored("The shop deleted the order; the warehouse's order stays what it is.");
    }
    if !topic.starts_with("order.") {
        let topic = if topic.is_empty() { "without a name" } else { &topic };
        return ShopEvent::ignored(format!(
            "Deliveries of the topic {topic} are not acted on, only those of orders."
        ));
    }
    let order = match fields::object(body) {
        Ok(order) => order,
        Err(why) => return ShopEvent::Unreadable { why },
    };
    if let Some(reason) = nothing_to_do(&order) {
        return ShopEvent::ignored(reason);
    }
    let Some(external_id) = fields::id(order.get("id")) else {
        return ShopEvent::unreadable("The order has no id that could be read.");
    };
    let (name, order_number) = numbers(&order, &external_id);
    ShopEvent::PaidOrder(PaidOrder { platform: ShopPlatform::Woocommerce, external_id, name, order_number })
}

/// Why the warehouse has nothing to do with the order, if so.
fn nothing_to_do(order: &Map<String, Value>) -> Option<String> {
    if fields::list(order.get("line_items")).is_none_or(Vec::is_empty) {
        return Some("The delivery carries no order lines.".to_owned());
    }
    let status = fields::text(order.get("status")).unwrap_or_default().to_lowercase();
    let status = status.strip_prefix("wc-").unwrap_or(&status);
    if !RELEASED.contains(&status) {
        let status = if status.is_empty() { "not given" } else { status };
        return Some(format!("The order's status is {status}; processing and completed release an order."));
    }
    let shipping = fields::list(order.get("shipping_lines")).map(Vec::as_slice).unwrap_or_default();
    if !shipping.is_empty() && shipping.iter().all(is_pickup) {
        return Some("The customer picks the order up, so the warehouse has nothing to send.".to_owned());
    }
    None
}

fn is_pickup(shipping_line: &Value) -> bool {
    let method = fields::text(shipping_line.get("method_id")).unwrap_or_default();
    PICKUPS.iter().any(|pickup| method.starts_with(pickup))
}

/// The name the customer sees, and a second number where there is one. A `number` that only repeats the id was left
/// alone by the plugin, so its meta value is the name.
fn numbers(order: &Map<String, Value>, id: &str) -> (String, Option<String>) {
    let shown = fields::text(order.get("number")).filter(|number| number != "#");
    let metas = fields::list(order.get("meta_data")).map(Vec::as_slice).unwrap_or_default();
    let number_of = |key: &&str| {
        let of_key =
            metas.iter().take(METAS_MAX).filter(|meta| meta.get("key").and_then(Value::as_str) == Some(*key));
        of_key.filter_map(|meta| fields::text(meta.get("value"))).next_back()
    };
    let kept: Vec<String> = NUMBER_METAS.iter().filter_map(number_of).collect();
    match shown {
        Some(shown) if shown != id => {
            let other = kept.into_iter().find(|number| *number != shown);
            (shown, other)
        }
        _ => match kept.into_iter().find(|number| number != id) {
            Some(name) => (name, Some(id.to_owned())),
            None => (id.to_owned(), None),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order() -> Value {
        json!({"id": 40527, "number": "2502", "status": "processing", "line_items": [{"sku": ""}]})
    }

    fn read(order: &Value) -> ShopEvent {
        read_woocommerce("order.updated", order.to_string().as_bytes())
    }

    fn with(key: &str, value: Value) -> ShopEvent {
        let mut order = order();
        order[key] = value;
        read(&order)
    }

    fn paid(name: &str, order_number: Option<&str>) -> ShopEvent {
        ShopEvent::PaidOrder(PaidOrder {
            platform: ShopPlatform::Woocommerce,
            external_id: "40527".into(),
            name: name.into(),
            order_number: order_number.map(str::to_owned),
        })
    }

    fn is_ignored(event: &ShopEvent) -> bool {
        matches!(event, ShopEvent::Ignored { .. })
    }

    #[test]
    fn processing_and_completed_release_an_order_paid_or_not() {
        assert_eq!(read(&order()), paid("2502", None));
        for status in ["completed", "wc-processing", "Processing"] {
            assert_eq!(with("status", json!(status)), paid("2502", None), "{status}");
        }
        assert_eq!(with("date_paid", json!(null)), paid("2502", None));
    }

    #[test]
    fn other_statuses_are_ignored() {
        for status in
            [json!("pending"), json!("on-hold"), json!("cancelled"), json!("trash"), json!(null), json!(7)]
        {
            assert!(is_ignored(&with("status", status.clone())), "{status}");
        }
    }

    #[test]
    fn deletions_actions_other_resources_and_bodies_without_lines_are_ignored() {
        for topic in ["order.deleted", "action.woocommerce_order_status_changed", "product.updated", ""] {
            assert!(is_ignored(&read_woocommerce(topic, order().to_string().as_bytes())), "{topic}");
            assert!(is_ignored(&read_woocommerce(topic, b"junk")), "{topic}");
        }
        for lines in [json!([]), json!(null), json!({})] {
            assert!(is_ignored(&with("line_items", lines)));
        }
    }

    #[test]
    fn an_order_that_is_picked_up_is_ignored() {
        assert!(is_ignored(&with("shipping_lines", json!([{"method_id": "local_pickup"}]))));
        assert!(is_ignored(&with("shipping_lines", json!([{"method_id": "pickup_location:0"}]))));
        let both = json!([{"method_id": "local_pickup"}, {"method_id": "flat_rate"}]);
        assert_eq!(with("shipping_lines", both), paid("2502", None));
    }

    #[test]
    fn a_plugins_number_is_found_as_text_or_number_under_any_of_its_keys() {
        for key in NUMBER_METAS {
            for value in [json!("LAD-7"), json!("LAD-7 ")] {
                let mut order = order();
                order["number"] = json!("40527");
                order["meta_data"] = json!([{"key": "x", "value": [0]}, 5, {"key": key, "value": value}]);
                assert_eq!(read(&order), paid("LAD-7", Some("40527")), "{key}");
            }
        }
        let metas = json!([{"key": "_order_number", "value": 1042}, {"key": "_order_number_formatted", "value": "2502"}]);
        assert_eq!(with("meta_data", metas), paid("2502", Some("1042")));
    }

    #[test]
    fn odd_meta_values_are_passed_over() {
        for value in [json!(null), json!(true), json!([]), json!({"length": "4"}), json!("")] {
            assert_eq!(
                with("meta_data", json!([{"key": "_order_number", "value": value}])),
                paid("2502", None)
            );
        }
        assert_eq!(with("meta_data", json!("odd")), paid("2502", None));
    }

    #[test]
    fn without_a_number_the_id_is_the_name() {
        for number in [json!(null), json!(""), json!(40527), json!("40527")] {
            assert_eq!(with("number", number), paid("40527", None));
        }
    }

    #[test]
    fn an_order_without_an_id_is_unreadable() {
        assert!(matches!(with("id", json!("abc")), ShopEvent::Unreadable { .. }));
        assert!(matches!(read_woocommerce("order.created", b"webhook_id=17"), ShopEvent::Unreadable { .. }));
    }
}
