//! What the platform's staff looks after: tenants, shops, accounts, and what was given up.

use logistics_ledger::sandbox::Fault;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::site::{CLIENT, Site};

#[tokio::test]
async fn tenants_are_listed_added_and_changed() {
    let site = Site::create().await;
    let new = json!({"id": 9, "name": "Tumi", "slug": "tumi", "timezone": "America/Bogota"});
    let made = site.send(Method::POST, "tenants", &new).await;
    assert_eq!((made.status, &made.body["is_active"]), (StatusCode::CREATED, &json!(true)), "{made:?}");
    assert_eq!(made.headers["location"], "/api/v1/tenants/9");
    assert_eq!(site.get("tenants/9").await.body, made.body);
    assert_eq!(site.send(Method::POST, "tenants", &new).await.code(), "tenant_exists");

    let off = json!({"is_active": false, "name": "Tumi Perú"});
    let changed = site.send(Method::PATCH, "tenants/9", &off).await;
    assert_eq!(
        (&changed.body["is_active"], &changed.body["slug"]),
        (&json!(false), &json!("tumi")),
        "{changed:?}"
    );
    let taken = site.send(Method::PATCH, "tenants/9", &json!({"slug": "ladore"})).await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "tenant_exists"));
    for (field, bad) in [("slug", json!("No Slug")), ("name", json!(" ")), ("timezone", json!("Lima"))] {
        let refused = site.send(Method::PATCH, "tenants/9", &json!({field: bad})).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field))
        );
    }
    for (query, total) in
        [("", 3), ("?search=LAD", 1), ("?search=9", 1), ("?is_active=false", 1), ("?search=%25", 0)]
    {
        assert_eq!(site.get(&format!("tenants{query}")).await.body["total"], total, "{query}");
    }
    assert_eq!(site.get("tenants/99").await.code(), "tenant_unknown");
    assert_eq!(site.send(Method::PATCH, "tenants/99", &json!({})).await.code(), "tenant_unknown");
}

#[tokio::test]
async fn a_rotated_shop_shows_its_overlap_which_may_be_ended() {
    let site = Site::create().await;
    let shop = "tenants/7/shops/shopify";
    for secret in ["first-secret", "second-secret"] {
        let put = site.send(Method::PUT, shop, &json!({"webhook_secret": secret})).await;
        assert_eq!(put.status, StatusCode::OK, "{put:?}");
        assert!(put.body["webhook_url"].as_str().unwrap().ends_with("/api/v1/webhooks/shopify/7"));
    }
    let shops = site.get("tenants/7/shops").await.body;
    assert_eq!((&shops["total"], &shops["items"][0]["older_secrets"]), (&json!(1), &json!(1)), "{shops}");
    assert!(shops["items"][0]["older_until"].is_string());
    assert!(!shops.to_string().contains("-secret"));

    assert_eq!(paid(&site, "first-secret", "1").await, 200, "both are good");
    assert_eq!(paid(&site, "second-secret", "2").await, 200);
    let ended = site.send(Method::DELETE, &format!("{shop}/older"), &json!({})).await;
    assert_eq!((ended.status, &ended.body["older_secrets"]), (StatusCode::OK, &json!(0)), "{ended:?}");
    assert_eq!(paid(&site, "first-secret", "3").await, 401, "the older one ended");
    assert_eq!(paid(&site, "second-secret", "4").await, 200);

    let shops = site.get("tenants/7/shops").await.body;
    assert!(shops["items"][0]["last_delivery_at"].is_string(), "{shops}");
    crate::support::service::until("the rejection is counted", async || {
        site.get("tenants/7/shops").await.body["items"][0]["rejected_7_days"] == 1
    })
    .await;
    let none = site.send(Method::DELETE, "tenants/7/shops/woocommerce/older", &json!({})).await;
    assert_eq!(none.code(), "shop_unknown");
}

/// What a paid order of Ladore's shop, signed like this, is answered with.
async fn paid(site: &Site, secret: &str, webhook_id: &str) -> u16 {
    let body = json!({"id": 5, "name": "#1001", "financial_status": "paid"}).to_string();
    deliver(site, secret, webhook_id, &body).await
}

