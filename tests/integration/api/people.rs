//! `/people` and `/me`, by the platform's staff and by whoever asks who they are.

use logistics_ledger::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::tokens::SignedIn;
use super::world::{LADORE, World};

const PEOPLE: &str = "/api/v1/people";

fn ada() -> Value {
    json!({ "sub": "auth0|ada", "email": "ada@ladore.example", "name": "Ada", "tenant_id": 7, "role": "VIEWER" })
}

#[tokio::test]
async fn a_person_is_taken_in_shown_changed_and_listed() {
    let world = World::create().await;
    let staff = world.staff().await;
    let added = world.send(Method::POST, PEOPLE, &staff, &ada()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let place = format!("{PEOPLE}/{}", added.body["id"].as_str().unwrap());
    assert_eq!(world.get(&place, &staff).await.body, added.body);

    let again = world.send(Method::POST, PEOPLE, &staff, &ada()).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "person_exists"));
    let mut elsewhere = ada();
    elsewhere["tenant_id"] = json!(8);
    assert_eq!(world.send(Method::POST, PEOPLE, &staff, &elsewhere).await.status, StatusCode::CREATED);

    let change = json!({ "role": "ADMIN", "is_active": false, "email": "ada@x.example" });
    let changed = world.send(Method::PATCH, &place, &staff, &change).await.body;
    assert_eq!((&changed["role"], &changed["is_active"]), (&json!("ADMIN"), &json!(false)));
    assert_eq!((&changed["email"], &changed["name"]), (&json!("ada@x.example"), &json!("Ada")));
    assert_eq!((&added.body["updated_by"], &changed["updated_by"]), (&Value::Null, &changed["created_by"]));
    assert!(changed["updated_by"].as_str().unwrap().starts_with("key:"), "{changed}");

    for (query, total) in [
        ("", 2),
        ("?tenant_id=7", 1),
        ("?search=ADA", 2),
        ("?search=x.example", 1),
        ("?search=%25", 0),
        ("?skip=1", 2),
    ] {
        let page = world.get(&format!("{PEOPLE}{query}"), &staff).await;
        assert_eq!(page.body["total"], total, "{query}: {page:?}");
    }
    let second = world.get(&format!("{PEOPLE}?skip=1&limit=1"), &staff).await.body;
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_a_person_is_refused_with_the_field() {
    let world = World::create().await;
    let staff = world.staff().await;
    for (field, value) in [
        ("sub", json!("")),
        ("sub", json!("a".repeat(256))),
        ("email", json!("ada")),
        ("name", json!("a".repeat(201))),
        ("tenant_id", json!(99)),
        ("tenant_id", json!(null)),
        ("role", json!("viewer")),
        ("role", json!("SUPERADMIN")),
    ] {
        let mut body = ada();
        body[field] = value.clone();
        let got = world.send(Method::POST, PEOPLE, &staff, &body).await;
        assert_eq!((got.status, got.code()), (StatusCode::UNPROCESSABLE_ENTITY, "field_invalid"), "{value}");
        assert_eq!(got.body["field"], field, "{got:?}");
    }
    let added = world.send(Method::POST, PEOPLE, &staff, &ada()).await.body;
    let place = format!("{PEOPLE}/{}", added["id"].as_str().unwrap());
    let raised = world.send(Method::PATCH, &place, &staff, &json!({ "role": "SUPERADMIN" })).await;
    assert_eq!(raised.body["field"], "role", "a role over all tenants is not given for one");
    let unknown = format!("{PEOPLE}/00000000-0000-0000-0000-000000000000");
    for method in [Method::GET, Method::PATCH] {
        let got = world.send(method, &unknown, &staff, &json!({ "name": "x" })).await;
        assert_eq!((got.status, got.code()), (StatusCode::NOT_FOUND, "person_not_found"));
    }
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let site = SignedIn::create().await;
    let id = site.person("root", Role::Superadmin, None).await;
    let token = site.token("root");
    for change in [json!({ "is_active": false }), json!({ "role": "VIEWER" })] {
        let request = site.world.request(Method::PATCH, &format!("{PEOPLE}/{id}")).bearer_auth(&token);
        let got = super::world::answer(request.json(&change)).await;
        assert_eq!((got.status, got.code()), (StatusCode::CONFLICT, "own_access"));
    }
}

#[tokio::test]
async fn everybody_learns_who_they_are() {
    let world = World::create().await;
    let me = world.get("/api/v1/me", &world.key(Role::Logistica, Some(LADORE)).await).await;
    assert_eq!(me.status, StatusCode::OK, "{me:?}");
    assert_eq!((&me.body["kind"], &me.body["tenants"][0]["role"]), (&json!("key"), &json!("LOGISTICA")));
    assert!(me.body["tenants"][0]["actor"].as_str().unwrap().starts_with("key:"));
    let staff = world.get("/api/v1/me", &world.staff().await).await.body;
    assert_eq!((&staff["every_tenant"], staff["tenants"].as_array().unwrap().len()), (&json!(true), 2));
    for right in ["manage_access", "read_evidence"] {
        assert!(staff["rights"].as_array().unwrap().contains(&json!(right)), "{right}");
    }
    let named = world.get("/api/v1/me?tenant_id=7", &world.staff().await).await;
    assert_eq!((named.status, named.code()), (StatusCode::BAD_REQUEST, "query_invalid"), "it takes none");
}
