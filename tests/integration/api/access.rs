//! Who is let through: every guarded route, by every role, for the own tenant and a foreign one; and which keys are good.

use chrono::TimeDelta;
use logistics_ledger::access::{Credential, Proofs, Role, authenticate, revoke_key};
use logistics_ledger::api::{Admits, Entry};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::addresses::address;
use super::world::{KALLPA, LADORE, World, answer};

/// What a caller of a role gets on a route for a tenant, beyond the gate or at it.
fn refused_at_gate(entry: &Entry, role: Role, own: bool) -> Option<StatusCode> {
    let (right, for_tenant) = match entry.admits {
        Admits::Anyone | Admits::Known => return None,
        Admits::Tenant(right) => (right, true),
        Admits::Platform(right) => (right, false),
    };
    if for_tenant && !own && role != Role::Superadmin {
        return Some(StatusCode::NOT_FOUND);
    }
    (!role.may(right)).then_some(StatusCode::FORBIDDEN)
}

#[tokio::test]
async fn every_route_lets_through_whom_the_table_names_and_nobody_else() {
    let world = World::create().await;
    let entries = world.app.routes().to_vec();
    assert!(entries.len() >= 8, "the table is that of the running service");
    for role in Role::ALL {
        let tenant = (role != Role::Superadmin).then_some(LADORE);
        let key = world.key(role, tenant).await;
        for entry in &entries {
            for (named, own) in [(LADORE, true), (KALLPA, false)] {
                let path = address(entry, named);
                // No route takes an empty list, so nobody changes anything here.
                let got = world.send(entry.method.clone(), &path, &key, &json!([])).await;
                let place = format!("{role} {} {path}: {got:?}", entry.method);
                if let Some(status) = refused_at_gate(entry, role, own) {
                    assert_eq!(got.status, status, "{place}");
                    let code =
                        if status == StatusCode::NOT_FOUND { "tenant_unknown" } else { "role_not_allowed" };
                    assert_eq!(got.code(), code, "{place}");
                } else {
                    assert_ne!(got.status, StatusCode::FORBIDDEN, "{place}");
                    assert_ne!(got.body["code"], "tenant_unknown", "{place}");
                    assert!(!got.status.is_server_error(), "{place}");
                }
            }
        }
    }
}

#[tokio::test]
async fn without_a_good_key_nothing_guarded_is_answered() {
    let world = World::create().await;
    for entry in world.app.routes().iter().filter(|entry| entry.admits != Admits::Anyone) {
        let path = address(entry, LADORE);
        let bare = answer(world.request(entry.method.clone(), &path)).await;
        assert_eq!((bare.status, bare.code()), (StatusCode::UNAUTHORIZED, "credential_missing"), "{path}");
        assert!(bare.headers.contains_key("www-authenticate"));
        let wrong = world.send(entry.method.clone(), &path, "llk_nonsense", &json!({})).await;
        assert_eq!((wrong.status, wrong.code()), (StatusCode::UNAUTHORIZED, "credential_invalid"), "{path}");
    }
}

#[tokio::test]
async fn a_key_ends_when_it_expires_is_revoked_or_its_tenant_is_switched_off() {
    let world = World::create().await;
    let (path, owner) = ("/api/v1/logistics/orders", world.database.owner_pool());
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    assert_eq!(world.get(path, &key).await.status, StatusCode::OK);

    sqlx::query("update tenants set is_active = false where id = 7").execute(owner).await.unwrap();
    let off = world.get(path, &key).await;
    assert_eq!((off.status, off.code()), (StatusCode::FORBIDDEN, "tenant_inactive"));
    sqlx::query("update tenants set is_active = true").execute(owner).await.unwrap();

    let id = sqlx::query_scalar("select id from api_keys").fetch_one(owner).await.unwrap();
    assert!(revoke_key(world.database.pool(), id, world.clock.now()).await.unwrap());
    assert!(!revoke_key(world.database.pool(), id, world.clock.now()).await.unwrap());
    assert_eq!(world.get(path, &key).await.code(), "credential_invalid");

    let key = world.key(Role::Viewer, Some(LADORE)).await;
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.get(path, &key).await.code(), "credential_invalid");
}

