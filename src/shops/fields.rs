//! Reading single values out of a shop's body, whatever kind they came as.

use serde_json::{Map, Value};

/// The longest name or number that is taken; real ones have a dozen characters.
const TEXT_CHARS_MAX: usize = 100;

/// The body as an object, or why it is none. The reason shows nothing of the body.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("The body is JSON, but no object.".to_owned()),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(format!("The body is not JSON: it breaks off or errs at line {line}, column {column}."))
        }
    }
}

/// A text or a number as text, trimmed; none where it is empty, absurdly long, or of another kind.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain =
        !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control);
    plain.then_some(text)
}

/// A positive id in decimal digits, exact however large: an integer, its text, or the last part of a `gid://…/123`.
pub(super) fn id(value: Option<&Value>) -> Option<String> {
    let text = text(value)?;
    let digits = text.rsplit('/').next().unwrap_or_default();
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty() && digits.bytes().all(|letter| letter.is_ascii_digit())).then(|| digits.to_owned())
}

/// Whether the value says yes: `true`, or the text of it.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// Whether the value says something: neither absent nor `null`, empty or an empty collection.
pub(super) fn is_given(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => fields.values().any(|field| is_given(Some(field))),
        Some(Value::Bool(_) | Value::Number(_)) => true,
    }
}

/// A list; none where it is absent or something else.
pub(super) fn list(value: Option<&Value>) -> Option<&Vec<Value>> {
    value.and_then(Value::as_array)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_above_two_to_the_53rd_keep_every_digit() {
        let body = object(br#"{"id":820982911946154508,"top":18446744073709551615}"#).unwrap();
        assert_eq!(id(body.get("id")).as_deref(), Some("820982911946154508"));
        assert_eq!(id(body.get("top")).as_deref(), Some("18446744073709551615"));
    }

    #[test]
    fn an_id_may_be_a_text_or_a_global_id_but_nothing_else() {
        for (value, expected) in [
            (json!("40527"), Some("40527")),
            (json!("gid://shopify/Order/123"), Some("123")),
            (json!("007"), Some("7")),
            (json!(0), None),
            (json!(-5), None),
            (json!(1.5), None),
            (json!("12a"), None),
            (json!(null), None),
            (json!([1]), None),
        ] {
            assert_eq!(id(Some(&value)).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn texts_and_numbers_are_texts_and_empty_ones_are_none() {
        assert_eq!(text(Some(&json!(" LAD-1 "))).as_deref(), Some("LAD-1"));
        assert_eq!(text(Some(&json!(1042))).as_deref(), Some("1042"));
        for none in [
            json!(""),
            json!(" "),
            json!(null),
            json!(true),
            json!({}),
            json!("a\u{0}b"),
            json!("9".repeat(101)),
        ] {
            assert_eq!(text(Some(&none)), None, "{none}");
        }
        assert_eq!(text(None), None);
    }

    #[test]
    fn an_object_of_empty_values_says_nothing() {
        assert!(!is_given(Some(&json!({"a": null, "b": " ", "c": {}, "d": []}))));
        assert!(is_given(Some(&json!({"a": null, "b": "x"}))));
    }

    #[test]
    fn what_is_no_object_says_why_without_showing_the_body() {
        for body in [&b"Rosa Quispe"[..], b"", b"[1]", b"null", b"{\"name\":\"Rosa", b"{\"a\":\"\xff\"}"] {
            let why = object(body).unwrap_err();
            assert!(why.starts_with("The body is") && !why.contains("Rosa"), "{why}");
        }
        assert!(object(b"\xef\xbb\xbf{}").is_ok());
        assert!(object("[".repeat(100_000).as_bytes()).is_err());
    }
}
