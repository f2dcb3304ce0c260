//! What makes a delivery the same as an earlier one. Two that differ in what happened must never share a key; two that
//! are one delivery sent twice should.

use logistics_domain::TenantId;
use uuid::Uuid;

use crate::mintsoft::wire::tells_when_changed;

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

/// Mintsoft gives no id at all. A body that says when the order last changed tells repetitions from news; one that does
/// not says nothing, so each such delivery counts as news: all it leads to is a re-read.
pub(super) fn mintsoft(
    account: Uuid,
    order: i64,
    event: &str,
    body: &[u8],
    sha256: &[u8],
    delivery: Uuid,
) -> String {
    let key = format!("mintsoft:{account}:{order}:{event}:{}", hex::encode(sha256));
    if tells_when_changed(body) { key } else { format!("{key}:{delivery}") }
}

#[cfg(test)]
mod tests {
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
    fn a_callback_that_does_not_say_when_is_always_news() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let key = |body: &[u8], delivery| mintsoft(Uuid::nil(), 1, "despatched", body, &[1], delivery);
        for silent in [&b""[..], b"{}", b"[{\"ID\":1}]", b"{\"ID\":", b"<html>"] {
            assert_ne!(key(silent, one), key(silent, other));
        }
        let told = b"{\"ID\":1,\"LastUpdated\":\"2026-02-09T14:41:29\"}";
        assert_eq!(key(told, one), key(told, other));
    }

    #[test]
    fn callbacks_of_another_account_order_or_event_differ_though_they_say_the_same() {
        let told = b"{\"ID\":1,\"LastUpdated\":\"2026-02-09T14:41:29\"}";
        let key =
            |account, order, event| mintsoft(Uuid::from_u128(account), order, event, told, &[1], Uuid::nil());
        let one = key(1, 1, "despatched");
        assert_eq!(key(1, 1, "despatched"), one);
        for other in [key(2, 1, "despatched"), key(1, 2, "despatched"), key(1, 1, "delivered")] {
            assert_ne!(other, one);
        }
    }
}