async fn deliver(site: &Site, secret: &str, webhook_id: &str, body: &str) -> u16 {
    let request = site.world.request(Method::POST, "/api/v1/webhooks/shopify/7");
    let sent = request
        .header("content-type", "application/json")
        .header("x-shopify-topic", "orders/paid")
        .header("x-shopify-webhook-id", webhook_id)
        .header("x-shopify-hmac-sha256", crate::service::site::sign(secret, body.as_bytes()))
        .body(body.to_owned())
        .send()
        .await;
    sent.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_accounts_health_tells_when_it_was_read_and_since_when_it_fails() {
    let site = Site::with_both_brands().await;
    site.sandbox.world().create_order(logistics_ledger::sandbox::OrderSpec::of(CLIENT, "x-1", &[("X_1", 1)]));
    site.sync(7).await;
    let accounts = site.get("accounts").await.body;
    assert_eq!(accounts["total"], 1, "{accounts}");
    let health = &accounts["items"][0];
    assert_eq!((&health["state"], &health["parked"]), (&json!("ok"), &json!(1)), "{health}");
    assert_eq!(health["last_run"]["state"], "done");
    assert_eq!(health["tenants"].as_array().unwrap().len(), 2);
    assert_eq!(health["login"]["kind"], "login");
    for told in ["last_polled_at", "orders_read_up_to", "scans_read_up_to"] {
        assert!(health[told].is_string(), "{told}: {health}");
    }
    assert!(health["login"]["key_obtained_at"].is_string() && health["lag_seconds"].is_u64(), "{health}");
    assert_eq!(health["failing_since"], Value::Null);
    assert!(!accounts.to_string().contains("sandbox\""), "no password: {accounts}");

    site.sandbox.world().fail_next(Fault::HtmlOk, 50, Some("Order/List"));
    assert_eq!(site.sync(7).await["state"], "failed");
    let id = health["account_id"].as_str().unwrap();
    let failing = site.get(&format!("accounts/{id}")).await.body;
    assert_eq!(failing["state"], "failing", "{failing}");
    assert!(failing["failing_since"].is_string() && failing["last_run"]["error"].is_string(), "{failing}");
    let runs = site.get(&format!("accounts/{id}/runs?limit=1")).await.body;
    assert!(runs["total"].as_i64().unwrap() >= 2, "{runs}");
    assert_eq!(runs["items"][0]["state"], "failed");
    let of_tenant = site.get("tenants/7/logistics/sync").await.body;
    assert_eq!(of_tenant["total"], runs["total"]);
    let unknown = site.get("accounts/00000000-0000-0000-0000-000000000000").await;
    assert_eq!(unknown.code(), "account_unknown");
}

#[tokio::test]
async fn what_was_given_up_is_listed_without_bodies_tried_again_and_dismissed() {
    let site = Site::create().await;
    site.send(Method::PUT, "tenants/7/shops/shopify", &json!({"webhook_secret": "s3cret"})).await;
    let body = "{\"customer\": \"Rosa Quispe\"";
    assert_eq!(deliver(&site, "s3cret", "w1", body).await, 200, "signed, kept, and not readable");
    sqlx::query(
        "insert into jobs (kind, payload, state, attempts, last_error, finished_at)
         values ('poll_account', '{}', 'dead', 5, 'it did not work', clock_timestamp())",
    )
    .execute(site.world.database.owner_pool())
    .await
    .unwrap();
    crate::support::service::until("the delivery is dead", async || {
        site.get("dead-letters").await.body["total"] == 2
    })
    .await;
    let deliveries = site.get("dead-letters?kind=delivery").await.body;
    assert_eq!(deliveries["total"], 1, "{deliveries}");
    let letter = deliveries["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(deliveries["items"][0]["tenant_id"], 7);

    let shown = site.get(&format!("dead-letters/{letter}")).await.body;
    assert!(shown["beside"]["body_sha256"].is_string() && !shown.to_string().contains("Rosa"), "{shown}");
    let unasked = site.get(&format!("dead-letters/{letter}/body")).await;
    assert_eq!(unasked.code(), "query_invalid");
    assert!(unasked.detail().contains("personal_data=true"));
    let opened = site.get(&format!("dead-letters/{letter}/body?personal_data=true")).await.body;
    assert_eq!((&opened["body"], &opened["encoding"]), (&json!(body), &json!("utf-8")));
    assert!(opened["warning"].as_str().unwrap().contains("personal data"));

    let again = site.send(Method::POST, &format!("dead-letters/{letter}/retry"), &json!({})).await;
    assert_eq!((again.status, &again.body["state"]), (StatusCode::ACCEPTED, &json!("queued")), "{again:?}");
    crate::support::service::until("it is dead once more", async || {
        site.get("dead-letters?kind=delivery").await.body["total"] == 1
    })
    .await;
    let silent =
        site.send(Method::POST, &format!("dead-letters/{letter}/dismiss"), &json!({"reason": ""})).await;
    assert_eq!(silent.body["field"], "reason");
    let why = json!({"reason": "The shop sent half a body"});
    let gone = site.send(Method::POST, &format!("dead-letters/{letter}/dismiss"), &why).await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    assert_eq!(site.get("dead-letters?kind=delivery").await.body["total"], 0);
    let hidden = site.get("dead-letters?kind=delivery&dismissed=true").await.body;
    assert_eq!(hidden["items"][0]["dismissed_because"], "The shop sent half a body");

    for deed in ["retry", "dismiss"] {
        let body = if deed == "retry" { json!({}) } else { why.clone() };
        let none = site.send(Method::POST, &format!("dead-letters/job-999999/{deed}"), &body).await;
        assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "letter_unknown"));
    }
}

