//! A configuration is tried before it is stored: what is let in, what is refused with nothing stored, and how often
//! anybody logs in for it.

use logistics_ledger::sandbox::{Fault, OrderSpec};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::site::{CLIENT, Site, path};
use super::world::answer;

#[tokio::test]
async fn a_configuration_that_lets_us_in_is_stored_and_its_login_key_is_kept() {
    let site = Site::create().await;
    let made = site.post(7, &site.config("LADORE", &Site::good())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(made.body["connection"]["state"], "ok", "{made:?}");
    assert!(made.body["connection"]["tested_at"].is_string());
    assert_eq!(
        site.count("select count(*) from mintsoft_logins where key_sealed is not null").await,
        1,
        "the key that the trial got is the account's"
    );
    // The brand that joins has the same login: no second one is made, which would kill the first key.
    let joined = site.post(8, &site.config("KALLPA", &Site::good())).await;
    assert_eq!(joined.body["connection"]["state"], "ok", "{joined:?}");
    let tested = site.world.send(Method::POST, &format!("{}/test", path(7)), &site.key, &json!({})).await;
    assert_eq!((tested.status, &tested.body["state"]), (StatusCode::OK, &json!("ok")), "{tested:?}");
    assert_eq!(site.sandbox.world().count_calls("/Auth"), 1);
}

#[tokio::test]
async fn a_mistyped_password_replaces_nobodys_credentials() {
    let site = Site::create().await;
    site.post(7, &site.config("LADORE", &Site::good())).await;
    site.post(8, &site.config("KALLPA", &Site::good())).await;
    let sealed = "select count(distinct credentials_sealed) + count(distinct key_sealed)
                  from mintsoft_accounts, mintsoft_logins";
    assert_eq!(site.count(sealed).await, 2);
    let before = site.world.get(&path(8), &site.key).await.body;

    let mistyped = json!({"credentials": {"username": "ops@warehouse.example", "password": "sandbx"}});
    let refused = site.patch(7, &mistyped).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "connection_refused"));
    assert_eq!(refused.body["field"], "credentials");
    assert!(refused.detail().contains("Nothing was stored"), "{refused:?}");
    assert!(!refused.body.to_string().contains("sandbx"));

    assert_eq!(site.world.get(&path(8), &site.key).await.body, before, "nothing was stored");
    assert_eq!(site.count(sealed).await, 2, "and the key that works was not thrown away");
    let tested = site.world.send(Method::POST, &format!("{}/test", path(8)), &site.key, &json!({})).await;
    assert_eq!(tested.body["state"], "ok", "{tested:?}");
}

#[tokio::test]
async fn a_refused_first_configuration_leaves_nothing_behind() {
    let site = Site::create().await;
    let wrong_login = json!({"username": "ops@warehouse.example", "password": "wrong"});
    let wrong_key = json!({"api_key": "nobodys"});
    for credentials in [wrong_login, wrong_key] {
        let refused = site.post(7, &site.config("LADORE", &credentials)).await;
        assert_eq!(refused.code(), "connection_refused", "{refused:?}");
        assert_eq!(refused.body["field"], "credentials");
    }
    assert_eq!(site.world.get(&path(7), &site.key).await.code(), "logistics_config_missing");
    for table in ["select count(*) from mintsoft_accounts", "select count(*) from mintsoft_logins"] {
        assert_eq!(site.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn an_upstream_out_of_reach_is_told_apart_and_may_be_stored_untried() {
    let site = Site::create().await;
    site.sandbox.world().fail_next(Fault::HtmlBadGateway, 20, None);
    let config = site.config("LADORE", &Site::good());
    let away = site.post(7, &config).await;
    assert_eq!((away.status, away.code()), (StatusCode::SERVICE_UNAVAILABLE, "connection_untried"));
    assert!(away.detail().contains("unverified=true"), "{away:?}");
    let spanish = site.world.request(Method::POST, &path(7)).header("x-api-key", &site.key).json(&config);
    let spanish = answer(spanish.header("accept-language", "es")).await;
    assert!(
        spanish.detail().contains("no se guardó nada") && spanish.detail().contains("unverified=true"),
        "{spanish:?}"
    );
    assert_eq!(site.world.get(&path(7), &site.key).await.code(), "logistics_config_missing");
    let anyway = format!("{}?unverified=true", path(7));
    let made = site.world.send(Method::POST, &anyway, &site.key, &config).await;
    assert_eq!((made.status, &made.body["connection"]["state"]), (StatusCode::CREATED, &json!("not_tested")));
}

#[tokio::test]
async fn an_address_that_is_not_mintsofts_is_refused_by_its_field() {
    let site = Site::create().await;
    let mut config = site.config("LADORE", &json!({"api_key": "0a1b2c3d"}));
    config["api_url"] = json!(format!("http://{}/dashboard", site.world.app.address()));
    let refused = site.post(7, &config).await;
    assert_eq!(
        (refused.code(), &refused.body["field"]),
        ("connection_refused", &json!("api_url")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_does_not_touch_the_connection_is_stored_without_a_call() {
    let site = Site::create().await;
    site.post(7, &site.config("LADORE", &Site::good())).await;
    let calls = site.sandbox.world().calls().len();
    let changed = site.patch(7, &json!({"sync_enabled": false})).await;
    assert_eq!(
        (changed.status, &changed.body["connection"]["state"]),
        (StatusCode::OK, &json!("not_tested"))
    );
    assert_eq!(site.sandbox.world().calls().len(), calls);
}

#[tokio::test]
async fn a_brand_moves_to_an_account_of_its_own_end_to_end() {
    let site = Site::create().await;
    let shared = site.post(7, &site.config("LADORE", &Site::good())).await;
    site.post(8, &site.config("KALLPA", &Site::good())).await;
    let own = json!({"account_type": "dedicated", "shared_client_id": null,
                     "credentials": {"username": "ladore@brand.example", "password": "sandbox"}});
    let moved = site.patch(7, &own).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    assert_eq!(moved.body["connection"]["state"], "ok", "{moved:?}");
    assert_ne!(moved.body["account_id"], shared.body["account_id"]);
    let other = site.world.get(&path(8), &site.key).await.body;
    assert_eq!(other["account_id"], shared.body["account_id"], "the others stay where they are");
    let crowded = site.patch(8, &own).await;
    assert_eq!(crowded.code(), "account_not_dedicated", "{crowded:?}");
}

#[tokio::test]
async fn a_prefix_shows_which_parked_orders_it_would_find() {
    let site = Site::create().await;
    site.post(7, &site.config("LADORE", &Site::good())).await;
    let mintsoft = site.sandbox.world();
    for (number, sku) in
        [("tumi-1", "TUMI_A"), ("tumi-2", "TUMI_B"), ("tumi-3", "OTHER_A"), ("sol-1", "SOL_1")]
    {
        mintsoft.create_order(OrderSpec::of(CLIENT, number, &[(sku, 1)]));
    }
    site.sync(7).await;
    let preview = "/api/v1/tenants/8/logistics-config/preview?sku_prefix=Tumi";
    let found = site.world.get(preview, &site.key).await.body;
    assert_eq!(
        (&found["total"], &found["number_only"], &found["examined"]),
        (&json!(2), &json!(1), &json!(4))
    );
    let numbers: Vec<&str> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["mintsoft_order_number"].as_str())
        .collect();
    assert!(numbers.contains(&"tumi-1") && numbers.contains(&"tumi-2"), "{found}");
    let bad = site.world.get("/api/v1/tenants/8/logistics-config/preview?sku_prefix=a%20b", &site.key).await;
    assert_eq!(bad.code(), "query_invalid");
}
