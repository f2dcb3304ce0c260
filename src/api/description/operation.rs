//! What is added to an operation that a handler described: its id, who may, the tenant it is for, the problems that may
//! come, the headers of its answers.

use serde_json::{Map, Value, json};

use super::{links, parts};
use crate::access::Role;
use crate::api::etag;
use crate::api::routes::{Admits, Entry};

/// Completes the operation of `entry`, one of `all`.
pub(super) fn complete(operation: &mut Map<String, Value>, entry: &Entry, all: &[Entry]) {
    operation.insert("operationId".to_owned(), json!(id_of(entry.method.as_str(), &entry.path)));
    plain_parameters(operation);
    let roles = match entry.admits {
        Admits::Anyone => None,
        Admits::Known => Some(&Role::ALL[..]),
        Admits::Tenant(right) | Admits::Platform(right) => Some(right.roles()),
    };
    if let Some(roles) = roles {
        say_who(operation, roles);
    }
    let tenant_in_query = matches!(entry.admits, Admits::Tenant(_)) && !entry.path.contains("{tenant_id}");
    if tenant_in_query {
        add_parameter(operation, "tenant_id");
    }
    let tagged = entry.method.as_str() == "GET" && etag::kind_of(&entry.path).is_some();
    if tagged {
        add_parameter(operation, "if_none_match");
    }
    let takes_body = operation.contains_key("requestBody");
    let changes = entry.method.as_str() != "GET";
    let Some(responses) = operation.entry("responses").or_insert_with(|| json!({})).as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        complete_answer(response, tagged && status == "200", roles.is_some());
        if status.as_str() >= "400" {
            complete_refusal(status, response);
        } else {
            leave_files_plain(response);
        }
    }
    if tagged {
        refer(responses, "304", "NotModified");
    }
    for (status, name) in problems(roles.is_some(), takes_body, changes) {
        refer(responses, status, name);
    }
    links::put(responses, entry, all);
}

/// The id of an operation: its method and its path. It changes only with them.
pub(super) fn id_of(method: &str, path: &str) -> String {
    let names = path.split('/').filter(|part| !part.is_empty());
    let plain = names.map(|part| part.trim_matches(['{', '}']).replace(['-', '.'], "_"));
    std::iter::once(method.to_ascii_lowercase()).chain(plain).collect::<Vec<_>>().join("_")
}

/// Parameters of pages are described alike. One that may be left out is not one that may be null: nothing in an address is.
fn plain_parameters(operation: &mut Map<String, Value>) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter["description"].is_null()
            && let Some(about) = parameter["name"].as_str().and_then(parts::parameter_of_pages)
        {
            parameter["description"] = json!(about);
        }
        let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { continue };
        if let Some(Value::Array(kinds)) = schema.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [one] = kinds.as_slice() {
                let one = one.clone();
                schema.insert("type".to_owned(), one);
            }
        }
        for any in ["oneOf", "anyOf"] {
            if let Some(Value::Array(kinds)) = schema.get_mut(any) {
                kinds.retain(|kind| kind["type"] != "null");
                if let [one] = kinds.as_slice() {
                    let one = one.clone();
                    parameter["schema"] = one;
                    break;
                }
            }
        }
    }
}

fn say_who(operation: &mut Map<String, Value>, roles: &[Role]) {
    let every = roles.len() == Role::ALL.len();
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let who = if every { "Every role may.".to_owned() } else { format!("Who may: {}.", roles.join(", ")) };
    let told = operation.get("description").and_then(Value::as_str).unwrap_or_default();
    let told = if told.is_empty() { who } else { format!("{told}\n\n{who}") };
    operation.insert("description".to_owned(), json!(told));
    operation.insert("x-roles".to_owned(), json!(roles));
    operation.insert("security".to_owned(), json!([{"ApiKey": []}, {"Bearer": []}]));
}

fn add_parameter(operation: &mut Map<String, Value>, name: &str) {
    let reference = json!({"$ref": format!("#/components/parameters/{name}")});
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.push(reference);
    }
}

fn complete_answer(response: &mut Value, tagged: bool, counted: bool) {
    let Some(response) = response.as_object_mut() else { return };
    if counted {
        parts::tell_of_limits(response.entry("headers").or_insert_with(|| json!({})));
    }
    if let Some(headers) = response.entry("headers").or_insert_with(|| json!({})).as_object_mut() {
        let mut refer = |header: &str, name: &str| {
            headers.insert(header.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
        };
        refer("X-Request-Id", "RequestId");
        if tagged {
            refer("ETag", "ETag");
        }
    }
}

/// A refusal that a handler tells of itself carries a problem, as all do.
fn complete_refusal(status: &str, response: &mut Value) {
    response["content"] = parts::problem();
    if matches!(status, "429" | "503") {
        parts::tell_when_to_try_again(&mut response["headers"]);
    }
}

/// The bytes of a file have no schema, as OpenAPI 3.1 has it.
fn leave_files_plain(response: &mut Value) {
    let Some(kinds) = response.get_mut("content").and_then(Value::as_object_mut) else { return };
    for (kind, content) in kinds {
        let is_text = kind.starts_with("text/") || kind.contains("json");
        if !is_text && let Some(content) = content.as_object_mut() {
            content.remove("schema");
        }
    }
}

/// The problems that may come, besides those that a handler tells of itself.
fn problems(guarded: bool, takes_body: bool, changes: bool) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![("400", "BadRequest"), ("404", "NotFound"), ("414", "UriTooLong")];
    if guarded {
        all.extend([("401", "Unauthorized"), ("403", "Forbidden"), ("429", "TooManyRequests")]);
    }
    if changes {
        all.push(("409", "Conflict"));
    }
    if takes_body {
        all.extend([
            ("408", "RequestTimeout"),
            ("413", "BodyTooLarge"),
            ("415", "UnsupportedMediaType"),
            ("422", "UnprocessableContent"),
        ]);
    }
    all.extend([("431", "HeadersTooLarge"), ("503", "Unavailable")]);
    all
}

fn refer(responses: &mut Map<String, Value>, status: &str, name: &str) {
    let reference = json!({"$ref": format!("#/components/responses/{name}")});
    responses.entry(status.to_owned()).or_insert(reference);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_its_method_and_path() {
        let id = id_of("GET", "/logistics/orders/{id}/history");
        assert_eq!(id, "get_logistics_orders_id_history");
        assert_eq!(
            id_of("POST", "/tenants/{tenant_id}/logistics-config"),
            "post_tenants_tenant_id_logistics_config"
        );
    }

    #[test]
    fn the_bytes_of_a_file_have_no_schema() {
        let mut response = json!({"content": {
            "image/png": {"schema": {"type": "array"}}, "text/csv": {"schema": {"type": "string"}},
        }});
        leave_files_plain(&mut response);
        assert_eq!(response["content"], json!({"image/png": {}, "text/csv": {"schema": {"type": "string"}}}));
    }

    #[test]
    fn nothing_in_an_address_is_null() {
        let mut operation = json!({"parameters": [
            {"name": "limit", "schema": {"type": ["integer", "null"], "minimum": 1}},
            {"name": "sort", "schema": {"oneOf": [{"type": "null"}, {"$ref": "#/s"}]}},
        ]});
        plain_parameters(operation.as_object_mut().unwrap());
        assert_eq!(operation["parameters"][0]["schema"], json!({"type": "integer", "minimum": 1}));
        assert_eq!(operation["parameters"][1]["schema"], json!({"$ref": "#/s"}));
    }
}