#[tokio::test]
async fn who_changed_a_tenant_its_configuration_or_a_shop_last_stands_beside_it() {
    let site = Site::with_both_brands().await;
    let places = ["tenants/7", "tenants/7/logistics-config", "tenants/7/shops"];
    let told = async || {
        let mut told = Vec::new();
        for place in places {
            let shown = site.get(place).await.body;
            let one = shown.get("items").map_or(&shown, |items| &items[0]);
            told.push(one["updated_by"].as_str().unwrap_or_default().to_owned());
        }
        told
    };
    let secret = json!({"webhook_secret": "first-secret"});
    site.send(Method::PUT, "tenants/7/shops/shopify", &secret).await;
    let before = told().await;
    assert!(before[0] == "operator" && before[1].starts_with("key:") && before[2] == before[1], "{before:?}");

    // Somebody else of the staff.
    let other = site.world.staff().await;
    for (method, place, body) in [
        (Method::PATCH, places[0], json!({"name": "Ladore Perú"})),
        (Method::PATCH, places[1], json!({"sync_enabled": false})),
        (Method::DELETE, "tenants/7/shops/shopify/older", json!({})),
    ] {
        let changed = site.world.send(method, &format!("/api/v1/{place}"), &other, &body).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    }
    let after = told().await;
    assert!(after[0].starts_with("key:") && after[0] != before[1], "{after:?}");
    assert_eq!(after, vec![after[0].clone(); 3]);
}

#[tokio::test]
async fn nothing_is_read_for_a_tenant_that_is_switched_off() {
    let site = Site::with_both_brands().await;
    let refused = async || site.send(Method::POST, "tenants/7/logistics/sync", &json!({})).await;
    site.patch(7, &json!({"sync_enabled": false})).await;
    assert_eq!((refused().await.status, refused().await.code()), (StatusCode::CONFLICT, "sync_disabled"));
    site.patch(7, &json!({"sync_enabled": true})).await;
    site.send(Method::PATCH, "tenants/7", &json!({"is_active": false})).await;
    let told = refused().await;
    assert_eq!((told.status, told.code()), (StatusCode::CONFLICT, "tenant_switched_off"), "{told:?}");
    site.send(Method::PATCH, "tenants/7", &json!({"is_active": true})).await;
    site.sync(7).await;
}