#[tokio::test]
async fn a_key_tells_how_far_the_ledger_of_its_tenant_reaches_and_of_no_other() {
    let world = World::create().await;
    let (key, owner) = (world.key(Role::Viewer, Some(LADORE)).await, world.database.owner_pool());
    let pool = world.database.pool();
    let reached = async || {
        let (proofs, credential) = (Proofs::default(), Credential::Key(&key));
        let principal = authenticate(pool, &proofs, credential, world.clock.now()).await.unwrap();
        (principal.reached(LADORE), principal.reached(KALLPA))
    };
    assert_eq!(reached().await, (Some(0), None), "no event yet");
    sqlx::query("insert into ledger_heads (tenant_id, next_position) values (7, 41), (8, 5)")
        .execute(owner)
        .await
        .unwrap();
    assert_eq!(reached().await, (Some(41), None));
}

#[tokio::test]
async fn only_the_hash_of_a_key_is_stored() {
    let world = World::create().await;
    let key = world.staff().await;
    let kept: String = sqlx::query_scalar("select k::text from api_keys k")
        .fetch_one(world.database.owner_pool())
        .await
        .unwrap();
    assert!(!kept.contains(&key) && !kept.contains(&hex::encode(&key)));
}

#[tokio::test]
async fn the_staff_must_name_a_tenant_that_exists() {
    let world = World::create().await;
    let key = world.staff().await;
    let unnamed = world.get("/api/v1/logistics/orders", &key).await;
    assert_eq!((unnamed.status, unnamed.code()), (StatusCode::BAD_REQUEST, "tenant_id_missing"));
    assert!(unnamed.detail().contains("tenant_id="));
    for (query, status) in [
        ("tenant_id=99", StatusCode::NOT_FOUND),
        ("tenant_id=seven", StatusCode::BAD_REQUEST),
        ("tenant_id=7&tenant_id=8", StatusCode::BAD_REQUEST),
        ("tenant_id=7", StatusCode::OK),
    ] {
        let got = world.get(&format!("/api/v1/logistics/orders?{query}"), &key).await;
        assert_eq!(got.status, status, "{query}: {got:?}");
    }
    for place in ["99", "seven", "-7", "99999999999999999999"] {
        let got = world.get(&format!("/api/v1/tenants/{place}/logistics-config"), &key).await;
        assert_eq!((got.status, got.code()), (StatusCode::NOT_FOUND, "tenant_unknown"), "{place}");
    }
    let twice = world.get("/api/v1/tenants/7/logistics-config?tenant_id=8", &key).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn two_credentials_at_once_are_refused_since_which_counts_would_be_a_guess() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let request = || world.request(Method::GET, "/api/v1/logistics/orders").header("x-api-key", &key);
    for both in [request().header("x-api-key", &key), request().bearer_auth("e30.e30.")] {
        let got = answer(both).await;
        assert_eq!((got.status, got.code()), (StatusCode::BAD_REQUEST, "credential_ambiguous"));
    }
    let basic = answer(request().basic_auth("ada", Some("x"))).await;
    assert_eq!(basic.status, StatusCode::OK, "another scheme is none of ours");
}

#[tokio::test]
async fn without_a_provider_no_token_is_taken() {
    let world = World::create().await;
    let bare = world.request(Method::GET, "/api/v1/logistics/orders").bearer_auth("e30.e30.");
    let got = answer(bare).await;
    assert_eq!((got.status, got.code()), (StatusCode::UNAUTHORIZED, "bearer_not_accepted"));
    assert!(got.detail().contains("X-API-Key"));
}
