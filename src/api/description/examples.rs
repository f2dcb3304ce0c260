//! Examples of the bodies that are sent, one a schema. A test reads each into the type that its schema describes.

use serde_json::{Map, Value, json};

/// Schema and example.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("LinkBody", json!({"order_id": 812, "order_name": "#1001"})),
        (
            "ConfigBody",
            json!({
                "provider": "mintsoft", "account_type": "shared", "api_url": "https://mintsoft.example",
                "credentials": {"username": "ops@warehouse.example", "password": "a password"},
                "sku_prefix": "LADORE", "shared_client_id": 3, "timezone": "Europe/London", "sync_enabled": true,
            }),
        ),
        ("PatchBody", json!({"sync_enabled": false})),
        ("ShopBody", json!({"webhook_secret": "the secret that signs the shop's webhooks"})),
    ]
}

/// Puts each example beside its schema, where there is one.
pub(super) fn put(schemas: &mut Map<String, Value>) {
    for (name, example) in all() {
        if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
}
