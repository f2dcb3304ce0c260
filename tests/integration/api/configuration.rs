//! The logistics configuration and the shops over HTTP: what goes in, what comes out, and what is refused how.

use logistics_domain::TenantId;
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::tenancy::{ShopPlatform, Tenancy};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{World, answer};

const PATH: &str = "/api/v1/tenants/7/logistics-config";

/// Nothing answers under these addresses, so nothing is tried; `connection` shows what is otherwise done.
const STORE: &str = "/api/v1/tenants/7/logistics-config?unverified=true";

fn config() -> Value {
    json!({
        "provider": "mintsoft",
        "account_type": "shared",
        "api_url": "https://api.mintsoft.co.uk/api/",
        "credentials": {"username": "ops@warehouse.example", "password": "hunter2hunter2"},
        "sku_prefix": "LADORE",
        "shared_client_id": 3,
        "timezone": "Europe/London",
        "sync_enabled": true
    })
}

/// The configuration with one field changed, or taken away.
fn with(field: &str, value: Option<Value>) -> Value {
    let mut body = config();
    match value {
        Some(value) => body[field] = value,
        None => drop(body.as_object_mut().unwrap().remove(field)),
    }
    body
}

#[tokio::test]
async fn a_configuration_is_given_shown_and_changed_and_no_credential_comes_back() {
    let world = World::create().await;
    let key = world.staff().await;
    let missing = world.get(PATH, &key).await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "logistics_config_missing"));

    let made = world.send(Method::POST, STORE, &key, &config()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(made.headers["location"], PATH);
    assert_eq!(made.body["api_url"], "https://api.mintsoft.co.uk");
    assert_eq!(made.body["credentials"], json!({"kind": "login", "set_at": "2026-09-21T14:13:20Z"}));
    assert!(
        !made.body.to_string().contains("hunter2") && !made.body.to_string().contains("warehouse.example")
    );
    assert_eq!(made.body["connection"]["state"], "not_tested");
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().remove("connection");
    assert_eq!(world.get(PATH, &key).await.body, shown);

    let again = world.send(Method::POST, STORE, &key, &config()).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "logistics_config_exists"));

    let patch = json!({"credentials": {"api_key": "0a1b2c3d"}, "sync_enabled": false});
    let changed = world.send(Method::PATCH, STORE, &key, &patch).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(changed.body["credentials"]["kind"], "api_key");
    assert_eq!(changed.body["sync_enabled"], false);
    assert_eq!(changed.body["sku_prefix"], "LADORE", "what is absent stays");
    assert_eq!(changed.body["account_id"], made.body["account_id"], "the account stays");

    let nothing = world.send(Method::PATCH, "/api/v1/tenants/8/logistics-config", &key, &json!({})).await;
    assert_eq!(nothing.code(), "logistics_config_missing");
}

