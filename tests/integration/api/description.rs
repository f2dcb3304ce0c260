//! The description of the API: true, whole, and the same as the copy among the documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use logistics_ledger::access::Role;
use logistics_ledger::api::{Admits, laid_out};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{World, answer};
use crate::rules::tree::forbid;

/// Whether documents that are made from the code are to be made anew.
#[expect(
    clippy::disallowed_methods,
    reason = "a developer says so in the environment, as for the other documents"
)]
pub fn refreshing_documents() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

async fn document(world: &World) -> Value {
    answer(world.request(Method::GET, "/openapi.json")).await.body
}

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, one)| (path.as_str(), method.as_str(), one))
        })
        .collect()
}

#[tokio::test]
async fn the_copy_among_the_documents_is_fresh() {
    let text = laid_out(&document(&World::create().await).await);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if refreshing_documents() {
        fs::write(&kept, &text).unwrap();
    }
    let fresh = fs::read_to_string(&kept).unwrap_or_default() == text;
    assert!(fresh, "docs/openapi.json is old; run UPDATE_DOCS=1 cargo test --test integration description");
}

#[tokio::test]
async fn every_route_is_described_with_whom_it_admits_and_what_may_go_wrong() {
    let world = World::create().await;
    let document = document(&world).await;
    for entry in world.app.routes() {
        let path = format!("/api/v1{}", entry.path);
        let method = entry.method.as_str().to_lowercase();
        let operation = &document["paths"][&path][&method];
        let place = format!("{method} {path}");
        assert!(operation["summary"].is_string(), "{place} says what it does");
        let may = |role: Role| match entry.admits {
            Admits::Anyone => false,
            Admits::Known => true,
            Admits::Tenant(right) | Admits::Platform(right) => role.may(right),
        };
        if entry.admits == Admits::Anyone {
            continue;
        }
        let told: Vec<&str> =
            operation["x-roles"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
        let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| may(*role)).map(Role::as_str).collect();
        assert_eq!(told, roles, "{place}");
        assert_eq!(operation["security"].as_array().unwrap().len(), 2, "{place}");
        for status in ["400", "401", "403", "404", "429", "503"] {
            assert!(operation["responses"][status].is_object(), "{place} tells of {status}");
        }
        for part in entry.path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let name = part.trim_end_matches('}');
            let named =
                operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == *name);
            assert!(named, "{place} describes {name}");
        }
    }
}

#[tokio::test]
async fn ids_differ_tags_are_told_of_and_references_lead_somewhere() {
    let document = document(&World::create().await).await;
    let operations = operations(&document);
    let ids: BTreeSet<&str> =
        operations.iter().map(|(_, _, one)| one["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    let named = |tag: &Value| tag.as_str().unwrap().to_owned();
    let told: BTreeSet<String> =
        document["tags"].as_array().unwrap().iter().map(|tag| named(&tag["name"])).collect();
    let used: BTreeSet<String> =
        operations.iter().flat_map(|(_, _, one)| one["tags"].as_array().unwrap()).map(named).collect();
    assert_eq!(told, used, "the tags that are told of, and those that operations have");
    for (path, method, operation) in &operations {
        for response in operation["responses"].as_object().unwrap().values() {
            for link in response["links"].as_object().into_iter().flat_map(|links| links.values()) {
                assert!(ids.contains(link["operationId"].as_str().unwrap()), "{method} {path}: {link}");
            }
        }
    }
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(
                document.pointer(&reference[1..]).is_some(),
                "{reference} leads nowhere; in a query, mark it #[param(inline)]"
            );
        }
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

/// The members below a schema that say nothing of themselves.
fn undescribed(schema: &Value, place: &str, found: &mut Vec<String>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        // One that may be null says it of what it refers to.
        let mut told = std::iter::once(member).chain(member["oneOf"].as_array().into_iter().flatten());
        if !told.any(|told| told["description"].is_string()) {
            found.push(place.clone());
        }
        undescribed(member, &place, found);
    }
    undescribed_parts(schema, place, found);
}

fn undescribed_parts(schema: &Value, place: &str, found: &mut Vec<String>) {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|list| schema[list].as_array()).flatten();
    for part in lists.chain(schema.get("items")) {
        undescribed(part, place, found);
    }
}

