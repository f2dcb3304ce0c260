//! Whom an order goes to. Nothing here shows its content in a debug print.

use std::fmt;

use logistics_domain::{OrderStreamId, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The plain content that is sealed into events. Absent fields are left out of its JSON, so that a field
/// added later does not change the fingerprint of content that lacks it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Recipient {
    /// Title, first and last name in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Street lines, without the empty ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub address_lines: Vec<String>,
    /// Town or city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// County, state or department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_code: Option<String>,
    /// The country, as upstream names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mobile telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the courier is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_notes: Option<String>,
    /// What was written beside the order. It may be personal, so it stands among the recipient's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(redacted)")
    }
}

/// A row of `logistics_order_recipients`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRow {
    /// The order it belongs to.
    pub logistics_order_id: OrderStreamId,
    /// Whose order that is.
    pub tenant_id: TenantId,
    /// The number of the event that told of this recipient.
    pub version: i64,
    /// The recipient.
    pub recipient: Recipient,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debug_print_shows_nothing_of_a_person() {
        let recipient = Recipient { name: Some("Rosa".into()), ..Recipient::default() };
        assert_eq!(format!("{recipient:?}"), "Recipient(redacted)");
    }

    #[test]
    fn absent_fields_are_left_out_so_that_later_ones_keep_old_fingerprints() {
        let recipient = Recipient { name: Some("Rosa".into()), ..Recipient::default() };
        let json = serde_json::to_string(&recipient).unwrap();
        assert_eq!(json, r#"{"name":"Rosa"}"#);
        assert_eq!(serde_json::from_str::<Recipient>(&json).unwrap(), recipient);
    }
}
