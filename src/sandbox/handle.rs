//! The world as tests, the demo and the control API move it: directly, in the same process. Absent: any check
//! of permissions, since this is the hand of the simulator's owner.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::broadcast;

use super::error::WorldError;
use super::faults::Fault;
use super::life::{LivingOrder, people};
use super::order::{ConnectAction, Order, Recipient};
use super::settings::Brand;
use super::spec::{ItemSpec, OrderSpec};
use super::world::{Kind, WAREHOUSE_USER, World};

/// A call that the API received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedCall {
    /// The method, as in `GET`.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// Who called; `None` without a good key.
    pub user: Option<String>,
    /// The status of the answer; 0 while there is none yet.
    pub status: u16,
}

/// A hand on the world; clones hold the same one.
#[derive(Clone)]
pub struct WorldHandle(Arc<Mutex<World>>);

impl WorldHandle {
    pub(super) fn of(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(super) fn shared(&self) -> &Arc<Mutex<World>> {
        &self.0
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates an order and gives its id.
    pub fn create_order(&self, spec: OrderSpec) -> i64 {
        self.lock().create(spec, WAREHOUSE_USER)
    }

    /// Creates `count` orders of a brand at once, numbered on from its highest; gives their ids.
    pub fn create_bulk(&self, count: usize, brand: &Brand) -> Vec<i64> {
        let mut world = self.lock();
        let first = brand.first_number as usize + world.orders.len();
        (first..first + count)
            .map(|n| {
                let item = |name: &str| ItemSpec {
                    sku: format!("{}_{name}", brand.sku_prefix),
                    quantity: 1 + i32::from(n % 3 == 0),
                    price: 19.9,
                    weight: 0.4,
                };
                let spec = OrderSpec {
                    client_id: brand.client_id,
                    number: format!("{}-{n}", brand.number_prefix),
                    items: vec![item("SERUM_30ML"), item("CREMA_50ML")],
                    ..OrderSpec::default()
                };
                world.create(spec, "import@warehouse.example-API")
            })
            .collect()
    }

    /// The order as it stands; `None` when unknown or merged away.
    pub fn order(&self, id: i64) -> Option<Order> {
        self.lock().orders.get(&id).cloned()
    }

    /// The ids of all orders, oldest first.
    pub fn order_ids(&self) -> Vec<i64> {
        self.lock().orders.keys().copied().collect()
    }

    /// Changes any field of an order and moves `LastUpdated`.
    pub fn edit(&self, id: i64, change: impl FnOnce(&mut Order)) -> Result<(), WorldError> {
        self.lock().edit(id, WAREHOUSE_USER, true, change)
    }

    /// Changes any field of an order without a trace in `LastUpdated`.
    pub fn edit_silently(&self, id: i64, change: impl FnOnce(&mut Order)) -> Result<(), WorldError> {
        self.lock().edit(id, WAREHOUSE_USER, false, change)
    }

    /// Moves an order to any status, also backward or to one that upstream has not published.
    pub fn set_status(&self, id: i64, status: i32) -> Result<(), WorldError> {
        self.lock().set_status(id, status, WAREHOUSE_USER)
    }

    /// Despatches an order; with a number it is tracked and has a shipment, without one it is not.
    pub fn despatch(&self, id: i64, tracking_number: Option<&str>) -> Result<(), WorldError> {
        self.lock().despatch(id, tracking_number, WAREHOUSE_USER)
    }

    /// Books a shipment; `tracked` says whether upstream follows it. Several numbers may be separated by commas.
    pub fn add_shipment(&self, id: i64, number: &str, tracked: bool) -> Result<i64, WorldError> {
        self.lock().add_shipment(id, number, tracked, WAREHOUSE_USER)
    }

    /// Adds a courier scan (`status` as in "Delivered") to the newest shipment; false when it is not followed.
    pub fn add_tracking_event(&self, id: i64, status: &str) -> Result<bool, WorldError> {
        self.lock().add_tracking_event(id, status, None, None)
    }

    /// Adds a courier scan with the courier's own text and time.
    pub fn add_tracking_event_at(
        &self,
        id: i64,
        status: &str,
        text: &str,
        courier_time: DateTime<Utc>,
    ) -> Result<bool, WorldError> {
        self.lock().add_tracking_event(id, status, Some(text), Some(courier_time))
    }

    /// Splits the lines with these SKUs off; gives the id of the fresh part.
    pub fn split(&self, id: i64, skus: &[&str]) -> Result<i64, WorldError> {
        self.lock().split(id, skus, WAREHOUSE_USER)
    }

    /// Merges `absorbed` into `survivor`.
    pub fn merge(&self, survivor: i64, absorbed: i64) -> Result<(), WorldError> {
        self.lock().merge(survivor, absorbed, WAREHOUSE_USER)
    }

    /// Copies an order; gives the id of the copy.
    pub fn copy(&self, id: i64) -> Result<i64, WorldError> {
        self.lock().copy(id, WAREHOUSE_USER)
    }

    /// Cancels an order as a person in the warehouse would.
    pub fn cancel(&self, id: i64) -> Result<(), WorldError> {
        self.lock().cancel(id, WAREHOUSE_USER)
    }

    /// Moves `LastUpdated` and nothing else.
    pub fn touch(&self, id: i64) -> Result<(), WorldError> {
        self.lock().touch(id, WAREHOUSE_USER)
    }

    /// Writes a comment; `admin` keeps it from client users.
    pub fn comment(&self, id: i64, text: &str, admin: bool) -> Result<i64, WorldError> {
        self.lock().comment(id, text, admin, WAREHOUSE_USER)
    }

    /// Adds a document of a type (3 invoice, 5 label); gives its id.
    pub fn add_document(&self, id: i64, type_id: i32, file_name: &str) -> Result<i64, WorldError> {
        self.lock().add_document(id, type_id, file_name)
    }

    /// Gives an order another recipient.
    pub fn set_recipient(&self, id: i64, recipient: Recipient) -> Result<(), WorldError> {
        self.edit(id, |order| order.recipient = recipient)
    }

    /// Moves an order to another client of the warehouse.
    pub fn set_client(&self, id: i64, client_id: i64) -> Result<(), WorldError> {
        self.edit(id, |order| order.client_id = client_id)
    }

    /// Strips an order of personal data.
    pub fn remove_personal_data(&self, id: i64) -> Result<(), WorldError> {
        self.lock().remove_personal_data(id)
    }

    /// A recipient from the sandbox's seed.
    pub fn invent_recipient(&self) -> Recipient {
        people::recipient(&mut self.lock().chance)
    }

    /// The connect actions of an order; none for an unknown one.
    pub fn connect_actions(&self, id: i64) -> Vec<ConnectAction> {
        let world = self.lock();
        let rows = world.orders.get(&id).map(|order| order.actions.as_slice()).unwrap_or_default();
        rows.iter().map(|row| row.action.clone()).collect()
    }

    /// Registers a connect action as another program would; gives its id.
    pub fn connect(&self, id: i64, action: ConnectAction) -> Result<i64, WorldError> {
        self.lock().connect(id, action, WAREHOUSE_USER)
    }

    /// The comments of an order: text, and whether internal to the warehouse.
    pub fn comments(&self, id: i64) -> Vec<(String, bool)> {
        let world = self.lock();
        let notes = world.orders.get(&id).map(|order| order.notes.as_slice()).unwrap_or_default();
        notes.iter().map(|note| (note.text.clone(), note.admin)).collect()
    }

    /// The next `times` calls whose `METHOD /path` contains `path` (case aside; `None` is any) suffer `fault`.
    pub fn fail_next(&self, fault: Fault, times: u32, path: Option<&str>) {
        self.lock().faults.order(fault, times, path);
    }

    /// Forgets the faults not yet used up.
    pub fn forget_faults(&self) {
        self.lock().faults.forget();
    }

    /// Moves the sandbox's clock forward; gives its new instant.
    pub fn skip_time(&self, by: TimeDelta) -> Result<DateTime<Utc>, WorldError> {
        self.lock().skip_time(by)
    }

    /// The sandbox's present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now()
    }

    /// Every login key dies, fixed keys aside.
    pub fn expire_keys(&self) {
        self.lock().keys.expire_all();
    }

    /// The calls to `/api` received so far, oldest first (the last 20,000).
    pub fn calls(&self) -> Vec<ReceivedCall> {
        self.lock().calls.iter().cloned().collect()
    }

    /// How many calls were received whose `METHOD /path` contains `part`, case aside.
    pub fn count_calls(&self, part: &str) -> usize {
        let part = part.to_lowercase();
        let said = |call: &ReceivedCall| format!("{} {}", call.method, call.path).to_lowercase();
        self.lock().calls.iter().filter(|call| said(call).contains(&part)).count()
    }

    /// Forgets the calls received so far.
    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// Tells of every order that appears by itself from now on.
    pub fn living_orders(&self) -> broadcast::Receiver<LivingOrder> {
        self.lock().news.subscribe()
    }

    /// The orders that appeared by themselves, the stock of the start included, with an id above `after`.
    pub fn living_orders_after(&self, after: i64) -> Vec<LivingOrder> {
        self.lock().living.iter().filter(|order| order.order_id > after).cloned().collect()
    }
}

impl World {
    /// Registers a connect action; its `SourceOrderId` must be unique for the client.
    pub fn connect(&mut self, id: i64, action: ConnectAction, by: &str) -> Result<i64, WorldError> {
        let client_id = self.order(id)?.client_id;
        if !self.take_source(client_id, &action.source_order_id) {
            return Err(WorldError::SourceTaken(action.source_order_id));
        }
        let action_id = self.take_id(Kind::Action);
        let at = self.stamp();
        let row = super::order::ActionRow { id: action_id, action, at, by: by.to_owned() };
        self.order_mut(id)?.actions.push(row);
        Ok(action_id)
    }
}
