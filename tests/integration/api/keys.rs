//! `/api-keys`: made by the staff, shown once, listed without their text, revoked.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::World;

const KEYS: &str = "/api/v1/api-keys";

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_revoked() {
    let world = World::create().await;
    let staff = world.staff().await;
    let body = json!({ "tenant_id": 7, "role": "VIEWER", "label": "reports" });
    let made = world.send(Method::POST, KEYS, &staff, &body).await;
    assert_eq!(
        (made.status, &made.headers["cache-control"]),
        (StatusCode::CREATED, &"no-store".parse().unwrap())
    );
    let key = made.body["key"].as_str().unwrap();
    let orders = "/api/v1/logistics/orders";
    assert_eq!(world.get(orders, key).await.status, StatusCode::OK);

    let listed = world.get(&format!("{KEYS}?tenant_id=7"), &staff).await.body;
    assert_eq!((&listed["total"], &listed["items"][0]["label"]), (&json!(1), &json!("reports")));
    assert!(!listed.to_string().contains(key));
    assert_eq!(world.get(KEYS, &staff).await.body["total"], 2);

    let place = format!("{KEYS}/{}", made.body["id"].as_str().unwrap());
    let revoked = world.send(Method::DELETE, &place, &staff, &json!({})).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(orders, key).await.code(), "credential_invalid");
    assert_eq!(world.send(Method::DELETE, &place, &staff, &json!({})).await.code(), "key_unknown");
    let gone = world.get(KEYS, &staff).await.body["items"][0].clone();
    assert!(gone["revoked_at"].is_string());
    let me = world.get("/api/v1/me", &staff).await.body["tenants"][0]["actor"].clone();
    assert!(me.as_str().unwrap().starts_with("key:"), "{me}");
    assert_eq!((&gone["created_by"], &gone["revoked_by"]), (&me, &me), "{gone}");
}

#[tokio::test]
async fn what_cannot_be_a_key_is_refused_with_the_field() {
    let world = World::create().await;
    let staff = world.staff().await;
    for (field, body) in [
        ("tenant_id", json!({ "role": "VIEWER" })),
        ("tenant_id", json!({ "role": "VIEWER", "tenant_id": 99 })),
        ("tenant_id", json!({ "role": "SUPERADMIN", "tenant_id": 7 })),
        ("role", json!({ "role": "ROOT", "tenant_id": 7 })),
        ("label", json!({ "role": "VIEWER", "tenant_id": 7, "label": "a".repeat(201) })),
        ("label", json!({ "role": "VIEWER", "tenant_id": 7, "label": "a\0b" })),
        ("label", json!({ "role": "VIEWER", "tenant_id": 7, "label": "two\nlines" })),
        ("expires_at", json!({ "role": "VIEWER", "tenant_id": 7, "expires_at": "2020-01-01T00:00:00Z" })),
    ] {
        let got = world.send(Method::POST, KEYS, &staff, &body).await;
        assert_eq!((got.status, got.code()), (StatusCode::UNPROCESSABLE_ENTITY, "field_invalid"), "{body}");
        assert_eq!(got.body["field"], field, "{got:?}");
    }
}
