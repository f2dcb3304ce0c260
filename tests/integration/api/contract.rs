//! The description held against what is answered: refusals, changes, files, limits and orders.

use logistics_ledger::access::Role;
use logistics_ledger::mintsoft::DocumentKind;
use logistics_projections::orders::{AlsoFulfilled, Cancellation, CancellationState};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::types::Uuid;

use super::schema::{fits, members, named, resolved, untold};
use super::world::{LADORE, World, answer};
use logistics_domain::order::facts::{Item, LinkBasis, Shipment};

async fn document(world: &World) -> Value {
    answer(world.request(Method::GET, "/openapi.json")).await.body
}

/// Path, method and operation of each.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, one)| (path.as_str(), method.as_str(), one))
    })
}

fn operation<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    &document["paths"][format!("/api/v1{path}")][method]
}

#[tokio::test]
async fn every_refusal_of_every_operation_carries_a_problem() {
    let document = document(&World::create().await).await;
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    let mut seen = 0;
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            if status.as_str() < "400" {
                continue;
            }
            let (place, response) = (format!("{method} {path} {status}"), resolved(&document, response));
            assert_eq!(response["content"]["application/problem+json"]["schema"], problem, "{place}");
            assert!(response["headers"]["X-Request-Id"].is_object(), "{place}");
            let passes = ["429", "503"].contains(&status.as_str());
            assert_eq!(response["headers"]["Retry-After"].is_object(), passes, "{place}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
    for (method, path) in [
        ("get", "/logistics/orders/{id}/documents/{document_id}"),
        ("get", "/tenants/{tenant_id}/logistics/sync"),
        ("get", "/tenants/{tenant_id}/logistics/sync/{run_id}"),
        ("post", "/logistics/orders/{id}/cancel"),
        ("get", "/logistics/stream"),
    ] {
        assert!(operation(&document, method, path)["responses"]["409"].is_object(), "{method} {path}");
    }
    let told: Vec<&str> =
        members(&document, named(&document, "Problem")).into_iter().map(|(name, _)| name).collect();
    for name in ["field", "cancellation", "comment", "run_id", "head"] {
        assert!(told.contains(&name), "{name}");
    }
}

/// Whether the schema says that null may stand there.
fn takes_null(schema: &Value) -> bool {
    let kinds = schema["type"].as_array().into_iter().flatten();
    let one = schema["oneOf"].as_array().into_iter().flatten().map(|one| &one["type"]);
    kinds.chain(one).any(|kind| kind == "null")
}

#[tokio::test]
async fn a_change_takes_null_where_the_description_says_so_and_nowhere_else() {
    let world = World::create().await;
    let (document, staff) = (document(&world).await, world.staff().await);
    let body = json!({"sub": "auth0|ada", "email": "ada@brand.example", "tenant_id": 7, "role": "VIEWER"});
    let added = world.send(Method::POST, "/api/v1/people", &staff, &body).await;
    let person = added.headers["location"].to_str().unwrap().to_owned();
    let before = world.get(&person, &staff).await.body;
    assert_eq!(before["email"], "ada@brand.example", "the person is where the answer said");
    let mut nullable = Vec::new();
    for (path, _, operation) in operations(&document).filter(|(_, method, _)| *method == "patch") {
        let address = path.replace("/api/v1/people/{id}", &person).replace("{tenant_id}", "7");
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let all = members(&document, schema);
        assert!(!all.is_empty(), "{path}");
        for (name, member) in all {
            let got = world.send(Method::PATCH, &address, &staff, &json!({name: null})).await;
            let is_refused = (got.status, got.body["code"].as_str())
                == (StatusCode::UNPROCESSABLE_ENTITY, Some("body_invalid"));
            assert_eq!(is_refused, !takes_null(member), "{path} {name}: {got:?}");
            if takes_null(member) {
                nullable.push(name);
            }
        }
    }
    nullable.sort_unstable();
    assert_eq!(nullable, ["shared_client_id", "sku_prefix"]);
    assert_eq!(
        world.get(&person, &staff).await.body,
        before,
        "what is refused changes nothing, nor who changed it last"
    );
}

#[tokio::test]
async fn answers_are_described_with_what_matters_of_them() {
    let document = document(&World::create().await).await;
    for (method, path, status, header) in [
        ("post", "/tenants", "201", "Location"),
        ("post", "/people", "201", "Location"),
        ("post", "/tenants/{tenant_id}/logistics-config", "201", "Location"),
        ("post", "/tenants/{tenant_id}/logistics/sync", "202", "Location"),
        ("get", "/logistics/orders/{id}/documents/{document_id}", "200", "Repr-Digest"),
        ("get", "/logistics/orders/{id}/documents/{document_id}", "200", "Document-Differs-Since"),
    ] {
        let response = &operation(&document, method, path)["responses"][status];
        assert!(response["headers"][header]["description"].is_string(), "{method} {path}: {header}");
    }
    let sync = operation(&document, "post", "/tenants/{tenant_id}/logistics/sync");
    let queued = members(&document, &sync["responses"]["202"]["content"]["application/json"]["schema"]);
    assert_eq!(queued.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["run_id", "state"]);
    let documents = operation(&document, "get", "/logistics/orders/{id}/documents/{document_id}");
    let files = documents["responses"]["200"]["content"].as_object().unwrap();
    let kinds = [
        DocumentKind::Pdf,
        DocumentKind::Png,
        DocumentKind::Jpeg,
        DocumentKind::Gif,
        DocumentKind::Zip,
        DocumentKind::Zpl,
        DocumentKind::Unknown,
    ];
    assert_eq!(files.len(), kinds.len());
    for kind in kinds.map(DocumentKind::media_type) {
        assert!(files.contains_key(kind), "{kind}");
        assert!(kind.starts_with("text/") || files[kind] == json!({}), "the bytes of a file have no schema");
    }
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let export = operation(&document, "get", "/logistics/orders/export");
    assert_eq!(export["responses"]["200"]["content"][sheet], json!({}));
}

#[tokio::test]
async fn limits_and_what_holds_where_nothing_is_said_can_be_learnt_beforehand() {
    let document = document(&World::create().await).await;
    for (schema, member, limit, is) in [
        ("LinkBody", "order_id", "maximum", json!(999_999_999)),
        ("LinkBody", "order_name", "maxLength", json!(101)),
        ("EraseBody", "reason", "maxLength", json!(500)),
        ("AssignBody", "reason", "maxLength", json!(500)),
        ("ReasonBody", "reason", "maxLength", json!(500)),
        ("DismissBody", "reason", "maxLength", json!(500)),
        ("TenantBody", "slug", "maxLength", json!(63)),
        ("TenantPatchBody", "name", "maxLength", json!(200)),
        ("PersonBody", "sub", "maxLength", json!(255)),
        ("PersonChangeBody", "email", "maxLength", json!(254)),
        ("CredentialsBody", "password", "maxLength", json!(512)),
        ("ShopBody", "webhook_secret", "maxLength", json!(512)),
        ("PatchBody", "sku_prefix", "pattern", json!("^[A-Za-z0-9_-]{1,40}$")),
    ] {
        assert_eq!(named(&document, schema)["properties"][member][limit], is, "{schema}.{member}");
    }
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    assert_eq!(named(&document, "Role")["enum"], json!(roles));
    for path in ["/logistics/orders", "/logistics/orders/export"] {
        let parameters = operation(&document, "get", path)["parameters"].as_array().unwrap();
        for (name, default) in
            [("sort_by", "updated_at"), ("sort_order", "desc"), ("date_field", "ordered_at")]
        {
            let one = parameters.iter().find(|one| one["name"] == name).unwrap();
            assert_eq!(one["schema"]["default"], default, "{path} {name}");
        }
        let search = parameters.iter().find(|one| one["name"] == "search").unwrap();
        assert_eq!(search["schema"]["maxLength"], 200, "{path}");
    }
}

#[tokio::test]
async fn an_order_and_a_link_hold_nothing_that_the_description_leaves_out() {
    let world = World::create().await;
    let (document, key) = (document(&world).await, world.key(Role::Admin, Some(LADORE)).await);
    let mut row = crate::projections::order(1);
    let at = row.updated_at;
    row.cancellation = Some(Cancellation {
        request_id: Uuid::nil(),
        state: CancellationState::Refused,
        message: Some("Order is already picked".into()),
        requested_by: "key:1".into(),
        requested_at: at,
    });
    (row.order_id, row.shop_order_name) = (Some(501), Some("#7001".into()));
    let data = &mut row.order_data;
    data.items =
        vec![Item { id: Some(1), sku: Some("LADORE_A".into()), quantity: 2, allocated: 1, on_back_order: 0 }];
    data.shipments = vec![Shipment {
        id: 9,
        number: Some("N1".into()),
        courier_type: None,
        parcel_numbers: vec!["P1".into()],
        shipped_at: Some(at),
        followed: true,
    }];
    data.last_scan = serde_json::from_value(json!({
        "happened_at": at, "status": "InTransit", "description": "on its way", "aftership": null,
    }))
    .unwrap();
    data.also_fulfils = vec![AlsoFulfilled { order_id: 502, name: "#7002".into(), basis: LinkBasis::Host }];
    crate::projections::put_orders(world.database.pool(), std::slice::from_ref(&row)).await;
    let body = json!({"order_id": 812, "order_name": "#1001"});
    let link = world.send(Method::POST, "/api/v1/logistics/links", &key, &body).await.body;
    assert_eq!(link["candidates"][0]["basis"], "name", "{link}");
    let list = world.get("/api/v1/logistics/orders", &key).await.body;
    assert_eq!(list["items"][0]["items"][0]["sku"], "LADORE_A", "{list}");
    let one = world.get(&format!("/api/v1/logistics/orders/{}", row.id), &key).await.body;
    for (name, value) in [("OrderPage", &list), ("OneOrder", &one), ("LinkView", &link)] {
        let schema = named(&document, name);
        assert!(fits(&document, schema, value), "{name}: {value}");
        assert_eq!(untold(&document, schema, value), [].into(), "{name}");
    }
    let broken = json!({"total": "many", "total_is_exact": true, "items": [], "skip": 0, "limit": 1});
    assert!(!fits(&document, named(&document, "OrderPage"), &broken));
}
