//! The four callbacks: despatched, cancelled, delivered, split. The world only puts them on a bounded queue;
//! a task of its own sends them. Absent: signatures, event names and ids, which upstream does not send.

use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::error::SandboxError;
use super::settings::{CallbackBehaviour, CallbackBody};
use super::wire::{self, Lens, OrderRow, TrackingEventJson};
use super::world::World;

/// How many callbacks may wait; more are dropped, as upstream promises nothing.
const WAITING_AT_MOST: usize = 4_096;
/// How many attempts at one callback are made, whatever the settings say.
const ATTEMPTS_AT_MOST: u32 = 20;

/// What happened to an order that someone may have asked to hear of.
#[derive(Clone, Copy)]
pub enum Occasion {
    Despatched,
    Cancelled,
    Delivered,
    /// Split; the id is that of the part that left.
    Split(i64),
}

/// A callback on its way.
pub struct Callback {
    url: String,
    authorization: Option<String>,
    body: Vec<u8>,
    order_id: i64,
    action_id: i64,
    /// When it leaves: its occasion plus the delay of the settings.
    due: Instant,
}

/// Where the world puts its callbacks.
pub type Outbox = mpsc::Sender<Callback>;

pub fn queue() -> (Outbox, mpsc::Receiver<Callback>) {
    mpsc::channel(WAITING_AT_MOST)
}

impl World {
    /// Puts a callback on the queue for each registered URL of this occasion.
    pub fn call_back(&mut self, occasion: Occasion, id: i64) {
        let Some(order) = self.orders.get(&id) else { return };
        for row in order.actions.iter().filter(|row| row.action.kind.eq_ignore_ascii_case("API")) {
            let url = match occasion {
                Occasion::Despatched => &row.action.despatched_url,
                Occasion::Cancelled => &row.action.cancelled_url,
                Occasion::Delivered => &row.action.delivered_url,
                Occasion::Split(_) => &row.action.split_url,
            };
            let Some(url) = url.clone().filter(|url| !url.trim().is_empty()) else { continue };
            let callback = Callback {
                url,
                authorization: row.action.authorization.clone(),
                body: self.body(occasion, id),
                order_id: id,
                action_id: row.id,
                due: Instant::now() + self.settings.callbacks.delay,
            };
            if self.outbox.try_send(callback).is_err() {
                tracing::warn!(order = id, "the sandbox dropped a callback: its queue is full or stopped");
            }
        }
    }

    fn body(&self, occasion: Occasion, id: i64) -> Vec<u8> {
        let lens = Lens { zone: self.settings.time_zone, seed: self.settings.seed };
        let shape = self.settings.callbacks.body;
        let order = self.orders.get(&id).map(|order| OrderRow::of(order, lens, true));
        match (shape, occasion) {
            (CallbackBody::Empty, _) => Vec::new(),
            (CallbackBody::Nulls, _) => nulls(id),
            (_, Occasion::Delivered) => {
                let scans = self.events.iter().filter(|event| event.order_id == id);
                wire::bytes(&scans.map(|event| TrackingEventJson::of(event, lens)).collect::<Vec<_>>())
            }
            (_, Occasion::Split(part)) => {
                let part = self.orders.get(&part).map(|order| OrderRow::of(order, lens, true));
                let body = SplitBody { order, split_orders: part.into_iter().collect() };
                if shape == CallbackBody::Array { wire::bytes(&[body]) } else { wire::bytes(&body) }
            }
            (CallbackBody::Array, _) => wire::bytes(&[order]),
            (CallbackBody::Documented, _) => wire::bytes(&order),
        }
    }
}

/// The original order together with the new part; the keys are not known from upstream.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SplitBody<'a> {
    order: Option<OrderRow<'a>>,
    split_orders: Vec<OrderRow<'a>>,
}

fn nulls(id: i64) -> Vec<u8> {
    wire::bytes(&serde_json::json!({
        "ClientId": null, "OrderNumber": null, "OrderStatusId": null, "DespatchDate": null,
        "OrderItems": null, "OrderNameValues": null, "LastUpdated": null, "ID": id,
    }))
}

/// Sends the callbacks, one after the other.
pub struct Sender {
    client: reqwest::Client,
    behaviour: CallbackBehaviour,
    world: Weak<Mutex<World>>,
}

impl Sender {
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulated upstream calls out by itself, not for the product"
    )]
    pub fn prepare(behaviour: CallbackBehaviour, world: Weak<Mutex<World>>) -> Result<Self, SandboxError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SandboxError::Callbacks)?;
        Ok(Self { client, behaviour, world })
    }

    pub async fn run(self, mut queue: mpsc::Receiver<Callback>, stop: CancellationToken) {
        loop {
            let callback = tokio::select! {
                () = stop.cancelled() => return,
                next = queue.recv() => match next { Some(callback) => callback, None => return },
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.deliver(&callback) => {}
            }
        }
    }

    async fn deliver(&self, callback: &Callback) {
        let attempts = (self.behaviour.retries + 1).min(ATTEMPTS_AT_MOST);
        let copies = self.behaviour.duplicates.min(ATTEMPTS_AT_MOST);
        sleep_until(callback.due).await;
        for attempt in 0..attempts {
            if attempt > 0 {
                sleep(self.behaviour.delay).await;
            }
            let outcome = self.post(callback).await;
            let taken = outcome.is_ok();
            self.record(callback, outcome);
            if taken {
                for _ in 0..copies {
                    sleep(self.behaviour.delay).await;
                    // A copy that is not taken changes nothing: the first one was.
                    let _ = self.post(callback).await;
                }
                return;
            }
        }
    }

    async fn post(&self, callback: &Callback) -> Result<String, String> {
        let mut request = self
            .client
            .post(&callback.url)
            .header("content-type", "application/json; charset=utf-8")
            .body(callback.body.clone());
        if let Some(value) = &callback.authorization {
            request = request.header("authorization", value);
        }
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(format!("OK {}", answer.status().as_u16())),
            Ok(answer) => Err(format!("HTTP {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("Timeout".to_owned()),
            Err(_) => Err("Unable to connect".to_owned()),
        }
    }

    /// Writes the outcome on the action's row: `Complete` on success, a message either way.
    fn record(&self, callback: &Callback, outcome: Result<String, String>) {
        let Some(world) = self.world.upgrade() else { return };
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let at = world.stamp();
        let Ok(order) = world.order_mut(callback.order_id) else { return };
        if let Some(row) = order.actions.iter_mut().find(|row| row.id == callback.action_id) {
            row.action.complete |= outcome.is_ok();
            row.action.messages = Some(outcome.unwrap_or_else(|refusal| refusal));
            row.at = at;
        }
    }
}