#[tokio::test]
async fn every_field_and_parameter_says_what_it_is() {
    let document = document(&World::create().await).await;
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        undescribed(schema, name, &mut found);
    }
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["$ref"].is_null() && parameter["description"].as_str().is_none_or(str::is_empty) {
                found.push(format!("{place} {}", parameter["name"]));
            }
        }
        let answers = operation["responses"].as_object().unwrap().values();
        for body in answers.chain(operation.get("requestBody")) {
            for content in body["content"].as_object().into_iter().flat_map(|kinds| kinds.values()) {
                undescribed(&content["schema"], &place, &mut found);
            }
        }
    }
    forbid("say in a doc comment what it is", &found);
}

#[tokio::test]
async fn what_stands_beside_the_table_is_there_as_described() {
    let world = World::create().await;
    let document = document(&world).await;
    let beside: Vec<_> =
        operations(&document).into_iter().filter(|(_, _, one)| one["x-roles"].is_null()).collect();
    assert!(beside.len() >= 6);
    for (path, method, operation) in beside {
        let address = path.replace("{tenant_id}", "7");
        let got = answer(world.request(method.to_uppercase().parse().unwrap(), &address)).await;
        assert!(operation["responses"][got.status.as_str()].is_object(), "{method} {path}: {got:?}");
        assert_ne!(got.body["code"], "not_found", "{method} {path}");
    }
}

#[tokio::test]
async fn the_reader_page_comes_whole_from_here() {
    let world = World::create().await;
    let get = |path: &str| world.request(Method::GET, path).send();
    let page = get("/docs").await.unwrap();
    assert_eq!((page.status(), page.url().path()), (StatusCode::OK, "/docs/"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
    let text = page.text().await.unwrap();
    let mut files = 0;
    for quoted in text.split("src=\"").chain(text.split("href=\"")).skip(1) {
        let name = quoted.split('"').next().unwrap().trim_start_matches("./");
        if name.contains('<') {
            continue;
        }
        assert!(!name.contains("//"), "{name} is loaded from elsewhere");
        assert_eq!(get(&format!("/docs/{name}")).await.unwrap().status(), StatusCode::OK, "{name}");
        files += 1;
    }
    assert!(files >= 4, "{text}");
    let begins = get("/docs/swagger-initializer.js").await.unwrap().text().await.unwrap();
    assert!(begins.contains("/openapi.json"), "{begins}");
    let missing = answer(world.request(Method::GET, "/docs/nothing.js")).await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "not_found"));
}

/// What is told of a member of a schema, in one line.
fn told(document: &Value, schema: &str, field: &str) -> String {
    let told = &document["components"]["schemas"][schema]["properties"][field]["description"];
    told.as_str().unwrap_or_else(|| panic!("{schema}.{field} is described")).replace('\n', " ")
}

#[tokio::test]
async fn what_is_counted_without_the_blanks_around_it_says_so() {
    let world = World::create().await;
    let document = document(&world).await;
    for (schema, field) in [
        ("AssignBody", "reason"),
        ("CancelBody", "reason"),
        ("CommentBody", "comment"),
        ("DismissBody", "reason"),
        ("EraseBody", "reason"),
        ("PersonBody", "email"),
        ("PersonBody", "name"),
        ("PersonChangeBody", "email"),
        ("PersonChangeBody", "name"),
        ("ReasonBody", "reason"),
        ("TenantBody", "name"),
        ("TenantPatchBody", "name"),
    ] {
        let told = told(&document, schema, field);
        assert!(told.contains("Blanks at both ends are taken off before it is counted."), "{schema}: {told}");
    }
    let name = "ñ".repeat(200);
    let body = json!({"id": 9, "slug": "long", "name": format!(" {name}\n"), "timezone": "America/Lima"});
    let added = world.send(Method::POST, "/api/v1/tenants", &world.staff().await, &body).await;
    assert_eq!((added.status, added.body["name"].as_str()), (StatusCode::CREATED, Some(&*name)), "{added:?}");
}

#[tokio::test]
async fn the_message_of_a_cancellation_is_also_why_a_person_has_to_look() {
    let told = told(&document(&World::create().await).await, "Cancellation", "message");
    assert!(told.contains("refused") && told.contains("a person has to look"), "{told}");
}
