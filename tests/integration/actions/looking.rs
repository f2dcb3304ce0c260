//! The page of an order: parcels, shop order, other parts, consignments, documents, and what can be done.

use logistics_ledger::access::Role;
use logistics_ledger::sandbox::Fault;
use serde_json::{Value, json};

use super::desk::{QUICK, cancel, cancelling, known_order, shown};
use crate::service::site::{KALLPA, LADORE, Site};
use crate::support::service::{Reply, until};

#[tokio::test]
async fn an_order_shows_its_shop_order_its_parcels_and_the_other_parts() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1001").await;
    assert_eq!(Reply::to(site.paid(LADORE, "w-1", 900, "#1001")).await.status, 200);
    site.becomes(upstream, "shop_order_name", "#1001").await;
    let part = site.mintsoft.split(upstream, &["LADORE_CREMA"]).unwrap();
    site.mintsoft.despatch(upstream, Some("JD1, JD2;JD1")).unwrap();
    site.sync().await;
    until("the consignments are known", async || {
        let shown = site.get(&format!("logistics/orders/{order}/shipments")).await.expect(200);
        shown["items"][0]["parcel_numbers"].as_array().is_some_and(|numbers| numbers.len() >= 2)
    })
    .await;
    let shown = site.get(&format!("logistics/orders/{order}")).await.expect(200);
    let shop = &shown["shop_order"];
    assert_eq!(
        (&shop["name"], &shop["platform"], &shop["basis"]),
        (&json!("#1001"), &json!("shopify"), &json!("name"))
    );
    let numbers: Vec<&str> = shown["parcels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parcel| parcel["number"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, ["JD1", "JD2"]);
    let parts = shown["parts"].as_array().unwrap();
    assert_eq!((parts.len(), &parts[0]["mintsoft_order_id"]), (1, &json!(part)));
    assert!(shown["items"].as_array().is_some() && shown["freshness"]["checked_at"].is_string(), "{shown}");

    // What becomes of the other part shows in the answer, so its tag does not hold.
    let ask = |tag: &str| {
        let request =
            site.service.request(reqwest::Method::GET, &format!("/api/v1/logistics/orders/{order}"));
        Reply::to(request.header("x-api-key", &site.ladore).header("if-none-match", tag))
    };
    let tag = ask("none").await.headers["etag"].to_str().unwrap().to_owned();
    site.mintsoft.despatch(part, Some("JD9")).unwrap();
    site.becomes(part, "status", "DESPATCHED").await;
    assert_eq!(ask(&tag).await.expect(200)["parts"][0]["tracking_number"], "JD9");
}

#[tokio::test]
async fn what_the_accounts_user_may_not_see_is_not_asked_for_at_each_look() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let path = format!("get /api/order/{upstream}/comments");
    site.mintsoft.fail_next(Fault::Unauthorized, 1_000, Some(&path));
    let look = async || site.get(&format!("logistics/orders/{order}/comments")).await;
    look().await;
    let asked = site.mintsoft.count_calls(&path);
    assert!(asked > 0, "the first look finds out");
    for _ in 0..3 {
        look().await;
    }
    assert_eq!(site.mintsoft.count_calls(&path), asked);
}

#[tokio::test]
async fn what_can_be_done_is_what_a_request_would_meet() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let path = format!("/api/v1/logistics/orders/{order}");
    let can = async |role| {
        let credential = site.key(role, LADORE).await;
        site.service.get(&path, &credential).await.expect(200)["can"].clone()
    };
    let allowed = json!({"allowed": true, "reason_code": null, "reason": null});
    assert_eq!(can(Role::Ventas).await, json!({"cancel": allowed, "comment": allowed, "link": allowed}));
    let logistica = can(Role::Logistica).await;
    assert_eq!(
        (&logistica["cancel"], &logistica["link"]["reason_code"]),
        (&allowed, &json!("role_not_allowed"))
    );
    let viewer = can(Role::Viewer).await;
    assert_eq!(viewer["comment"]["reason"], "The role VIEWER may not cancel orders or comment on them.");
    site.mintsoft.despatch(upstream, Some("JD1")).unwrap();
    site.sync().await;
    let late = can(Role::Admin).await;
    let refused = cancel(&site, &order, None, "mistake").await.expect(409);
    assert_eq!(late["cancel"]["reason_code"], refused["code"]);
    assert_eq!(late["cancel"]["reason"], refused["detail"]);
    assert_eq!(late["comment"], allowed);
}

