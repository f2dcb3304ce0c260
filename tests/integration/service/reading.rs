//! The API over real rows: the shape of a list and of an order, filters, paging, freshness, history, forced syncs.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use logistics_ledger::access::Role;
use logistics_ledger::sandbox::{Fault, OrderSpec, Recipient};
use reqwest::Method;
use serde_json::{Value, json};

use super::site::{CLIENT, KALLPA, LADORE, Site};
use crate::support::service::until;

/// What every order shows: the columns of the read table by their names, and what stands beside them.
const SHOWN: [&str; 27] = [
    "id",
    "tenant_id",
    "order_id",
    "mintsoft_order_id",
    "mintsoft_order_number",
    "status",
    "status_id",
    "courier_service",
    "courier_service_id",
    "tracking_number",
    "tracking_url",
    "dispatched_at",
    "estimated_delivery",
    "num_parcels",
    "weight",
    "order_data_json",
    "created_at",
    "updated_at",
    "part",
    "number_of_parts",
    "shop_order_name",
    "vanished_at",
    "items",
    "freshness",
    "ordered_at",
    "delivered_at",
    "cancellation",
];

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn numbers(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| item["mintsoft_order_number"].as_str().unwrap()).collect()
}

async fn listed(site: &Site, query: &str) -> Value {
    site.get(&format!("logistics/orders?{query}")).await.expect(200)
}

#[tokio::test]
async fn a_list_has_the_hosts_shape_and_every_order_all_its_columns() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1");
    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.sync().await;
    let list = listed(&site, "").await;
    assert_eq!(
        names(&list),
        BTreeSet::from(["items", "limit", "next_cursor", "skip", "total", "total_is_exact"])
    );
    assert_eq!((&list["total"], &list["skip"], &list["limit"]), (&json!(1), &json!(0), &json!(50)));
    let item = &list["items"][0];
    let missing: Vec<_> = SHOWN.iter().filter(|name| !names(item).contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} in {item}");
    assert_eq!(names(&item["freshness"]), BTreeSet::from(["age_seconds", "checked_at", "stale", "via"]));
    assert_eq!((&item["status"], &item["status_id"]), (&json!("DESPATCHED"), &json!(4)));
    assert_eq!((&item["tracking_number"], &item["tenant_id"]), (&json!("JD1"), &json!(7)));
    assert_eq!(item["items"].as_array().map(Vec::len), Some(2));

    let detail = site.get(&format!("logistics/orders/{}", site.id_of(id).await)).await.expect(200);
    assert!(detail["recipient"]["name"].is_string(), "{detail}");
    assert_eq!(item.get("recipient"), None, "a list shows no person");
}

#[tokio::test]
async fn orders_are_filtered_searched_sorted_and_paged() {
    let site = Site::settled(&[]).await;
    let day = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
    let of = |number: &str, sku: &str| OrderSpec::of(CLIENT, number, &[(sku, 1)]);
    let rosa = Recipient {
        first_name: Some("Rosa".into()),
        last_name: Some("Quispe Mamani".into()),
        ..site.mintsoft.invent_recipient()
    };
    // Half past ten in the evening of the 10th in Lima is the 11th in UTC.
    let late = OrderSpec { order_date: day("2026-11-11T03:30:00Z"), ..of("ladore-1", "LADORE_SERUM") };
    let next = OrderSpec { order_date: day("2026-11-11T15:00:00Z"), ..of("ladore-2", "LADORE_CREMA") };
    let last = OrderSpec { order_date: day("2026-11-12T15:00:00Z"), ..of("ladore-3", "LADORE_JABON") };
    let ids: Vec<i64> = [late, next.for_recipient(rosa), last]
        .into_iter()
        .map(|spec| site.mintsoft.create_order(spec))
        .collect();
    site.mintsoft.despatch(ids[2], Some("JD0073")).unwrap();
    site.sync().await;

    for (query, found) in [
        ("sort_by=ordered_at&sort_order=asc", vec!["ladore-1", "ladore-2", "ladore-3"]),
        ("sort_by=mintsoft_order_number&sort_order=desc", vec!["ladore-3", "ladore-2", "ladore-1"]),
        ("sort_by=ordered_at&sort_order=asc&skip=1&limit=1", vec!["ladore-2"]),
        ("status=DESPATCHED", vec!["ladore-3"]),
        ("status=4,3", vec!["ladore-3"]),
        ("status=new&sort_by=ordered_at&sort_order=asc", vec!["ladore-1", "ladore-2"]),
        ("date_from=2026-11-10&date_to=2026-11-10", vec!["ladore-1"]),
        ("date_from=2026-11-11&date_to=2026-11-11", vec!["ladore-2"]),
        ("date_from=2026-11-12", vec!["ladore-3"]),
        ("search=JD0073", vec!["ladore-3"]),
        ("search=crema", vec!["ladore-2"]),
        ("search=quispe", vec!["ladore-2"]),
        ("search=ladore-1", vec!["ladore-1"]),
        ("search=nobody", vec![]),
    ] {
        let list = listed(&site, query).await;
        assert_eq!(numbers(&list), found, "{query}");
    }
    let paged = listed(&site, "skip=2&limit=2").await;
    assert_eq!((&paged["total"], numbers(&paged).len()), (&json!(3), 1));
}