#[tokio::test]
async fn null_takes_away_what_may_be_absent_and_nothing_else() {
    let world = World::create().await;
    let key = world.staff().await;
    world.send(Method::POST, STORE, &key, &config()).await;
    let patch = json!({"account_type": "dedicated", "sku_prefix": null, "shared_client_id": null});
    let changed = world.send(Method::PATCH, STORE, &key, &patch).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(
        (&changed.body["sku_prefix"], &changed.body["shared_client_id"]),
        (&Value::Null, &Value::Null)
    );
    for field in ["api_url", "account_type", "credentials", "timezone", "sync_enabled"] {
        let refused = world.send(Method::PATCH, PATH, &key, &json!({field: null})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(refused.detail().contains(field), "{refused:?}");
    }
    let bare = world.send(Method::PATCH, PATH, &key, &json!({"account_type": "shared"})).await;
    assert_eq!(bare.body["field"], "sku_prefix", "a shared account needs a prefix");
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_the_field_and_without_repeating_secrets() {
    let world = World::create().await;
    let key = world.staff().await;
    for (field, value) in [
        ("account_type", Some(json!("both"))),
        ("account_type", None),
        ("api_url", Some(json!("http://api.mintsoft.co.uk"))),
        ("api_url", Some(json!("https://169.254.169.254/"))),
        ("credentials", Some(json!("hunter2hunter2"))),
        ("credentials", Some(json!({"username": "ops"}))),
        ("credentials", Some(json!({"username": "ops", "password": "hunter2", "api_key": "x"}))),
        ("credentials", None),
        ("sku_prefix", None),
        ("sku_prefix", Some(json!("LA DORE"))),
        ("sku_prefix", Some(json!(7))),
        ("shared_client_id", Some(json!(-3))),
        ("shared_client_id", Some(json!("3"))),
        ("timezone", Some(json!("London"))),
        ("sync_enabled", Some(json!("yes"))),
        ("provider", Some(json!("other"))),
        ("sync_enable", Some(json!(true))),
    ] {
        let refused = world.send(Method::POST, STORE, &key, &with(field, value.clone())).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value:?}: {refused:?}");
        refused.code();
        assert!(refused.detail().contains(field), "{field} {value:?}: {refused:?}");
        assert!(!refused.body.to_string().contains("hunter2"), "{refused:?}");
    }
    assert_eq!(world.get(PATH, &key).await.code(), "logistics_config_missing", "nothing of it was kept");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_as_what_it_is() {
    let world = World::create().await;
    let key = world.staff().await;
    let post = |content: &'static str, body: String| {
        let request = world.request(Method::POST, PATH).header("x-api-key", &key);
        answer(request.header("content-type", content).body(body))
    };
    let broken = post("application/json", "{\"provider\":".to_owned()).await;
    assert_eq!((broken.status, broken.code()), (StatusCode::BAD_REQUEST, "body_not_json"));
    let form = post("application/x-www-form-urlencoded", "a=1".to_owned()).await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    form.code();
    let huge = post("application/json", format!("\"{}\"", "x".repeat(1024 * 1024))).await;
    assert_eq!((huge.status, huge.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    let deep = post("application/json", "[".repeat(100_000)).await;
    assert!(deep.status.is_client_error());
}

#[tokio::test]
async fn a_shops_secret_goes_in_and_does_not_come_out() {
    let world = World::create().await;
    let key = world.staff().await;
    let secret = json!({"webhook_secret": "shhhshhh"});
    let put = world.send(Method::PUT, "/api/v1/tenants/7/shops/shopify", &key, &secret).await;
    assert_eq!(put.status, StatusCode::OK, "{put:?}");
    assert_eq!(put.body["set_at"], "2026-09-21T14:13:20Z");
    assert!(!put.body.to_string().contains("shhh"));
    let ring: KeyRing = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
    let tenancy = Tenancy::over(world.database.pool().clone(), ring, false);
    let kept = tenancy.shop_secrets(TenantId(7), ShopPlatform::Shopify, world.clock.now()).await.unwrap();
    assert_eq!(kept[0].as_str(), "shhhshhh");
    let long = json!({"webhook_secret": "ñ".repeat(512)});
    let taken = world.send(Method::PUT, "/api/v1/tenants/7/shops/shopify", &key, &long).await;
    assert_eq!(taken.status, StatusCode::OK, "the limit is of characters: {taken:?}");
    let longer = json!({"webhook_secret": "ñ".repeat(513)});

    for (path, body, status) in [
        ("/api/v1/tenants/7/shops/shopify", longer, StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/tenants/7/shops/amazon", json!({"webhook_secret": "x"}), StatusCode::NOT_FOUND),
        ("/api/v1/tenants/7/shops/shopify", json!({"webhook_secret": ""}), StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/tenants/7/shops/shopify", json!({"secret": "x"}), StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/tenants/99/shops/shopify", json!({"webhook_secret": "x"}), StatusCode::NOT_FOUND),
    ] {
        let refused = world.send(Method::PUT, path, &key, &body).await;
        assert_eq!(refused.status, status, "{path} {body}");
        refused.code();
    }
}
