//! Orders by id, and what becomes of them: created, cancelled, split, merged, copied, moved backward.

use chrono::TimeDelta;
use logistics_ledger::sandbox::{OrderSpec, WorldError, status};
use serde_json::json;

use super::caller::{site, site_with};

#[tokio::test]
async fn an_order_by_id_has_its_items_and_an_unknown_one_is_404() {
    let site = site().await;
    let id = site.order("SO-1");
    let order = site.get(&format!("/api/order/{id}")).await.json();
    assert_eq!(order["OrderItems"].as_array().unwrap().len(), 2);
    assert_eq!(order["TotalItems"], json!(3));
    assert_eq!(site.get("/api/Order/999999").await.status, 404);
    assert_eq!(site.get("/api/Order/one").await.status, 400);
}

#[tokio::test]
async fn an_unknown_route_is_404_with_the_words_of_the_framework() {
    let site = site().await;
    let said = site.get("/api/Order/List/All").await;
    assert_eq!(said.status, 400, "it reads as an order called List");
    let said = site.get("/api/Nothing/Here").await;
    assert_eq!(said.status, 404);
    assert!(said.json()["Message"].as_str().unwrap().starts_with("No HTTP resource was found"));
}

#[tokio::test]
async fn an_integration_creates_an_order_once() {
    let site = site().await;
    let body = json!({
        "ordernumber": "SO-1917", "ClientId": 3, "FirstName": "Ada", "Address1": "1 Sample Street", "PostCode": "LS1 1AA",
        "CountryId": 1, "CourierServiceId": 2548, "OrderItems": [{ "SKU": "MUG-BLUE", "Quantity": 2 }],
        "ConnectAction": { "Type": "API", "SourceOrderId": "SO-1917" }
    });
    let made = site.put("/api/Order", body.clone()).await.json();
    let id = made[0]["OrderId"].as_i64().unwrap();
    assert_eq!((&made[0]["Success"], &made[0]["OrderStatus"]), (&json!(true), &json!("NEW")));
    assert_eq!(site.world.connect_actions(id)[0].source_order_id, "SO-1917");
    let row = site.get(&format!("/api/Order/{id}")).await.json();
    assert_eq!(row["LastUpdatedByUser"], json!("ops@example.com-API"));
    let again = site.put("/api/Order", body).await;
    assert_eq!((again.status, &again.json()[0]["Success"]), (200, &json!(false)));
}

#[tokio::test]
async fn creation_without_a_courier_service_is_refused_with_200() {
    let site = site().await;
    let said = site.put("/api/Order", json!({ "OrderNumber": "SO-1", "OrderItems": [{ "SKU": "A" }] })).await;
    assert_eq!(said.status, 200);
    let expected = json!([{ "OrderId": 0, "DropShipOrderId": 0, "OrderNumber": null, "Success": false,
        "OrderStatusId": 0, "OrderStatus": null, "Message": "No CourierService Specified!", "OrderItems": null }]);
    assert_eq!(said.json(), expected);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_400() {
    let site = site().await;
    let url = format!("{}/api/Order", site.sandbox.url());
    let request = site.http.put(url).header("ms-apikey", super::caller::KEY).body("{not json");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 400);
}

#[tokio::test]
async fn cancelling_is_a_get_that_changes_the_order() {
    let site = site().await;
    let id = site.order("SO-1");
    let said = site.get(&format!("/api/Order/{id}/Cancel")).await;
    let expected = format!(
        r#"{{"ID":{id},"Success":true,"SensitiveData":null,"Message":null,"WarningMessage":null,"AllocatedFromReplen":false}}"#
    );
    assert_eq!((said.status, said.text), (200, expected));
    let order = site.world.order(id).unwrap();
    assert_eq!((order.status, order.last_updated_by.as_deref()), (3, Some("ops@example.com-API")));
    site.world.set_status(id, status::NEW).unwrap();
    assert_eq!(
        site.get(&format!("/api/Order/{id}")).await.json()["OrderStatusId"],
        json!(1),
        "a person undid it"
    );
}

