//! What hangs on an order: comments, documents, shipments, scans and connect actions.

use base64::Engine as _;
use chrono::TimeDelta;
use logistics_ledger::sandbox::OrderSpec;
use serde_json::json;

use super::caller::site;

#[tokio::test]
async fn comments_keep_who_and_when_but_not_the_admin_flag() {
    let site = site().await;
    let id = site.order("SO-1");
    let path = format!("/api/Order/{id}/Comments");
    let before = site.world.order(id).unwrap().last_updated;
    let said = site.post(&path, json!({ "Comment": "Por la mañana", "Admin": true })).await.json();
    assert_eq!(said["Success"], json!(true));
    site.post(&path, json!({ "comment": "open", "admin": false })).await;
    let rows = site.get(&path).await.json();
    assert_eq!(rows[0]["LastUpdatedByUser"], json!("ops@example.com-API"));
    assert_eq!((&rows[0]["Comment"], &rows[0]["OrderStatusId"]), (&json!("Por la mañana"), &json!(1)));
    assert!(rows[0].get("Admin").is_none());
    assert_eq!(site.world.comments(id), [("Por la mañana".to_owned(), true), ("open".to_owned(), false)]);
    assert_eq!(site.world.order(id).unwrap().last_updated, before, "a comment does not touch the order");
    let key = site.log_in("three@example.com", "third").await;
    let seen = site.call("GET", &path, Some(&key), None).await.json();
    assert_eq!(seen.as_array().unwrap().len(), 1, "the warehouse's own note stays in the warehouse");
}

#[tokio::test]
async fn an_empty_comment_is_refused_with_200() {
    let site = site().await;
    let id = site.order("SO-1");
    let said = site.post(&format!("/api/Order/{id}/Comments"), json!({ "Comment": "  " })).await;
    assert_eq!((said.status, &said.json()["Success"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_label_is_a_real_pdf_behind_the_data_endpoint() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, Some("JD1")).unwrap();
    site.world.add_document(id, 3, "invoice.pdf").unwrap();
    let path = format!("/api/Order/{id}/Documents");
    let rows = site.get(&path).await.json();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!((&rows[0]["OrderDocumentTypeId"], &rows[0]["Base64Data"]), (&json!(5), &json!(null)));
    let document = rows[0]["ID"].as_i64().unwrap();
    let data = site.get(&format!("{path}/{document}/Data")).await.json();
    let bytes = base64::engine::general_purpose::STANDARD.decode(data.as_str().unwrap()).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(site.get(&format!("{path}/{document}")).await.json()["Base64Data"], data);
    assert_eq!(site.get(&format!("{path}/1")).await.status, 404);
}

#[tokio::test]
async fn a_shipment_lists_each_parcel() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, Some("JD1, JD2")).unwrap();
    let rows = site.get(&format!("/api/Order/{id}/Shipments")).await.json();
    assert_eq!((&rows[0]["Number"], &rows[0]["ParcelNumbers"]), (&json!("JD1"), &json!(["JD1", "JD2"])));
    let order = site.get(&format!("/api/Order/{id}")).await.json();
    assert_eq!((&order["TrackingNumber"], &order["NumberOfParcels"]), (&json!("JD1, JD2"), &json!(2)));
}

#[tokio::test]
async fn scans_are_listed_for_all_orders_and_only_for_shipments_that_are_followed() {
    let site = site().await;
    let (followed, other, alone) = (site.order("SO-1"), site.order("SO-2"), site.order("SO-3"));
    site.world.despatch(followed, Some("JD1")).unwrap();
    site.world.despatch(other, Some("JD2")).unwrap();
    site.world.add_shipment(alone, "HAND-1", false).unwrap();
    assert_eq!(site.world.add_tracking_event(followed, "Delivered"), Ok(true));
    assert_eq!(site.world.add_tracking_event(other, "out for delivery"), Ok(true));
    assert_eq!(site.world.add_tracking_event(alone, "Delivered"), Ok(false));
    let rows = site.get("/api/Order/Shipments/TrackingEvents/List").await.json();
    let seen: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["OrderShipment"]["OrderId"].clone()).collect();
    assert_eq!(seen, [json!(followed), json!(other)]);
    assert_eq!(rows[0]["TrackingStatusId"], json!(4));
    let statuses = site.get("/api/Order/Shipments/TrackingEvents/Statuses").await.json();
    assert_eq!(statuses[3], json!({ "ID": 4, "Name": "Delivered" }));
    let one = site.get("/api/Order/Shipments/TrackingEvents/List?TrackingStatusId=3").await;
    assert_eq!(one.ids().len(), 1);
    assert_eq!(site.world.order(followed).unwrap().status, 4, "there is no delivered state");
}

#[tokio::test]
async fn scans_come_five_hundred_a_page_and_by_the_date_of_their_row() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, Some("JD1")).unwrap();
    for _ in 0..501 {
        site.world.add_tracking_event(id, "InTransit").unwrap();
    }
    let list = "/api/Order/Shipments/TrackingEvents/List";
    assert_eq!(site.get(list).await.ids().len(), 500);
    assert_eq!(site.get(&format!("{list}?PageNo=2")).await.ids().len(), 1);
    assert_eq!(site.get(&format!("{list}?Limit=501")).await.status, 400);
    site.world.skip_time(TimeDelta::hours(2)).unwrap();
    let courier_time = site.world.now() - TimeDelta::days(1);
    site.world.add_tracking_event_at(id, "Delivered", "Entregado", courier_time).unwrap();
    let late = site.get(&format!("{list}?SinceLastUpdated=2026-02-09T15:00:00")).await.json();
    assert_eq!(late.as_array().unwrap().len(), 1);
    assert_eq!(late[0]["CourierTimeStamp"], json!("2026-02-08T16:00:00"));
    let nested = site.get(list).await.json();
    assert!(nested.as_array().unwrap().iter().any(|row| row["OrderShipment"].is_null()), "some rows lack it");
}

#[tokio::test]
async fn an_action_is_stored_as_sent_and_its_source_is_unique_for_the_client() {
    let site = site().await;
    let (id, other) = (site.order("SO-1"), site.order("SO-2"));
    let foreign = site.world.create_order(OrderSpec::of(5, "SO-1", &[("N_A", 1)]));
    let path = |id: i64| format!("/api/Order/{id}/ConnectActions");
    assert_eq!(site.get(&path(id)).await.text, "[]");
    let body = json!({ "Type": "API", "SourceOrderId": "SO-1", "Complete": false, "AccountId": 0,
        "ExtraCode1": "https://hooks.example.com/d?o=1", "ExtraCode4": "Bearer s3cret2" });
    assert_eq!(site.put(&path(id), body.clone()).await.json()["Success"], json!(true));
    let rows = site.get(&path(id)).await.json();
    assert_eq!((&rows[0]["OrderId"], &rows[0]["Type"]), (&json!(id), &json!("API")));
    assert_eq!((&rows[0]["ExtraCode1"], &rows[0]["Complete"]), (&body["ExtraCode1"], &json!(false)));
    let again = site.put(&path(other), body.clone()).await;
    assert_eq!((again.status, &again.json()["Success"]), (200, &json!(false)));
    assert_eq!(
        site.put(&path(foreign), body).await.json()["Success"],
        json!(true),
        "another client may use it"
    );
}
