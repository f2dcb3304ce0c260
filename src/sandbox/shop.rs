//! A simulated Shopify: for each order that the simulated warehouse books, the shop's signed `orders/paid` webhook is
//! posted, as Shopify would. Its bodies are built here, field by field; no code of the product is used.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::{LivingOrder, SandboxError, WorldHandle};
use crate::clock;

/// How often it is looked for orders that were booked since.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Every so many orders the shop also sells one that the warehouse never hears of.
const LOST_EVERY: i64 = 9;

/// A shop, and where its webhooks go.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The address that webhooks are posted to.
    pub webhook_url: String,
    /// What signs them.
    pub secret: String,
}

/// The shops of the brands, by SKU prefix.
pub struct Shops {
    client: reqwest::Client,
    shops: BTreeMap<String, Shop>,
}

impl Shops {
    /// Opens the shops.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulated shop calls out by itself, not for the product"
    )]
    pub fn open(shops: BTreeMap<String, Shop>) -> Result<Self, SandboxError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SandboxError::Callbacks)?;
        Ok(Self { client, shops })
    }

    /// Tells of every order that the world books, until it is asked to end.
    pub async fn sell(self, world: WorldHandle, stop: CancellationToken) {
        let mut last = 0;
        while !stop.is_cancelled() {
            for order in world.living_orders_after(last) {
                last = last.max(order.order_id);
                self.tell(&order.sku_prefix, &order.shop_name, order.order_id, &order.skus).await;
                if order.order_id % LOST_EVERY == 0 && !order.stock {
                    let name = lost_name(&order);
                    self.tell(&order.sku_prefix, &name, -order.order_id, &order.skus).await;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn tell(&self, prefix: &str, name: &str, seed: i64, skus: &[String]) {
        let Some(shop) = self.shops.get(prefix) else { return };
        let body = body(name, seed, skus).to_string();
        let sent = self
            .client
            .post(&shop.webhook_url)
            .header("X-Shopify-Topic", "orders/paid")
            .header("X-Shopify-Hmac-Sha256", signature(&shop.secret, body.as_bytes()))
            .header("X-Shopify-Shop-Domain", format!("{}.myshopify.com", prefix.to_lowercase()))
            .header("X-Shopify-Webhook-Id", clock::new_id().to_string())
            .header("Content-Type", "application/json")
            .body(body)
            .send()
            .await;
        if let Err(error) = sent.and_then(reqwest::Response::error_for_status) {
            tracing::debug!(error = %error.without_url(), "the simulated shop could not deliver a webhook");
        }
    }
}

/// A name that no order of the warehouse carries: its numbers do not get that far.
fn lost_name(order: &LivingOrder) -> String {
    order.shop_name.replacen('#', "#9", 1)
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What Shopify says of a paid order, as far as anybody reads it.
fn body(name: &str, seed: i64, skus: &[String]) -> Value {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().unwrap_or_default();
    let lines: Vec<Value> = skus
        .iter()
        .map(|sku| json!({"sku": sku, "quantity": 1, "requires_shipping": true, "title": sku}))
        .collect();
    json!({
        "id": 6_674_573_000_000_i64 + seed, "name": name, "order_number": number, "number": number - 1000,
        "financial_status": "paid", "fulfillment_status": null, "currency": "PEN", "test": false,
        "cancelled_at": null, "line_items": lines,
        "shipping_address": {"name": "Rosa Quispe", "address1": "Av. Larco 100", "city": "Lima", "country_code": "PE"},
    })
}
