//! Where shops deliver: the body's signature proves the sender, the tenant stands in the address.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use logistics_domain::TenantId;
use zeroize::Zeroizing;

use super::arrival::{Arrival, Sender, sha256};
use super::body::{self, BodyRefusal};
use super::rejections::Rejection;
use super::waits::TimeLeft;
use super::{Inbox, answer, dedupe, headers};
use crate::secrets::verify_hmac_sha256_base64;
use crate::tenancy::ShopPlatform;

/// The longest body that can be a ping.
const PING_BYTES_MAX: usize = 64;

/// The secrets of a shop, the signature that is to be held against them, and the time that is left after they were got.
struct Proof {
    secrets: Vec<Zeroizing<String>>,
    signature: String,
    time: TimeLeft,
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
    let shop = Shop { inbox, platform, tenant };
    let received = if platform == ShopPlatform::Woocommerce && may_be_ping(sent) {
        shop.receive_perhaps_a_ping(sent, body).await
    } else {
        shop.receive_signed(sent, body).await
    };
    received.unwrap_or_else(|refused| refused)
}

/// A shop that is said to deliver.
struct Shop<'a> {
    inbox: &'a Inbox,
    platform: ShopPlatform,
    tenant: TenantId,
}

/// The answer; as an error, one that was given before all was done.
type Received = Result<Response, Response>;

impl Shop<'_> {
    /// What cannot be proven is refused before its body is waited for: whoever sends slowly holds a slot.
    async fn receive_signed(&self, sent: &HeaderMap, body: Body) -> Received {
        let proof = self.proof(sent).await?;
        let body = self.inbox.body(self.platform.as_str(), Some(self.tenant), sent, body).await?;
        self.keep(proof, sent, &body).await
    }

    /// A ping is answered whether or not the shop is known yet: the webhook may be made before its secret is given here.
    async fn receive_perhaps_a_ping(&self, sent: &HeaderMap, body: Body) -> Received {
        let (inbox, source) = (self.inbox, self.platform.as_str());
        let body = match body::read(sent, body, PING_BYTES_MAX, inbox.0.waits.ping).await {
            Ok(body) if is_ping(&body) => return Ok(answer::pong()),
            Ok(body) => body,
            Err(BodyRefusal::TooLarge) => Vec::new(),
            // The tenant need not exist, so nothing is counted for it.
            Err(refusal) => return Err(inbox.refused(source, None, refusal).await),
        };
        // It has no signature, and is told so.
        let proof = self.proof(sent).await?;
        self.keep(proof, sent, &body).await
    }

    /// The time that a delivery of the shop may take at the database.
    fn time(&self) -> TimeLeft {
        let waits = &self.inbox.0.waits;
        match self.platform {
            ShopPlatform::Shopify => TimeLeft::of(waits.database),
            ShopPlatform::Woocommerce => TimeLeft::of(waits.unrepeated),
        }
    }

    /// What the body is to be proven by.
    async fn proof(&self, sent: &HeaderMap) -> Result<Proof, Response> {
        let Self { inbox, platform, tenant } = *self;
        let (now, mut time) = (inbox.0.clock.now(), self.time());
        let secrets = inbox.at_database(&mut time, || inbox.secrets(tenant, platform, now)).await;
        let secrets = secrets.map_err(answer::unavailable)?;
        if secrets.is_empty() {
            return Err(answer::unknown_shop());
        }
        let signature = headers::text(sent, signature_header(platform));
        if signature.is_empty() {
            return Err(self.turned_away(Rejection::MissingSignature).await);
        }
        Ok(Proof { secrets, signature, time })
    }

    async fn keep(&self, mut proof: Proof, sent: &HeaderMap, body: &[u8]) -> Received {
        let secrets: Vec<&[u8]> = proof.secrets.iter().map(|secret| secret.as_bytes()).collect();
        if !verify_hmac_sha256_base64(&secrets, body, &proof.signature) {
            return Err(self.turned_away(Rejection::BadSignature).await);
        }
        let (inbox, arrival) = (self.inbox, arrival(self.platform, self.tenant, sent, body));
        let now = inbox.0.clock.now();
        let kept = inbox.at_database(&mut proof.time, || inbox.keep(&arrival, body, now)).await;
        kept.map(answer::kept).map_err(answer::unavailable)
    }

    async fn turned_away(&self, rejection: Rejection) -> Response {
        let (inbox, source) = (&self.inbox.0, self.platform.as_str());
        inbox.rejections.count(source, Some(self.tenant), rejection, inbox.clock.now()).await;
        answer::not_signed()
    }
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

/// Whether this can be the unsigned ping of a webhook that was just made: a small form with none of WooCommerce's headers.
fn may_be_ping(sent: &HeaderMap) -> bool {
    let kind = headers::text(sent, header::CONTENT_TYPE.as_str()).to_ascii_lowercase();
    let is_form = kind.is_empty() || kind.starts_with("application/x-www-form-urlencoded");
    let is_small = body::announced(sent).is_none_or(|bytes| bytes <= PING_BYTES_MAX);
    is_form && is_small && !sent.keys().any(|name| name.as_str().starts_with("x-wc-"))
}

/// Whether such a body is a ping: it holds the webhook's id alone.
fn is_ping(body: &[u8]) -> bool {
    let digits = body.trim_ascii().strip_prefix(b"webhook_id=").unwrap_or_default();
    body.len() <= PING_BYTES_MAX && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
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
        assert!(may_be_ping(&form()) && may_be_ping(&HeaderMap::new()));
        assert!(is_ping(b"webhook_id=17") && is_ping(b"webhook_id=17\n"));
        for body in [&b"webhook_id="[..], b"webhook_id=1a", b"webhook_id=1&x=2", b"", b"{}", &[b'1'; 65]] {
            assert!(!is_ping(body));
        }
    }

    #[test]
    fn what_carries_woocommerces_headers_or_is_no_form_or_is_long_is_no_ping() {
        let mut signed = form();
        signed.insert("x-wc-webhook-signature", HeaderValue::from_static(""));
        assert!(!may_be_ping(&signed));
        let mut json = form();
        json.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert!(!may_be_ping(&json));
        let mut long = form();
        long.insert(header::CONTENT_LENGTH, HeaderValue::from_static("64"));
        assert!(may_be_ping(&long));
        long.insert(header::CONTENT_LENGTH, HeaderValue::from_static("65"));
        assert!(!may_be_ping(&long));
    }
}
