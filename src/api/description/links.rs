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

const LINKS: [Link; 2] = [
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
            ("POST", "/logistics/orders/{id}/comments"),
            ("POST", "/logistics/orders/{id}/cancel"),
        ],
    },
    Link {
        method: "POST",
        path: "/tenants/{tenant_id}/logistics/sync",
        status: "202",
        value: "$response.body#/run_id",
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
                if path.contains("{tenant_id}") {
                    parameters["tenant_id"] = json!("$request.path.tenant_id");
                }
                (id.clone(), json!({"operationId": id, "parameters": parameters}))
            })
            .collect();
        response.insert("links".to_owned(), Value::Object(links));
    }
}
