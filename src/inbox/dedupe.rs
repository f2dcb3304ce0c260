//! What makes a delivery the same as an earlier one. Two that differ in what happened must never share a key; two that
//! are one delivery sent twice should.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use serde::de::IgnoredAny;
use uuid::Uuid;

/// Shopify gives every delivery an id that its repetitions share. Without one the body speaks for itself.
pub(super) fn shopify(tenant: TenantId, webhook_id: &str, sha256: &[u8]) -> String {
    if webhook_id.is_empty() {
        format!("shopify:{tenant}:sha256:{}", hex::encode(sha256))
    } else {
        format!("shopify:{tenant}:id:{webhook_id}")
    }
}

/// WooCommerce's delivery id is made of the webhook and the second, so two orders can share it; the body tells them
/// apart.
pub(super) fn woocommerce(tenant: TenantId, webhook_id: &str, delivery_id: &str, sha256: &[u8]) -> String {
    format!("woocommerce:{tenant}:{webhook_id}:{delivery_id}:{}", hex::encode(sha256))
}

/// Mintsoft gives no id at all. A body that can be read carries instants that tell repetitions from news; one that is
/// empty or cannot be read says nothing, so the hour stands in for them.
pub(super) fn mintsoft(
    account: Uuid,
    order: i64,
    event: &str,
    body: &[u8],
    sha256: &[u8],
    now: DateTime<Utc>,
) -> String {
    let key = format!("mintsoft:{account}:{order}:{event}:{}", hex::encode(sha256));
    if serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        key
    } else {
        format!("{key}:{}", now.format("%Y-%m-%dT%H"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const TENANT: TenantId = TenantId(7);

    #[test]
    fn shopifys_id_counts_and_without_it_the_body() {
        assert_eq!(shopify(TENANT, "a", &[1]), shopify(TENANT, "a", &[2]));
        assert_ne!(shopify(TENANT, "a", &[1]), shopify(TENANT, "b", &[1]));
        assert_ne!(shopify(TENANT, "a", &[1]), shopify(TenantId(8), "a", &[1]));
        assert_ne!(shopify(TENANT, "", &[1]), shopify(TENANT, "", &[2]));
    }

    #[test]
    fn two_orders_of_one_second_differ_though_woocommerce_gives_them_one_id() {
        assert_ne!(woocommerce(TENANT, "17", "d", &[1]), woocommerce(TENANT, "17", "d", &[2]));
        assert_eq!(woocommerce(TENANT, "17", "d", &[1]), woocommerce(TENANT, "17", "d", &[1]));
    }

    #[test]
    fn a_callback_that_says_nothing_is_news_again_in_the_next_hour() {
        let now = DateTime::UNIX_EPOCH;
        let later = now + TimeDelta::hours(1);
        let key = |body: &[u8], now| mintsoft(Uuid::nil(), 1, "despatched", body, &[1], now);
        for silent in [&b""[..], b"{\"ID\":", b"<html>"] {
            assert_eq!(key(silent, now), key(silent, now + TimeDelta::minutes(59)));
            assert_ne!(key(silent, now), key(silent, later));
        }
        assert_eq!(key(b"[{\"ID\":1}]", now), key(b"[{\"ID\":1}]", later));
    }
}
