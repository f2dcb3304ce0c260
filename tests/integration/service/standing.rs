//! Where an order stands, from the warehouse's status and the courier's scans to what the API answers.

use serde_json::{Value, json};

use super::site::Site;

async fn shown(site: &Site) -> Value {
    site.get("logistics/orders").await.expect(200)["items"][0].clone()
}

fn standing(order: &Value) -> [&Value; 6] {
    ["warehouse_phase", "carrier_phase", "must_act", "attention", "tab", "late"].map(|name| &order[name])
}

#[tokio::test]
async fn an_order_is_followed_from_the_warehouse_to_the_door_with_the_raw_words_beside() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1");
    site.sync().await;
    let order = shown(&site).await;
    let expected = [
        json!("received"),
        json!("none"),
        json!("warehouse"),
        Value::Null,
        json!("in_warehouse"),
        json!(false),
    ];
    assert_eq!(standing(&order).map(Clone::clone), expected);
    assert_eq!((&order["status"], &order["last_scan"]), (&json!("NEW"), &Value::Null));

    site.mintsoft.set_status(id, 13).unwrap();
    site.sync().await;
    let order = shown(&site).await;
    let expected = [
        json!("stopped"),
        json!("none"),
        json!("brand"),
        json!("query_raised"),
        json!("in_warehouse"),
        json!(false),
    ];
    assert_eq!(standing(&order).map(Clone::clone), expected);

    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.mintsoft.add_shipment(id, "JD1", true).unwrap();
    site.sync().await;
    let order = shown(&site).await;
    let expected = [
        json!("dispatched"),
        json!("pending"),
        json!("carrier"),
        Value::Null,
        json!("on_the_way"),
        json!(false),
    ];
    assert_eq!(standing(&order).map(Clone::clone), expected);

    assert!(site.mintsoft.add_tracking_event(id, "OutForDelivery").unwrap());
    site.sync().await;
    site.becomes(id, "carrier_phase", "out_for_delivery").await;
    let order = shown(&site).await;
    assert_eq!(
        (&order["last_scan"]["status"], &order["tab"]),
        (&json!("OutForDelivery"), &json!("on_the_way"))
    );
    assert_eq!(order["last_scan"]["aftership"], "OutForDelivery_001");

    assert!(site.mintsoft.add_tracking_event(id, "Delivered").unwrap());
    site.sync().await;
    site.becomes(id, "tab", "delivered").await;
    let order = shown(&site).await;
    let expected = [
        json!("dispatched"),
        json!("delivered"),
        json!("nobody"),
        Value::Null,
        json!("delivered"),
        json!(false),
    ];
    assert_eq!(standing(&order).map(Clone::clone), expected);
    assert_eq!(order["status"], "DESPATCHED", "the raw status stays");
}
