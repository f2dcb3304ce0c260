//! A person's desk: asks over HTTP, and looks at both ends what came of it.

use std::time::Duration;

use logistics_ledger::sandbox::{CallbackBehaviour, SandboxSettings, status};
use reqwest::Method;
use serde_json::{Value, json};

use crate::service::site::Site;
use crate::support::service::{Reply, Service, until};

/// Quick enough for tests: calls that time out early, jobs that come back soon.
pub const QUICK: [(&str, &str); 2] = [("LEDGER_UPSTREAM_TIMEOUT", "1s"), ("LEDGER_RECHECK_INTERVAL", "1h")];

/// The same where the service is killed, and what it was at is soon taken up. Where it is not, a machine that stands still for a
/// second would take the work away from it.
pub const KILLED: [(&str, &str); 3] = [("LEDGER_JOB_LEASE", "1s"), QUICK[0], QUICK[1]];

/// A warehouse that calls back when the test is long over.
pub async fn silent(settings: &[(&str, &str)], sandbox: SandboxSettings) -> Site {
    let callbacks = CallbackBehaviour { delay: Duration::from_mins(10), ..CallbackBehaviour::default() };
    let mut site = Site::with(settings, SandboxSettings { callbacks, ..sandbox }).await;
    site.service.restart().await;
    site
}

/// Asks for a cancellation, under a key where one is given.
pub async fn cancel(site: &Site, order: &str, key: Option<&str>, reason: &str) -> Reply {
    cancel_at(&site.service, &site.ladore, order, key, reason).await
}

/// The same at one of several instances.
pub async fn cancel_at(
    service: &Service,
    credential: &str,
    order: &str,
    key: Option<&str>,
    reason: &str,
) -> Reply {
    Reply::to(cancelling(service, credential, order, key, reason)).await
}

pub fn cancelling(
    service: &Service,
    credential: &str,
    order: &str,
    key: Option<&str>,
    reason: &str,
) -> reqwest::RequestBuilder {
    let request = service
        .request(Method::POST, &format!("/api/v1/logistics/orders/{order}/cancel"))
        .header("x-api-key", credential)
        .json(&json!({ "reason": reason }));
    match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    }
}

/// The cancellation that the order shows.
pub async fn shown(site: &Site, order: &str) -> Value {
    site.get(&format!("logistics/orders/{order}")).await.expect(200)["cancellation"].clone()
}

/// Waits until the cancellation of the order is settled, and tells how.
pub async fn settled(site: &Site, order: &str) -> Value {
    let mut state = Value::Null;
    until("the cancellation is settled", async || {
        state = shown(site, order).await;
        ["confirmed", "refused"].contains(&state["state"].as_str().unwrap_or_default())
    })
    .await;
    state
}

/// The names of an order's events, oldest first.
pub async fn events(site: &Site, order: &str) -> Vec<String> {
    let history = site.get(&format!("logistics/orders/{order}/history")).await.expect(200);
    let items = history["items"].as_array().unwrap();
    items.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// How often an event stands in an order's history.
pub async fn count(site: &Site, order: &str, name: &str) -> usize {
    events(site, order).await.iter().filter(|event| *event == name).count()
}

/// How often upstream was called to cancel an order.
pub fn calls(site: &Site, mintsoft_order_id: i64) -> usize {
    site.mintsoft.count_calls(&format!("order/{mintsoft_order_id}/cancel"))
}

/// Whether the order is cancelled upstream.
pub fn is_cancelled(site: &Site, mintsoft_order_id: i64) -> bool {
    site.mintsoft.order(mintsoft_order_id).is_some_and(|order| order.status == status::CANCELLED)
}

/// A fresh order of Ladore's that the ledger knows: its number upstream, and its id here.
pub async fn known_order(site: &Site, number: &str) -> (i64, String) {
    let upstream = site.order(number);
    site.sync().await;
    (upstream, site.id_of(upstream).await)
}
