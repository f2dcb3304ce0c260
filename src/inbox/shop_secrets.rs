//! The secrets under which a shop's delivery may be signed.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use zeroize::Zeroizing;

use super::{Inbox, InboxError};
use crate::tenancy::ShopPlatform;

/// What WordPress writes for the letters that mean something in HTML.
const ENTITIES: [(&str, char); 9] = [
    ("&amp;", '&'),
    ("&#038;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#034;", '"'),
    ("&#039;", '\''),
    ("&#39;", '\''),
    ("&#x27;", '\''),
];

impl Inbox {
    /// The secrets that are good now; empty where the tenant is unknown or inactive, or has no such shop.
    pub(super) async fn secrets(
        &self,
        tenant: TenantId,
        platform: ShopPlatform,
        now: DateTime<Utc>,
    ) -> Result<Vec<Zeroizing<String>>, InboxError> {
        let tenancy = &self.0.tenancy;
        if tenancy.find_tenant(tenant).await?.is_none_or(|tenant| !tenant.is_active) {
            return Ok(Vec::new());
        }
        let mut secrets = tenancy.shop_secrets(tenant, platform, now).await?;
        if platform == ShopPlatform::Woocommerce {
            // WordPress keeps `a&b` as `a&amp;b` and signs with `a&b`; a person may have given either.
            let plain: Vec<_> = secrets.iter().filter_map(|secret| without_entities(secret)).collect();
            secrets.extend(plain);
        }
        Ok(secrets)
    }
}

/// The text with its entities read once; none where it has none.
fn without_entities(text: &str) -> Option<Zeroizing<String>> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    let mut found = false;
    while let Some(letter) = rest.chars().next() {
        if let Some((entity, stands_for)) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) {
            plain.push(*stands_for);
            rest = &rest[entity.len()..];
            found = true;
        } else {
            plain.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    found.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_read_once_and_other_texts_left_alone() {
        let plain = |text| without_entities(text).map(|plain| plain.as_str().to_owned());
        assert_eq!(plain("a&amp;b&#039;ñ"), Some("a&b'ñ".to_owned()));
        assert_eq!(plain("a&amp;lt;"), Some("a&lt;".to_owned()));
        assert_eq!(plain("a&b &unknown;"), None);
    }
}