#[tokio::test]
async fn what_has_left_cannot_be_cancelled_where_the_warehouse_forbids_it() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, Some("JD1")).unwrap();
    let said = site.get(&format!("/api/Order/{id}/Cancel")).await;
    assert_eq!((said.status, &said.json()["Success"]), (200, &json!(false)));
    assert_eq!(said.json()["Message"], json!("Order cannot be cancelled"));
    assert_eq!(site.world.order(id).unwrap().status, status::DESPATCHED);
}

#[tokio::test]
async fn what_has_left_can_be_cancelled_where_the_warehouse_allows_it() {
    let site = site_with(|settings| settings.refuse_cancel_of_despatched = false).await;
    let id = site.order("SO-1");
    site.world.despatch(id, None).unwrap();
    assert_eq!(site.get(&format!("/api/Order/{id}/Cancel")).await.json()["Success"], json!(true));
}

#[tokio::test]
async fn the_nightly_run_invoices_what_was_despatched() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, Some("JD1")).unwrap();
    let path = format!("/api/Order/{id}");
    let despatched = site.get(&path).await.json();
    assert_eq!(despatched["OrderStatusId"], json!(4));
    site.clock.advance(TimeDelta::hours(9));
    let invoiced = site.get(&path).await.json();
    assert_eq!(invoiced["OrderStatusId"], json!(5));
    assert_eq!(invoiced["DespatchDate"], despatched["DespatchDate"]);
    assert!(invoiced["LastUpdated"].as_str().unwrap().starts_with("2026-02-09T22:00:00"));
}

#[tokio::test]
async fn an_untracked_despatch_has_a_date_and_no_number() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.despatch(id, None).unwrap();
    let order = site.get(&format!("/api/Order/{id}")).await.json();
    assert_eq!(order["TrackingNumber"], json!(null));
    assert_eq!(order["TrackingURL"], json!("https://track.example.com/"));
    assert!(order["DespatchDate"].is_string());
    assert_eq!(site.get(&format!("/api/Order/{id}/Shipments")).await.text, "[]");
}

#[tokio::test]
async fn parts_share_a_number_and_know_how_many_they_are() {
    let site = site().await;
    let whole = site.order("SO-2001");
    let part = site.world.split(whole, &["LADORE_B"]).unwrap();
    let rows = site.get("/api/Order/Search?OrderNumber=SO-2001&exactMatch=true").await;
    assert_eq!(rows.ids(), [whole, part]);
    let parts: Vec<_> = rows
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["Part"].clone(), row["NumberOfParts"].clone()))
        .collect();
    assert_eq!(parts, [(json!(1), json!(2)), (json!(2), json!(2))]);
    for id in [whole, part] {
        let splits = site.get(&format!("/api/Order/{id}/Splits")).await.json();
        assert_eq!((&splits[0]["OrderId"], &splits[0]["SplitOrderId"]), (&json!(whole), &json!(part)));
        assert_eq!(splits[0]["SplitOrder"]["ID"], json!(part));
    }
    assert_eq!(site.world.split(whole, &["LADORE_A"]), Err(WorldError::EmptyPart(whole)));
}

#[tokio::test]
async fn a_merged_order_survives_under_both_numbers_and_the_other_is_gone() {
    let site = site().await;
    let (first, second) = (site.order("SO-1"), site.order("SO-2"));
    site.world.merge(first, second).unwrap();
    assert_eq!(site.get(&format!("/api/Order/{second}")).await.status, 404);
    assert_eq!(site.get("/api/Order/List").await.ids(), [first]);
    assert_eq!(site.get("/api/Order/Search?OrderNumber=SO-2&exactMatch=true").await.text, "[]");
    let found = site.get("/api/Order/Search?OrderNumber=SO-2").await.json();
    assert_eq!(found[0]["OrderNumber"], json!("SO-1+SO-2"));
    assert_eq!(found[0]["OrderNameValues"][0]["Name"], json!("MergedOrder"));
    assert_eq!(found[0]["OrderNameValues"][0]["Value"], json!("True"));
}

