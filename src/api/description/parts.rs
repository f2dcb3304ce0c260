//! The parts of the description that many operations refer to: the problem, the answers that carry one, common parameters
//! and headers, and how a caller proves who it is.

use serde_json::{Map, Value, json};

/// Status, name in the document, what it means.
const PROBLEMS: [(&str, &str); 13] = [
    ("BadRequest", "The query, the path or the body cannot be read; `detail` says what to send."),
    ("Unauthorized", "No credential came along, or it is not valid."),
    ("Forbidden", "The role may not do this."),
    ("NotFound", "There is no such thing, or it belongs to another tenant."),
    ("Conflict", "This cannot be done as things stand; `code` says why."),
    ("BodyTooLarge", "The body is larger than is taken."),
    ("UriTooLong", "The address is longer than is taken."),
    ("UnsupportedMediaType", "The body is not JSON, or does not say so."),
    ("UnprocessableContent", "The body is JSON, but not what is asked for; `field` names the field."),
    ("TooManyRequests", "The caller asks faster than is allowed; `Retry-After` says when to go on."),
    ("HeadersTooLarge", "The headers together are larger than is taken."),
    ("Unavailable", "The database or a part of the service is away; `Retry-After` says when to try again."),
    ("RequestTimeout", "The body took too long to arrive."),
];

/// The schemas that no handler names.
pub(super) fn schemas() -> Map<String, Value> {
    let problem = json!({
        "type": "object",
        "description": "A refusal (RFC 9457). Programs go by `code`, people by `detail`, which is in the language that \
            Accept-Language asks for (es or en).",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Always about:blank; the code tells more"},
            "title": {"type": "string", "description": "The status in words"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status of the answer"},
            "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "Stable; for programs"},
            "detail": {"type": "string", "description": "A sentence that says what to do; for people"},
            "field": {"type": "string", "description": "The field or parameter that is wrong, where one is"},
            "cancellation": {
                "$ref": "#/components/schemas/RequestState",
                "description": "With `cancellation_refused`: the request that was refused",
            },
            "comment": {
                "$ref": "#/components/schemas/RequestState",
                "description": "With `comment_refused`: the request that was refused",
            },
            "run_id": {
                "type": "string", "format": "uuid", "description": "With `sync_under_way`: the run that is under way",
            },
            "head": {
                "type": "integer", "format": "int64", "minimum": -1,
                "description": "With `position_ahead`: the position of the ledger's last event; -1 where there is none",
            },
        },
        "examples": [{
            "type": "about:blank", "title": "Not Found", "status": 404, "code": "order_unknown",
            "detail": "There is no such order; take the id from the list of orders.",
        }],
    });
    Map::from_iter([("Problem".to_owned(), problem)])
}

/// What every page of a list has, unless its own type says more.
const PAGES: [(&str, &str); 4] = [
    ("total", "How many entries the whole list has"),
    ("items", "The entries of this page; every one, where the list is not paged"),
    ("skip", "How many entries were passed over"),
    ("limit", "How many entries a page has at most"),
];

/// Says of the members of pages what they are: of objects that have a total and items.
pub(super) fn describe_pages(schemas: &mut Map<String, Value>) {
    for schema in schemas.values_mut() {
        let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) else { continue };
        if !members.contains_key("total") || !members.contains_key("items") {
            continue;
        }
        for (name, about) in PAGES {
            if let Some(member) = members.get_mut(name).and_then(Value::as_object_mut) {
                member.entry("description").or_insert_with(|| json!(about));
            }
        }
    }
}

/// What a page's parameters mean, unless the query's own type says more.
pub(super) fn parameter_of_pages(name: &str) -> Option<&'static str> {
    match name {
        "skip" => Some("How many to pass over, from the beginning of the list; 0 where nothing is said"),
        "limit" => Some("How many to answer: 1 to 200, 50 where nothing is said"),
        _ => None,
    }
}

/// The answers that carry a problem.
pub(super) fn responses() -> Map<String, Value> {
    let request_id = json!({"$ref": "#/components/headers/RequestId"});
    let mut all: Map<String, Value> = PROBLEMS
        .iter()
        .map(|(name, about)| {
            let mut headers = json!({"X-Request-Id": request_id});
            match *name {
                "TooManyRequests" | "Unavailable" => {
                    tell_when_to_try_again(&mut headers);
                    if *name == "TooManyRequests" {
                        tell_of_limits(&mut headers);
                    }
                }
                "Unauthorized" => {
                    headers["WWW-Authenticate"] = json!({
                        "description": "How to prove oneself", "schema": {"type": "string"},
                    });
                }
                _ => {}
            }
            ((*name).to_owned(), json!({"description": about, "headers": headers, "content": problem()}))
        })
        .collect();
    let headers = json!({"X-Request-Id": request_id, "ETag": {"$ref": "#/components/headers/ETag"}});
    let unchanged =
        json!({"description": "What If-None-Match names is still the answer.", "headers": headers});
    all.insert("NotModified".to_owned(), unchanged);
    all
}

/// Parameters that many operations take.
pub(super) fn parameters() -> Value {
    json!({
        "tenant_id": {
            "name": "tenant_id", "in": "query", "required": false,
            "description": "The tenant. SUPERADMIN, who works for all, must name one, and so must a person of several \
                tenants; for everyone else it is the credential's own, and another's answers 404.",
            "schema": {"type": "integer", "format": "int64", "minimum": 1},
        },
        "if_none_match": {
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of the answer that the caller holds; 304 if that is still the answer.",
            "schema": {"type": "string"},
        },
    })
}

/// Headers of answers.
pub(super) fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "The request's id: the caller's own X-Request-Id where that is plain, else a fresh one",
            "schema": {"type": "string", "maxLength": 64},
        },
        "ETag": {
            "description": "Names this answer, for If-None-Match",
            "schema": {"type": "string", "pattern": "^W/\"[0-9a-f]+\"$"},
        },
        "RateLimitLimit": {
            "description": "How many requests may come at once; absent where there is no limit",
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
        "RateLimitRemaining": {
            "description": "How many of them are left", "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
        "RateLimitReset": {
            "description": "Seconds until all of them are there again",
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
        "RateLimitPolicy": {
            "description": "The limit, and the seconds in which it grows back from nothing",
            "schema": {"type": "string", "pattern": "^[0-9]+;w=[0-9]+$"},
        },
        "RetryAfter": {
            "description": "Seconds until it is worth trying again", "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
    })
}

/// What a refusal carries.
pub(super) fn problem() -> Value {
    json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}})
}

/// The header of a refusal that passes.
pub(super) fn tell_when_to_try_again(headers: &mut Value) {
    headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"});
}

/// The headers of an answer that is counted.
pub(super) fn tell_of_limits(headers: &mut Value) {
    for part in ["Limit", "Remaining", "Reset", "Policy"] {
        headers[format!("RateLimit-{part}")] =
            json!({"$ref": format!("#/components/headers/RateLimit{part}")});
    }
}

/// How a caller proves who it is.
pub(super) fn security() -> Value {
    json!({
        "ApiKey": {
            "type": "apiKey", "in": "header", "name": "X-API-Key",
            "description": "A program's key. It has one role, and works for one tenant unless the role is SUPERADMIN.",
        },
        "Bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A person's token, from the OpenID provider that the service is set up with.",
        },
    })
}