#[tokio::test]
async fn an_old_order_is_read_again_when_it_is_opened_and_shown_as_old_when_upstream_is_down() {
    let site = Site::settled(&[("LEDGER_REFRESH_AFTER", "1s"), ("LEDGER_UPSTREAM_TIMEOUT", "2s")]).await;
    let id = site.order("ladore-1");
    site.sync().await;
    let path = format!("logistics/orders/{}", site.id_of(id).await);
    // Without a trace in LastUpdated, and no callback tells of it.
    site.mintsoft.edit_silently(id, |order| order.tracking_number = Some("JD9".into())).unwrap();
    until("the data is old, and read again", async || {
        site.get(&path).await.expect(200)["tracking_number"] == "JD9"
    })
    .await;
    let fresh = site.get(&path).await.expect(200)["freshness"].clone();
    assert_eq!((&fresh["via"], &fresh["stale"]), (&json!("refresh"), &json!(false)), "{fresh}");

    site.mintsoft.fail_next(Fault::Status { code: 404 }, 1, Some(&format!("get /api/order/{id}")));
    for is_gone in [true, false] {
        until("the order is told to be gone, and is there again", async || {
            site.get(&path).await.expect(200)["vanished_at"].is_string() == is_gone
        })
        .await;
    }

    site.mintsoft.fail_next(Fault::HtmlBadGateway, 1_000, None);
    until("the order is shown as old", async || {
        let order = site.get(&path).await.expect(200);
        assert_eq!(order["tracking_number"], "JD9");
        order["freshness"]["stale"] == true
    })
    .await;
}

#[tokio::test]
async fn scans_and_history_are_shown_as_they_stand_and_as_they_stood() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1");
    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.sync().await;
    let path = format!("logistics/orders/{}", site.id_of(id).await);
    let before = site.get(&format!("{path}/history")).await.expect(200);
    let at = site.mintsoft.now() - Duration::hours(1);
    site.mintsoft.add_tracking_event_at(id, "OutForDelivery", "On the van", at).unwrap();
    site.sync().await;

    let scans = site.get(&format!("{path}/tracking")).await.expect(200);
    assert_eq!(scans["items"].as_array().map(Vec::len), Some(1), "{scans}");
    assert_eq!(scans["items"][0]["event_description"], "On the van");
    let after = site.get(&format!("{path}/history")).await.expect(200);
    let items = after["items"].as_array().unwrap();
    assert_eq!(items.len(), before["items"].as_array().unwrap().len() + 1);
    let shown =
        ["position", "sequence", "type", "version", "recorded_at", "observed_at", "source", "actor", "cause"];
    for name in shown.iter().chain(&["payload"]) {
        assert!(items[0].get(name).is_some(), "{name} in {}", items[0]);
    }
    let last = before["items"].as_array().unwrap().last().unwrap();
    let as_of = last["recorded_at"].as_str().unwrap().replace('+', "%2B");
    let then = site.get(&format!("{path}/history?as_of={as_of}")).await.expect(200);
    assert_eq!(then["items"], before["items"]);
}

#[tokio::test]
async fn nothing_of_a_tenant_is_there_for_another() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1");
    site.mintsoft.create_order(OrderSpec::of(CLIENT, "ladore-9", &[("KALLPA_X", 1)]));
    site.sync().await;
    let kallpa = site.key(Role::Admin, KALLPA).await;
    let order = site.id_of(id).await;
    for what in ["", "/tracking", "/history"] {
        let path = format!("/api/v1/logistics/orders/{order}{what}");
        assert_eq!(site.service.get(&path, &kallpa).await.status, 404, "{path}");
        assert_eq!(site.service.get(&path, &site.ladore).await.status, 200, "{path}");
    }
    let list = site.service.get("/api/v1/logistics/orders", &kallpa).await.expect(200);
    assert_eq!((&list["total"], &list["items"]), (&json!(0), &json!([])));

    // The doubtful order is nobody's, and staff alone sees why.
    assert_eq!(numbers(&listed(&site, "").await), ["ladore-1"]);
    let path = "/api/v1/logistics/parked-orders";
    assert_eq!(site.service.get(path, &site.ladore).await.status, 403);
    let parked = site.service.get(path, &site.staff).await.expect(200);
    assert_eq!((&parked["total"], &parked["items"][0]["reason"]), (&json!(1), &json!("sku_disagrees")));
}

#[tokio::test]
async fn a_forced_sync_is_accepted_told_of_and_refused_while_one_runs() {
    let site = Site::settled(&[]).await;
    site.order("ladore-1");
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 5_000 }, 1, Some("order/list"));
    let path = format!("tenants/{LADORE}/logistics/sync");
    let asked = site.staff(Method::POST, &path, &Value::Null).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let location = asked.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(asked.body["state"], "queued");
    let refused = site.staff(Method::POST, &path, &Value::Null).await;
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert_eq!(refused.expect(409)["run_id"], asked.body["run_id"]);
    let mut run = Value::Null;
    until("the run is done", async || {
        run = site.service.get(&location, &site.staff).await.expect(200);
        run["state"] == "done"
    })
    .await;
    assert_eq!((&run["pages"], &run["seen"], &run["changed"]), (&json!(1), &json!(1), &json!(1)), "{run}");
    assert_eq!(run["error"], Value::Null);

    site.mintsoft.fail_next(Fault::HtmlOk, 50, Some("order/list"));
    let asked = site.staff(Method::POST, &path, &Value::Null).await;
    let location = asked.headers["location"].to_str().unwrap().to_owned();
    until("the run failed and says why", async || {
        let run = site.service.get(&location, &site.staff).await.expect(200);
        run["state"] == "failed" && run["error"].is_string()
    })
    .await;
}
