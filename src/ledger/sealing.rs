//! How the personal data of an order is sealed: one name a datum, one form of the plain content.

use logistics_domain::order::facts::Sealed;
use logistics_projections::recipients::Recipient;

use crate::secrets::{OrderKey, SecretError};

/// The name that a recipient is sealed under.
const RECIPIENT: &str = "recipient";
/// The name that the reason of a cancellation is sealed under.
const CANCELLATION_REASON: &str = "cancellation_reason";
/// The name that a comment is sealed under.
const COMMENT: &str = "comment";
/// The name that the bytes of upstream are sealed under.
pub const RAW_PAYLOAD: &str = "raw_payload";

/// A recipient, sealed for an event: JSON under the order's key.
pub fn seal_recipient(key: &OrderKey, recipient: &Recipient) -> Sealed {
    let plain = serde_json::json!(recipient).to_string();
    sealed(key, RECIPIENT, plain.as_bytes())
}

/// The recipient that was sealed for an event of the same order.
pub fn open_recipient(key: &OrderKey, sealed: &Sealed) -> Result<Recipient, SecretError> {
    let plain = key.open(RECIPIENT, &sealed.sealed)?;
    serde_json::from_slice(&plain).map_err(|_| SecretError::Malformed)
}

/// The reason of a cancellation, sealed.
pub fn seal_reason(key: &OrderKey, reason: &str) -> Sealed {
    sealed(key, CANCELLATION_REASON, reason.as_bytes())
}

/// The reason of a cancellation, in plain text.
pub fn open_reason(key: &OrderKey, sealed: &Sealed) -> Result<String, SecretError> {
    open_text(key, CANCELLATION_REASON, sealed)
}

/// A comment, sealed.
pub fn seal_comment(key: &OrderKey, comment: &str) -> Sealed {
    sealed(key, COMMENT, comment.as_bytes())
}

/// A comment, in plain text.
pub fn open_comment(key: &OrderKey, sealed: &Sealed) -> Result<String, SecretError> {
    open_text(key, COMMENT, sealed)
}

fn sealed(key: &OrderKey, what: &str, plain: &[u8]) -> Sealed {
    Sealed { fingerprint: key.fingerprint(what, plain), sealed: key.seal(what, plain) }
}

fn open_text(key: &OrderKey, what: &str, sealed: &Sealed) -> Result<String, SecretError> {
    let plain = key.open(what, &sealed.sealed)?;
    String::from_utf8(plain.to_vec()).map_err(|_| SecretError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_again_and_equal_content_is_recognised() {
        let (key, recipient) =
            (OrderKey::generate(), Recipient { name: Some("Rosa".into()), ..Recipient::default() });
        let (one, other) = (seal_recipient(&key, &recipient), seal_recipient(&key, &recipient));
        assert_eq!(open_recipient(&key, &one).unwrap(), recipient);
        assert_eq!(one.fingerprint, other.fingerprint);
        assert_ne!(one.sealed, other.sealed);
        assert_eq!(open_comment(&key, &seal_comment(&key, "hola")).unwrap(), "hola");
        assert_eq!(open_reason(&key, &seal_reason(&key, "doble")).unwrap(), "doble");
        assert!(open_reason(&key, &seal_comment(&key, "hola")).is_err());
    }
}