#[tokio::test]
async fn copies_are_new_and_carry_it_in_their_number() {
    let site = site().await;
    let id = site.order("SO-1");
    let copy = site.world.copy(id).unwrap();
    let again = site.world.copy(copy).unwrap();
    assert_eq!(site.world.order(copy).unwrap().number, "SO-1-Copy");
    assert_eq!(site.world.order(again).unwrap().number, "SO-1-Copy-Copy");
    assert_eq!(site.world.order(again).unwrap().status, status::NEW);
}

#[tokio::test]
async fn orders_move_backward_and_to_statuses_that_nobody_published() {
    let site = site().await;
    let id = site.order("SO-1");
    for to in [2, 15, 16, 1, 2, 15, 16, 99] {
        site.world.set_status(id, to).unwrap();
    }
    let order = site.get(&format!("/api/Order/{id}")).await.json();
    assert_eq!(order["OrderStatusId"], json!(99));
    let names: Vec<_> =
        order["OrderNameValues"].as_array().unwrap().iter().map(|pair| pair["Name"].clone()).collect();
    assert_eq!(names.iter().filter(|name| **name == json!("PickingStartTime")).count(), 2, "names repeat");
    assert_eq!(order["OrderNameValues"][0]["Value"], json!("2026-02-09 14:00:00"));
}

#[tokio::test]
async fn personal_data_is_stripped_and_the_row_says_so() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.remove_personal_data(id).unwrap();
    let order = site.get(&format!("/api/Order/{id}")).await.json();
    assert_eq!((&order["PIIRemoved"], &order["PostCode"]), (&json!(true), &json!("")));
    assert!(order["Email"].is_null() || order["Email"] == json!(""));
}

#[tokio::test]
async fn every_change_has_a_later_date_and_a_silent_edit_has_none() {
    let site = site().await;
    let id = site.order("SO-1");
    let mut last = site.world.order(id).unwrap().last_updated;
    for _ in 0..5 {
        site.world.touch(id).unwrap();
        let now = site.world.order(id).unwrap().last_updated;
        assert!(now > last);
        last = now;
    }
    site.world.edit_silently(id, |order| order.status = 7).unwrap();
    assert_eq!((site.world.order(id).unwrap().last_updated, site.world.order(id).unwrap().status), (last, 7));
    assert_eq!(site.world.touch(1), Err(WorldError::UnknownOrder(1)));
}

#[tokio::test]
async fn the_reference_lists_are_those_of_upstream() {
    let site = site().await;
    let statuses = site.get("/api/Order/Statuses").await.json();
    assert_eq!(statuses.as_array().unwrap().len(), 23);
    assert_eq!(
        (&statuses[4]["Name"], &statuses[4]["ExternalName"]),
        (&json!("INVOICED"), &json!("DESPATCHED"))
    );
    assert_eq!((&statuses[22]["Name"], &statuses[22]["ID"]), (&json!("REBINNED"), &json!(23)));
    let couriers = site.get("/api/Courier/Services").await;
    assert!(couriers.text.starts_with(r#"[{"CourierServiceTypeId":8,"Name":"Parcel Next Day","TrackingURL":"https://track.example.com/","ActiveB":true,"ID":2548,"#));
}

#[tokio::test]
async fn ten_thousand_orders_are_made_at_once_and_paged_to_the_end() {
    let site = site().await;
    let brand = logistics_ledger::sandbox::Brand::of(3, "bulk");
    let ids = site.world.create_bulk(10_000, &brand);
    assert_eq!(ids.len(), 10_000);
    let last = site
        .get("/api/Order/List?SortOldestFirst=true&PageNo=100&SinceLastUpdated=2026-02-09T13:00:00")
        .await;
    assert_eq!(last.ids(), ids[9_900..]);
    let spec = OrderSpec::of(3, "one-more", &[("A", 1)]).in_status(status::PACKED);
    let id = site.world.create_order(spec);
    assert_eq!(site.get("/api/Order/List?OrderStatusId=20").await.ids(), [id]);
}
