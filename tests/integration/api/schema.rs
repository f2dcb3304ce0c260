//! Values held against the schemas of the description, as far as it uses them.

use std::collections::BTreeSet;

use serde_json::Value;

/// The schema of this name.
pub fn named<'a>(document: &'a Value, name: &str) -> &'a Value {
    let schema = &document["components"]["schemas"][name];
    assert!(schema.is_object(), "{name} is described");
    schema
}

/// What is referred to, or the schema itself.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect(reference),
        None => schema,
    }
}

/// The members of an object that the schema names, each with its own schema.
pub fn members<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let schema = resolved(document, schema);
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, one)| (name.as_str(), one));
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| members(document, part))).collect()
}

/// Whether the value fits the schema.
pub fn fits(document: &Value, schema: &Value, value: &Value) -> bool {
    let schema = resolved(document, schema);
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect::<Vec<_>>(),
    };
    let list = |name: &str| schema[name].as_array().into_iter().flatten();
    let own = &schema["properties"];
    (kinds.is_empty() || kinds.iter().any(|kind| is_of_kind(kind, value)))
        && (schema["enum"].is_null() || list("enum").any(|one| one == value))
        && list("required").filter_map(Value::as_str).all(|name| value.get(name).is_some())
        && list("allOf").all(|part| fits(document, part, value))
        && (schema["oneOf"].is_null()
            || list("oneOf").filter(|part| fits(document, part, value)).count() == 1)
        && value.as_array().into_iter().flatten().all(|item| fits(document, &schema["items"], item))
        && value.as_object().into_iter().flatten().all(|(name, member)| match own.get(name) {
            Some(described) => fits(document, described, member),
            None => schema["additionalProperties"] != Value::Bool(false),
        })
}

fn is_of_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a schema of the type {other}"),
    }
}

/// The members within the value that its schema does not name.
pub fn untold(document: &Value, schema: &Value, value: &Value) -> BTreeSet<String> {
    let schema = resolved(document, schema);
    if let Some(one) = schema["oneOf"].as_array() {
        let fitting = one.iter().find(|part| fits(document, part, value));
        return fitting.map(|part| untold(document, part, value)).unwrap_or_default();
    }
    let items = value.as_array().into_iter().flatten();
    let mut found: BTreeSet<String> =
        items.flat_map(|item| untold(document, &schema["items"], item)).collect();
    let known = members(document, schema);
    for (name, member) in value.as_object().into_iter().flatten() {
        match known.iter().find(|(told, _)| told == name) {
            Some((_, described)) => found.extend(untold(document, described, member)),
            None => drop(found.insert(name.clone())),
        }
    }
    found
}