/// The code with which both the order and a request say that it cannot be cancelled.
async fn refused_code(site: &Site, order: &str) -> String {
    let shown = site.get(&format!("logistics/orders/{order}")).await.expect(200)["can"]["cancel"].clone();
    let refused = cancel(site, order, None, "mistake").await.expect(409);
    assert_eq!((&shown["allowed"], &shown["reason_code"]), (&json!(false), &refused["code"]), "{refused}");
    assert_eq!(shown["reason"], refused["detail"]);
    refused["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whatever_stands_against_a_cancellation_is_shown_as_a_request_meets_it() {
    let site = Site::settled(&[]).await;
    let (cancelled, first) = known_order(&site, "ladore-1").await;
    site.mintsoft.cancel(cancelled).unwrap();
    let (erased, second) = known_order(&site, "ladore-2").await;
    site.mintsoft.remove_personal_data(erased).unwrap();
    let (gone, third) = known_order(&site, "ladore-3").await;
    site.mintsoft.merge(site.order("ladore-4"), gone).unwrap();
    site.sync().await;
    assert_eq!(refused_code(&site, &first).await, "order_cancelled");
    assert_eq!(refused_code(&site, &second).await, "order_erased");
    // That it is gone shows when it is asked for by its number.
    cancel(&site, &third, None, "mistake").await.expect(409);
    assert!(site.row(gone, "vanished_at").await.is_some());
    assert_eq!(refused_code(&site, &third).await, "order_vanished");

    let (waiting, fourth) = known_order(&site, "ladore-5").await;
    let path = format!("order/{waiting}/cancel");
    site.mintsoft.fail_next(Fault::ActsLate { milliseconds: 60_000 }, 1, Some(&path));
    let under_way = tokio::spawn(cancelling(&site.service, &site.ladore, &fourth, None, "mistake").send());
    until("it is asked for", async || shown(&site, &fourth).await["state"] == "requested").await;
    assert_eq!(refused_code(&site, &fourth).await, "cancellation_pending");
    under_way.abort();
}

#[tokio::test]
async fn documents_are_listed_and_handed_on_with_the_type_that_they_show() {
    let site = Site::settled(&QUICK).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let invoice = site.mintsoft.add_document(upstream, 3, "factura ñ.pdf").unwrap();
    let path = format!("logistics/orders/{order}/documents");
    let list = site.get(&path).await.expect(200);
    let listed = &list["items"][0];
    assert_eq!(
        (&listed["id"], &listed["type"], &listed["sha256"]),
        (&json!(invoice), &json!("INVOICE"), &Value::Null)
    );

    let bytes = site.get(&format!("{path}/{invoice}")).await;
    assert_eq!((bytes.status, &bytes.headers["content-type"]), (200, &"application/pdf".parse().unwrap()));
    assert!(bytes.text.starts_with("%PDF"), "{}", bytes.text);
    assert_eq!(bytes.headers["x-content-type-options"], "nosniff");
    let disposition = bytes.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "inline; filename=\"factura__.pdf\"; filename*=UTF-8''factura%20%C3%B1.pdf");
    assert!(bytes.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(bytes.headers["repr-digest"].to_str().unwrap().starts_with("sha-256=:"));
    let known = site.get(&path).await.expect(200)["items"][0].clone();
    assert_eq!(known["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(bytes.headers["content-length"], bytes.text.len().to_string());
    let again = site.service.request(reqwest::Method::GET, &format!("/api/v1/{path}/{invoice}"));
    let again = again.header("x-api-key", &site.ladore).header("if-none-match", &bytes.headers["etag"]);
    let again = Reply::to(again).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(again.headers["cache-control"], "private, no-cache");
    assert_eq!((&known["content_type"], &known["differs_since"]), (&json!("application/pdf"), &Value::Null));

    // Other bytes under the same number.
    sqlx::query("update order_documents set sha256 = sha256('older')")
        .execute(site.database.owner_pool())
        .await
        .unwrap();
    let changed = site.get(&format!("{path}/{invoice}")).await;
    assert!(changed.headers.contains_key("document-differs-since"), "{:?}", changed.headers);
    assert!(site.get(&path).await.expect(200)["items"][0]["differs_since"].is_string());
}

#[tokio::test]
async fn a_document_of_another_order_or_none_is_not_to_be_had_and_a_page_is_never_one() {
    let site = Site::settled(&QUICK).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let (other, _) = known_order(&site, "ladore-2").await;
    let foreign = site.mintsoft.add_document(other, 3, "other.pdf").unwrap();
    let own = site.mintsoft.add_document(upstream, 3, "own.pdf").unwrap();
    let path = format!("logistics/orders/{order}/documents");
    for id in [foreign, 0, i64::MAX] {
        assert_eq!(site.get(&format!("{path}/{id}")).await.expect(404)["code"], "document_unknown");
    }
    let kallpa = site.key(Role::Admin, KALLPA).await;
    let theirs = site.service.get(&format!("/api/v1/{path}/{own}"), &kallpa).await.expect(404);
    assert_eq!(theirs["code"], "order_unknown");
    site.get(&path).await.expect(200);
    site.mintsoft.fail_next(Fault::HtmlOk, 9, Some("/data"));
    let page = site.get(&format!("{path}/{own}")).await;
    assert_eq!(page.status, 503, "{}", page.text);
    site.mintsoft.forget_faults();
    site.mintsoft.fail_next(Fault::Oversize { bytes: 12 << 20 }, 1, Some("/data"));
    assert_eq!(site.get(&format!("{path}/{own}")).await.expect(409)["code"], "document_too_large");
}

#[tokio::test]
async fn the_history_tells_who_and_why_until_the_person_is_erased() {
    let site = Site::settled(&QUICK).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    cancel(&site, &order, None, "Rosa no longer wants it").await.expect(200);
    let path = format!("logistics/orders/{order}/history");
    let asked = async |site: &Site| {
        let history = site.get(&path).await.expect(200);
        let events = history["items"].as_array().unwrap().clone();
        events.into_iter().find(|event| event["type"] == "CancellationRequested").unwrap()
    };
    let event = asked(&site).await;
    assert_eq!(event["payload"]["reason"], "Rosa no longer wants it");
    assert!(event["payload"]["requested_by"].as_str().unwrap().starts_with("key:"), "{event}");
    let kept: i64 = site.count("select count(*) from events e where e::text like '%Rosa%'").await;
    assert_eq!(kept, 0, "it is sealed where it is kept");

    site.mintsoft.remove_personal_data(upstream).unwrap();
    site.sync().await;
    assert_eq!(asked(&site).await["payload"]["reason"], "erased");
    let refused = Reply::to(
        site.service
            .request(reqwest::Method::POST, &format!("/api/v1/logistics/orders/{order}/comments"))
            .header("x-api-key", &site.ladore)
            .json(&json!({"comment": "Who was it?"})),
    )
    .await;
    assert_eq!(refused.expect(409)["code"], "order_erased");
}
