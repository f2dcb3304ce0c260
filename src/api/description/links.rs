//! Which answer leads to which operation: the ids that a list gives out and where they go. Readers see the way through the
//! API, and programs that walk it go it.

use serde_json::{Map, Value, json};

use super::operation::id_of;
use crate::api::routes::Entry;

/// An answer, and where a value of it goes.
struct Link {
    method: &'static str,
    path: &'static str,
    status: &'static str,
    /// Where the value stands in the answer.
    value: &'static str,
    /// The parameter it becomes.
    parameter: &'static str,
    /// Where it leads.
    to: &'static [(&'static str, &'static str)],
}

const LINKS: [Link; 11] = [
    Link {
        method: "GET",
        path: "/logistics/orders",
        status: "200",
        value: "$response.body#/items/0/id",
        parameter: "id",
        to: &[
            ("GET", "/logistics/orders/{id}"),
            ("GET", "/logistics/orders/{id}/tracking"),
            ("GET", "/logistics/orders/{id}/history"),
            ("GET", "/logistics/orders/{id}/comments"),
            ("GET", "/logistics/orders/{id}/documents"),
            ("GET", "/logistics/orders/{id}/shipments"),
            ("GET", "/logistics/orders/{id}/dossier"),
            ("POST", "/logistics/orders/{id}/comments"),
            ("POST", "/logistics/orders/{id}/cancel"),
        ],
    },
    Link {
        method: "GET",
        path: "/logistics/orders/{id}/documents",
        status: "200",
        value: "$response.body#/items/0/id",
        parameter: "document_id",
        to: &[("GET", "/logistics/orders/{id}/documents/{document_id}")],
    },
    Link {
        method: "GET",
        path: "/logistics/links",
        status: "200",
        value: "$response.body#/items/0/id",
        parameter: "link_id",
        to: &[("POST", "/logistics/links/{link_id}/undo")],
    },
    Link {
        method: "POST",
        path: "/tenants/{tenant_id}/logistics/sync",
        status: "202",
        value: "$response.body#/run_id",
        parameter: "run_id",
        to: &[("GET", "/tenants/{tenant_id}/logistics/sync/{run_id}")],
    },
    Link {
        method: "POST",
        path: "/tenants",
        status: "201",
        value: "$response.body#/id",
        parameter: "tenant_id",
        to: &[
            ("GET", "/tenants/{tenant_id}"),
            ("PATCH", "/tenants/{tenant_id}"),
            ("POST", "/tenants/{tenant_id}/logistics-config"),
            ("GET", "/tenants/{tenant_id}/shops"),
        ],
    },
    Link {
        method: "POST",
        path: "/people",
        status: "201",
        value: "$response.body#/id",
        parameter: "id",
        to: &[("GET", "/people/{id}"), ("PATCH", "/people/{id}")],
    },
    Link {
        method: "GET",
        path: "/people",
        status: "200",
        value: "$response.body#/items/0/id",
        parameter: "id",
        to: &[("GET", "/people/{id}")],
    },
    Link {
        method: "POST",
        path: "/api-keys",
        status: "201",
        value: "$response.body#/id",
        parameter: "id",
        to: &[("DELETE", "/api-keys/{id}")],
    },
    Link {
        method: "GET",
        path: "/accounts",
        status: "200",
        value: "$response.body#/items/0/account_id",
        parameter: "account_id",
        to: &[("GET", "/accounts/{account_id}"), ("GET", "/accounts/{account_id}/runs")],
    },
    Link {
        method: "GET",
        path: "/dead-letters",
        status: "200",
        value: "$response.body#/items/0/id",
        parameter: "letter",
        to: &[
            ("GET", "/dead-letters/{letter}"),
            ("POST", "/dead-letters/{letter}/retry"),
            ("POST", "/dead-letters/{letter}/dismiss"),
        ],
    },
    Link {
        method: "GET",
        path: "/tenants/{tenant_id}/logistics/sync",
        status: "200",
        value: "$response.body#/items/0/run_id",
        parameter: "run_id",
        to: &[("GET", "/tenants/{tenant_id}/logistics/sync/{run_id}")],
    },
];

/// Puts the links of the operation into its answers: those that lead to one of `all`.
pub(super) fn put(responses: &mut Map<String, Value>, entry: &Entry, all: &[Entry]) {
    for link in LINKS.iter().filter(|link| entry.method.as_str() == link.method && entry.path == link.path) {
        let Some(response) = responses.get_mut(link.status).and_then(Value::as_object_mut) else { continue };
        let links: Map<String, Value> = link
            .to
            .iter()
            .filter(|(method, path)| {
                all.iter().any(|one| one.method.as_str() == *method && one.path == *path)
            })
            .map(|(method, path)| {
                let id = id_of(method, path);
                let mut parameters = json!({link.parameter: link.value});
                for name in named_in(link.path) {
                    parameters[name] = json!(format!("$request.path.{name}"));
                }
                (id.clone(), json!({"operationId": id, "parameters": parameters}))
            })
            .collect();
        response.insert("links".to_owned(), Value::Object(links));
    }
}

/// The names of what varies in a path.
fn named_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
