//! The OpenAPI 3.1 document of everything that is answered. Paths, parameters, bodies and answers come from the handlers
//! (`Routes::described`); here is added what is true of all of them: who may, which problems may come, which headers. The
//! webhook endpoints and the pages outside of `/api/v1`, which are no handlers of the table, are described in `unlisted_routes`.
//! Absent: any rule that the service goes by; this only tells of them.

mod examples;
mod links;
mod operation;
mod parts;
mod unlisted_routes;

use serde_json::{Map, Value, json};

use super::routes::Routes;

/// Where the paths of the table stand.
const ROOT: &str = "/api/v1";

/// What each group of operations is for.
const TAGS: [(&str, &str); 14] = [
    ("orders", "Where each order is: lists, one order, the courier's scans, what was known and when."),
    ("actions", "What people have done in the warehouse: an order cancelled, a comment written."),
    ("exports", "Lists of orders and of paid shop orders as files."),
    (
        "audit",
        "What proves that a ledger was not altered, for whoever trusts neither the service nor its database.",
    ),
    ("links", "Paid shop orders, and whether each is in the warehouse."),
    ("live", "Changes as they happen."),
    ("administration", "Tenants, and what they are set with."),
    ("people", "Who may sign in, and as what."),
    ("api-keys", "Keys of programs: made, listed, revoked."),
    ("configuration", "How a tenant's orders are found, its shops, and forced syncs."),
    ("operations", "What the platform's staff looks after: doubtful orders, dead letters, accounts."),
    ("webhooks", "Where shops and the warehouse deliver. Proved by a signature or a token, not by a key."),
    ("health", "Whether the service lives and can serve."),
    ("description", "This document and its reader."),
];

const ABOUT: &str = "Every order of a brand in its warehouse, as an event-sourced ledger: where it is now, what was known \
    when, and from whom. Programs send `X-API-Key`, people `Authorization: Bearer`. Lists that \
    come in pages answer `{total, items, skip, limit}`, those that come whole `{total, items}`. What goes wrong is `application/problem+json` (RFC 9457) with a stable `code`. Instants are UTC (RFC 3339); \
    dates that one filters by are days in the tenant's zone.";

/// The document. Pure: the same routes give the same bytes.
pub(super) fn describe(routes: &Routes) -> Value {
    let described = serde_json::to_value(routes.described()).unwrap_or_default();
    let mut paths = Map::new();
    for (path, item) in object(&described["paths"]) {
        let mut item = item.clone();
        for entry in routes.entries().iter().filter(|entry| entry.path == *path) {
            let method = entry.method.as_str().to_ascii_lowercase();
            if let Some(operation) = item.get_mut(&method).and_then(Value::as_object_mut) {
                operation::complete(operation, entry, routes.entries());
            }
        }
        paths.insert(format!("{ROOT}{path}"), item);
    }
    paths.extend(unlisted_routes::paths());
    let mut schemas = object(&described["components"]["schemas"]).clone();
    schemas.extend(parts::schemas());
    parts::describe_pages(&mut schemas);
    examples::put(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Logistics ledger", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT,
            "license": {"name": env!("CARGO_PKG_LICENSE")},
        },
        "servers": [{"url": "/", "description": "The service that gave out this document"}],
        "tags": TAGS.map(|(name, about)| json!({"name": name, "description": about})),
        "paths": paths,
        "components": {
            "schemas": schemas, "responses": parts::responses(), "parameters": parts::parameters(),
            "headers": parts::headers(), "securitySchemes": parts::security(),
        },
    })
}

fn object(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}

/// The document as it is kept among the documents: one line an operation and a schema, so that a change is read, and
/// merged, line by line.
pub(super) fn laid_out(document: &Value) -> String {
    let mut text = String::new();
    lay_out(document, 0, &mut text);
    text.push('\n');
    text
}

/// How deep each member stands on a line of its own.
const DEPTH: usize = 3;

fn lay_out(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) if depth < DEPTH && !members.is_empty() => {
            text.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                text.push_str(if at == 0 { "\n" } else { ",\n" });
                text.push_str(&" ".repeat(depth + 1));
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                lay_out(member, depth + 1, text);
            }
            text.push('\n');
            text.push_str(&" ".repeat(depth));
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}
