//! The hash that binds an event to its place: the same computation as the append's statement, in Rust.
//!
//! `content = SHA-256` over type, stream, sequence, event type, version, payload and metadata, each with its
//! length in front; `leaf = SHA-256(0x00, tenant, position, microseconds, content)`. The leading zero is RFC 6962's
//! mark of a leaf. Payload and metadata count as canonical JSON (RFC 8785), so storage cannot change the hash.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Beyond this a canonical number loses digits, so an event that holds one is not stored.
const EXACT_INTEGER_MAX: u64 = (1 << 53) - 1;

/// An event as it is stored, without its place in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The kind of stream.
    pub aggregate_type: &'a str,
    /// The stream.
    pub aggregate_id: &'a str,
    /// The place in the stream, from 1.
    pub sequence: i64,
    /// The name of the event.
    pub event_type: &'a str,
    /// The version of its shape.
    pub event_version: &'a str,
    /// The payload in canonical JSON.
    pub payload: &'a str,
    /// The metadata in canonical JSON.
    pub metadata: &'a str,
}

impl Content<'_> {
    /// What the event says, and where in its stream.
    pub fn hash(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let sequence = self.sequence.to_be_bytes();
        for field in [
            self.aggregate_type.as_bytes(),
            self.aggregate_id.as_bytes(),
            &sequence,
            self.event_type.as_bytes(),
            self.event_version.as_bytes(),
            self.payload.as_bytes(),
            self.metadata.as_bytes(),
        ] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().into()
    }
}

/// The leaf of an event in its tenant's Merkle log.
pub fn leaf_hash(tenant: i64, position: i64, recorded_at: DateTime<Utc>, content: &[u8; 32]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update([0]);
    digest.update(tenant.to_be_bytes());
    digest.update(position.to_be_bytes());
    digest.update(recorded_at.timestamp_micros().to_be_bytes());
    digest.update(content);
    digest.finalize().into()
}

/// Why a value has no canonical form that says the same.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// A number that a canonical reader would read as another one.
    #[error("the number {0} is not a whole number of at most 2^53 - 1")]
    InexactNumber(serde_json::Number),
    /// It is no JSON at all.
    #[error("it cannot be written as JSON")]
    NotJson(#[from] serde_json::Error),
}

/// The one text of a value by RFC 8785: keys in order, no spaces. Numbers that would lose digits are refused.
///
/// Where keys are plain ASCII and numbers whole, `serde_json` writes that very text, and much faster: its maps are
/// in the order of bytes, which for ASCII is the order of UTF-16. A test holds both against each other.
pub fn canonical_json(value: &impl Serialize) -> Result<String, NotCanonical> {
    let value = serde_json::to_value(value)?;
    check_numbers(&value)?;
    if has_plain_keys(&value) {
        Ok(serde_json::to_string(&value)?)
    } else {
        Ok(serde_json_canonicalizer::to_string(&value)?)
    }
}

fn has_plain_keys(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(items) => items.iter().all(has_plain_keys),
        Value::Object(fields) => fields.iter().all(|(key, value)| key.is_ascii() && has_plain_keys(value)),
    }
}

fn check_numbers(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            match size {
                Some(size) if size <= EXACT_INTEGER_MAX => Ok(()),
                _ => Err(NotCanonical::InexactNumber(number.clone())),
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn content<'a>(event_type: &'a str, event_version: &'a str) -> Content<'a> {
        Content {
            aggregate_type: "logistics_order",
            aggregate_id: "x",
            sequence: 1,
            event_type,
            event_version,
            payload: "{}",
            metadata: "{}",
        }
    }

    #[test]
    fn bytes_cannot_move_from_one_field_to_the_next() {
        assert_ne!(content("ab", "c").hash(), content("a", "bc").hash());
    }

    #[test]
    fn the_place_and_the_instant_are_part_of_the_leaf() {
        let (at, content) = (DateTime::from_timestamp_micros(1).unwrap(), content("a", "b").hash());
        let leaf = leaf_hash(7, 0, at, &content);
        assert_ne!(leaf_hash(8, 0, at, &content), leaf);
        assert_ne!(leaf_hash(7, 1, at, &content), leaf);
        assert_ne!(leaf_hash(7, 0, at + chrono::TimeDelta::microseconds(1), &content), leaf);
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let (one, other) = (r#"{"b":1,"a":[true,null]}"#, r#"{ "a": [true, null], "b": 1 }"#);
        let read = |text: &str| canonical_json(&serde_json::from_str::<Value>(text).unwrap()).unwrap();
        assert_eq!(read(one), r#"{"a":[true,null],"b":1}"#);
        assert_eq!(read(one), read(other));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner.clone(), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
                prop::collection::btree_map("[ -~]{0,8}", inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_text_is_the_one_of_an_independent_canonicaliser(value in any_json()) {
            prop_assert_eq!(canonical_json(&value).unwrap(), serde_json_canonicalizer::to_string(&value).unwrap());
        }
    }

    #[test]
    fn a_number_that_would_lose_digits_is_refused() {
        assert_eq!(canonical_json(&json!([9_007_199_254_740_991_i64])).unwrap(), "[9007199254740991]");
        assert!(canonical_json(&json!([9_007_199_254_740_993_i64])).is_err());
        assert!(canonical_json(&json!({"weight": 1.5})).is_err());
        assert!(canonical_json(&json!([-9_007_199_254_740_992_i64])).is_err());
    }
}
