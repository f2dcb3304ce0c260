//! The routes outside of the table of routes: the webhook endpoints, which prove the sender themselves, and the pages
//! that are open to everybody.

use serde_json::{Map, Value, json};

use super::parts::tell_of_limits;

/// The paths, whole.
pub(super) fn paths() -> Map<String, Value> {
    let mut all = Map::new();
    let shopify =
        [("X-Shopify-Hmac-Sha256", true), ("X-Shopify-Topic", false), ("X-Shopify-Webhook-Id", false)];
    all.insert("/api/v1/webhooks/shopify/{tenant_id}".to_owned(), shop("shopify", "Shopify", &shopify));
    let woocommerce = [
        ("X-WC-Webhook-Signature", true),
        ("X-WC-Webhook-Topic", false),
        ("X-WC-Webhook-Delivery-ID", false),
    ];
    let path = "/api/v1/webhooks/woocommerce/{tenant_id}".to_owned();
    all.insert(path, shop("woocommerce", "WooCommerce", &woocommerce));
    all.insert("/api/v1/webhooks/mintsoft".to_owned(), callback());
    for (path, id, about, answer) in [
        ("/healthz", "get_healthz", "Whether the process lives.", "alive"),
        (
            "/readyz",
            "get_readyz",
            "Whether the service can serve: the database answers, its tables are those of this build, the background work goes on.",
            "ready",
        ),
    ] {
        all.insert(path.to_owned(), health(id, about, answer));
    }
    let text = json!({"text/plain": {"schema": {"type": "string"}}});
    let mut get = open("get_metrics", "health", "How the service fares, as Prometheus reads it.", &text);
    get["description"] = json!(
        "Whoever sends the metrics token as `Authorization: Bearer` may; without a token set, only this machine, and nobody \
         where the service has a public address."
    );
    for (status, name) in [("401", "Unauthorized"), ("403", "Forbidden"), ("429", "TooManyRequests")] {
        refer(&mut get, status, name);
    }
    all.insert("/metrics".to_owned(), json!({"get": get}));
    let document = json!({"application/json": {"schema": {"type": "object"}}});
    let get = open("get_openapi_json", "description", "This document.", &document);
    all.insert("/openapi.json".to_owned(), json!({"get": get}));
    all
}

fn shop(name: &str, brand: &str, headers: &[(&str, bool)]) -> Value {
    let mut parameters = vec![json!({
        "name": "tenant_id", "in": "path", "required": true, "description": "The tenant whose shop delivers",
        "schema": {"type": "integer", "format": "int64", "minimum": 1},
    })];
    parameters.extend(headers.iter().map(|(header, signs)| {
        let about = if *signs { "HMAC-SHA256 of the raw body in base64" } else { "As the shop sends it" };
        json!({"name": header, "in": "header", "required": false, "description": about, "schema": {"type": "string"}})
    }));
    let mut post =
        delivery(&format!("post_webhooks_{name}_tenant_id"), &format!("Where {brand} delivers."), parameters);
    post["description"] = json!(
        "The body is kept as it came, byte for byte, and answered; it is worked on afterwards. A repeated delivery adds \
         nothing. Answered 2xx only once the bytes are safe."
    );
    refer(&mut post, "404", "NotFound");
    json!({"post": post})
}

fn callback() -> Value {
    let parameter = |name: &str, about: &str, schema: Value| json!({"name": name, "in": "query", "required": true, "description": about, "schema": schema});
    let parameters = vec![
        parameter("a", "The account", json!({"type": "string", "format": "uuid"})),
        parameter("o", "Mintsoft's id of the order", json!({"type": "integer", "format": "int64"})),
        parameter(
            "e",
            "The event",
            json!({"type": "string", "enum": ["despatched", "cancelled", "delivered", "split"]}),
        ),
        parameter("t", "The token that was given out for them", json!({"type": "string"})),
    ];
    let mut post = delivery("post_webhooks_mintsoft", "Where Mintsoft calls back.", parameters);
    post["description"] = json!(
        "The address is given out at Mintsoft by the service itself. The body is only a hint: the order is read again."
    );
    json!({"post": post})
}

fn delivery(id: &str, about: &str, parameters: Vec<Value>) -> Value {
    let received = json!({"application/json": {"schema": {
        "type": "object", "required": ["received"],
        "properties": {
            "received": {"const": true, "description": "The bytes are kept"},
            "duplicate": {"type": "boolean", "description": "Whether the same delivery came before"},
        },
    }}});
    let mut post = open(id, "webhooks", about, &received);
    post["parameters"] = parameters.into();
    post["requestBody"] = json!({
        "description": "Whatever the sender sends, up to 2 MiB", "required": false,
        "content": {"application/json": {"schema": true}},
    });
    tell_of_limits(&mut post["responses"]["200"]["headers"]);
    for (status, name) in [
        ("401", "Unauthorized"),
        ("408", "RequestTimeout"),
        ("413", "BodyTooLarge"),
        ("429", "TooManyRequests"),
        ("503", "Unavailable"),
    ] {
        refer(&mut post, status, name);
    }
    post
}

fn health(id: &str, about: &str, answer: &str) -> Value {
    let content = json!({"application/json": {"schema": {
        "type": "object", "required": ["status"], "properties": {
            "status": {"const": answer, "description": "How the service fares, in one word"},
        },
    }}});
    let mut get = open(id, "health", about, &content);
    refer(&mut get, "503", "Unavailable");
    json!({"get": get})
}

/// An operation that everybody may ask for.
fn open(id: &str, tag: &str, about: &str, content: &Value) -> Value {
    let headers = json!({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}});
    let mut operation = json!({
        "operationId": id, "tags": [tag], "summary": about, "security": [],
        "responses": {"200": {"description": "So it is", "headers": headers, "content": content}},
    });
    for (status, name) in [("400", "BadRequest"), ("414", "UriTooLong"), ("431", "HeadersTooLarge")] {
        refer(&mut operation, status, name);
    }
    operation
}

fn refer(operation: &mut Value, status: &str, name: &str) {
    operation["responses"][status] = json!({"$ref": format!("#/components/responses/{name}")});
}
