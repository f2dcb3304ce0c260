//! Where shops deliver: the body's signature proves the sender, the tenant stands in the address.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use logistics_domain::TenantId;

use super::arrival::{Arrival, Kept, Sender, sha256};
use super::rejections::Rejection;
use super::{Inbox, InboxError, answer, body, dedupe, headers};
use crate::secrets::verify_hmac_sha256_base64;
use crate::tenancy::ShopPlatform;

/// The longest body that can be a ping.
const PING_BYTES_MAX: usize = 64;

/// What came of a delivery.
enum Outcome {
    Kept(Kept),
    Rejected(Rejection),
    UnknownShop,
}

/// `POST /api/v1/webhooks/shopify/{tenant_id}`
pub(super) async fn receive_shopify(
    State(inbox): State<Inbox>,
    Path(tenant): Path<String>,
    sent: HeaderMap,
    body: Body,
) -> Response {
    receive(&inbox, ShopPlatform::Shopify, &tenant, &sent, body).await
}

/// `POST /api/v1/webhooks/woocommerce/{tenant_id}`
pub(super) async fn receive_woocommerce(
    State(inbox): State<Inbox>,
    Path(tenant): Path<String>,
    sent: HeaderMap,
    body: Body,
) -> Response {
    receive(&inbox, ShopPlatform::Woocommerce, &tenant, &sent, body).await
}

async fn receive(
    inbox: &Inbox,
    platform: ShopPlatform,
    tenant: &str,
    sent: &HeaderMap,
    body: Body,
) -> Response {
    let Some(tenant) = tenant.parse().ok().filter(|id| *id > 0).map(TenantId) else {
        return answer::unknown_shop();
    };
    let body = match body::read(sent, body).await {
        Ok(body) => body,
        Err(refusal) => return answer::bad_body(refusal),
    };
    if platform == ShopPlatform::Woocommerce && is_ping(sent, &body) {
        return answer::pong();
    }
    match inbox.at_database(prove_and_keep(inbox, platform, tenant, sent, &body)).await {
        Ok(Outcome::Kept(kept)) => answer::kept(kept),
        Ok(Outcome::UnknownShop) => answer::unknown_shop(),
        Ok(Outcome::Rejected(rejection)) => {
            let now = inbox.0.clock.now();
            inbox.0.rejections.count(platform.as_str(), Some(tenant), rejection, now).await;
            answer::not_signed()
        }
        Err(error) => answer::unavailable(error),
    }
}

async fn prove_and_keep(
    inbox: &Inbox,
    platform: ShopPlatform,
    tenant: TenantId,
    sent: &HeaderMap,
    body: &[u8],
) -> Result<Outcome, InboxError> {
    let now = inbox.0.clock.now();
    let secrets = inbox.secrets(tenant, platform, now).await?;
    if secrets.is_empty() {
        return Ok(Outcome::UnknownShop);
    }
    let signature = headers::text(sent, signature_header(platform));
    if signature.is_empty() {
        return Ok(Outcome::Rejected(Rejection::MissingSignature));
    }
    let secrets: Vec<&[u8]> = secrets.iter().map(|secret| secret.as_bytes()).collect();
    if !verify_hmac_sha256_base64(&secrets, body, &signature) {
        return Ok(Outcome::Rejected(Rejection::BadSignature));
    }
    let arrival = arrival(platform, tenant, sent, body);
    inbox.keep(&arrival, body, now).await.map(Outcome::Kept)
}

fn arrival(platform: ShopPlatform, tenant: TenantId, sent: &HeaderMap, body: &[u8]) -> Arrival {
    let text = |name| headers::text(sent, name);
    let (topic, dedupe_key) = match platform {
        ShopPlatform::Shopify => {
            let key = dedupe::shopify(tenant, &text("x-shopify-webhook-id"), &sha256(body));
            (text("x-shopify-topic"), key)
        }
        ShopPlatform::Woocommerce => {
            let (webhook, delivery) = (text("x-wc-webhook-id"), text("x-wc-webhook-delivery-id"));
            let key = dedupe::woocommerce(tenant, &webhook, &delivery, &sha256(body));
            (text("x-wc-webhook-topic"), key)
        }
    };
    let sender = Sender::Shop { source: platform.as_str(), tenant };
    Arrival { sender, topic, dedupe_key, headers: headers::kept(sent) }
}

const fn signature_header(platform: ShopPlatform) -> &'static str {
    match platform {
        ShopPlatform::Shopify => "x-shopify-hmac-sha256",
        ShopPlatform::Woocommerce => "x-wc-webhook-signature",
    }
}

/// Whether this is the unsigned ping of a webhook that was just made: a form that holds the webhook's id alone, and none
/// of WooCommerce's headers.
fn is_ping(sent: &HeaderMap, body: &[u8]) -> bool {
    if body.len() > PING_BYTES_MAX || sent.keys().any(|name| name.as_str().starts_with("x-wc-")) {
        return false;
    }
    let kind = headers::text(sent, header::CONTENT_TYPE.as_str()).to_ascii_lowercase();
    let form = kind.is_empty() || kind.starts_with("application/x-www-form-urlencoded");
    let digits = body.trim_ascii().strip_prefix(b"webhook_id=").unwrap_or_default();
    form && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn form() -> HeaderMap {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind)])
    }

    #[test]
    fn a_ping_is_a_form_with_the_webhooks_id_and_nothing_else() {
        assert!(is_ping(&form(), b"webhook_id=17"));
        assert!(is_ping(&HeaderMap::new(), b"webhook_id=17\n"));
        for body in [&b"webhook_id="[..], b"webhook_id=1a", b"webhook_id=1&x=2", b"", b"{}", &[b'1'; 65]] {
            assert!(!is_ping(&form(), body));
        }
    }

    #[test]
    fn what_carries_woocommerces_headers_or_is_no_form_is_no_ping() {
        let mut signed = form();
        signed.insert("x-wc-webhook-signature", HeaderValue::from_static(""));
        assert!(!is_ping(&signed, b"webhook_id=17"));
        let mut json = form();
        json.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert!(!is_ping(&json, b"webhook_id=17"));
    }
}
