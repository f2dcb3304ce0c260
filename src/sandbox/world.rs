//! The state of the simulated warehouse and its clock: orders, their indexes, and how rows get ids and dates.
//! Absent: what may happen to an order (`moves`, `split`, `tracking`), JSON (`wire`) and HTTP (`http`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::callbacks::Outbox;
use super::error::WorldError;
use super::faults::Faults;
use super::handle::ReceivedCall;
use super::keys::Keys;
use super::life::{LivingOrder, people};
use super::order::{Item, NameValue, Order};
use super::reference::status;
use super::settings::SandboxSettings;
use super::spec::OrderSpec;
use super::tracking::TrackingEvent;

/// The user that the warehouse's own moves are signed with.
pub const WAREHOUSE_USER: &str = "packer@warehouse.example";
/// The user that upstream's own programs sign with.
pub const SYSTEM_USER: &str = "SYSTEM";
/// How many received calls and living orders are remembered.
const REMEMBERED: usize = 20_000;

/// The rows that have ids; each kind counts for itself.
#[derive(Clone, Copy)]
pub enum Kind {
    Order,
    Item,
    NameValue,
    Note,
    Document,
    Shipment,
    Action,
    TrackingEvent,
    Split,
}

/// Where each kind starts to count, apart so that a mixed-up id finds nothing.
const FIRST_IDS: [i64; 9] = [20_001, 510_001, 2_203_001, 77_001, 90_101, 43_101, 31_101, 900_101, 8_101];

/// The state of the warehouse. Everything happens under one lock and in memory.
pub struct World {
    pub settings: SandboxSettings,
    pub orders: BTreeMap<i64, Order>,
    pub events: Vec<TrackingEvent>,
    pub keys: Keys,
    pub faults: Faults,
    pub calls: VecDeque<ReceivedCall>,
    pub chance: StdRng,
    pub outbox: Outbox,
    pub living: VecDeque<LivingOrder>,
    pub news: tokio::sync::broadcast::Sender<LivingOrder>,
    /// While set, what happens is dated then (the stock that is there from the start).
    pub past: Option<DateTime<Utc>>,
    sources: HashSet<(i64, String)>,
    numbers: HashMap<(i64, String), BTreeSet<i64>>,
    invoices_due: BTreeSet<(DateTime<Utc>, i64)>,
    skipped: TimeDelta,
    last_stamp: DateTime<Utc>,
    ids: [i64; 9],
}

impl World {
    pub fn from_settings(settings: SandboxSettings, outbox: Outbox) -> Self {
        Self {
            orders: BTreeMap::new(),
            events: Vec::new(),
            keys: Keys::of(&settings.users),
            faults: Faults::default(),
            calls: VecDeque::new(),
            chance: StdRng::seed_from_u64(settings.seed),
            outbox,
            living: VecDeque::new(),
            news: tokio::sync::broadcast::channel(1024).0,
            past: None,
            sources: HashSet::new(),
            numbers: HashMap::new(),
            invoices_due: BTreeSet::new(),
            skipped: TimeDelta::zero(),
            last_stamp: DateTime::UNIX_EPOCH,
            ids: FIRST_IDS,
            settings,
        }
    }

    /// The sandbox's present instant: the clock, plus what was skipped.
    pub fn now(&self) -> DateTime<Utc> {
        self.past.unwrap_or_else(|| self.settings.clock.now() + self.skipped)
    }

    pub fn skip_time(&mut self, by: TimeDelta) -> Result<DateTime<Utc>, WorldError> {
        let now = self.now();
        if by < TimeDelta::zero() || by > TimeDelta::days(3_650) {
            return Err(WorldError::CannotSkip(now));
        }
        self.skipped += by;
        self.settle();
        Ok(self.now())
    }

    /// The date of a change: now, but never twice the same microsecond, and with a seventh digit.
    pub fn stamp(&mut self) -> DateTime<Utc> {
        let tenths = TimeDelta::nanoseconds(100 * self.chance.random_range(0..10));
        if let Some(past) = self.past {
            return past + tenths;
        }
        let next = (self.last_stamp + TimeDelta::microseconds(1)).trunc_subsecs(6);
        self.last_stamp = self.now().max(next) + tenths;
        self.last_stamp
    }

    pub fn take_id(&mut self, kind: Kind) -> i64 {
        let next = &mut self.ids[kind as usize];
        *next += 1;
        *next - 1
    }

    pub fn order(&self, id: i64) -> Result<&Order, WorldError> {
        self.orders.get(&id).ok_or(WorldError::UnknownOrder(id))
    }

    pub fn order_mut(&mut self, id: i64) -> Result<&mut Order, WorldError> {
        self.orders.get_mut(&id).ok_or(WorldError::UnknownOrder(id))
    }

    /// The ids of one client's orders with this number: one, or the parts of a split order.
    pub fn numbered(&self, client_id: i64, number: &str) -> Vec<i64> {
        let key = (client_id, number.to_lowercase());
        self.numbers.get(&key).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    /// Registers a `SourceOrderId`; false when the client already has it.
    pub fn take_source(&mut self, client_id: i64, source: &str) -> bool {
        self.sources.insert((client_id, source.to_owned()))
    }

    pub fn create(&mut self, spec: OrderSpec, by: &str) -> i64 {
        let id = self.take_id(Kind::Order);
        let at = self.stamp();
        let recipient = match spec.recipient {
            Some(recipient) => recipient,
            None => people::recipient(&mut self.chance),
        };
        let items = spec
            .items
            .into_iter()
            .map(|item| Item {
                id: self.take_id(Kind::Item),
                product_id: product_id(&item.sku),
                sku: item.sku,
                quantity: item.quantity,
                on_back_order: 0,
                price: item.price,
                weight: item.weight,
                last_updated: at,
            })
            .collect();
        let has_left = status::has_left(spec.status);
        let order = Order {
            client_id: spec.client_id,
            number: spec.number,
            external_reference: spec.external_reference,
            order_date: spec.order_date.unwrap_or(at),
            despatch_date: has_left.then_some(at),
            required_despatch_date: spec.required_despatch_date,
            comments: spec.comments,
            delivery_notes: spec.delivery_notes,
            status: spec.status,
            courier_service_id: spec.courier_service_id,
            channel_id: spec.channel_id,
            currency: spec.currency,
            despatched_by: has_left.then(|| WAREHOUSE_USER.to_owned()),
            tags: spec.tags,
            items,
            ..Order::blank(id, at, recipient, by)
        };
        self.insert(order);
        if has_left {
            self.await_invoice(id, at);
        }
        id
    }

    pub fn insert(&mut self, order: Order) {
        let key = (order.client_id, order.number.to_lowercase());
        self.numbers.entry(key).or_default().insert(order.id);
        self.orders.insert(order.id, order);
    }

    pub fn remove(&mut self, id: i64) -> Result<Order, WorldError> {
        let order = self.orders.remove(&id).ok_or(WorldError::UnknownOrder(id))?;
        let key = (order.client_id, order.number.to_lowercase());
        if let Some(ids) = self.numbers.get_mut(&key) {
            ids.remove(&id);
        }
        Ok(order)
    }

    /// Changes an order in any way and keeps the indexes right; `LastUpdated` moves only when `touch`.
    pub fn edit(
        &mut self,
        id: i64,
        by: &str,
        touch: bool,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), WorldError> {
        let mut order = self.remove(id)?;
        change(&mut order);
        order.id = id;
        for index in 0..order.name_values.len() {
            if order.name_values[index].id == 0 {
                order.name_values[index].id = self.take_id(Kind::NameValue);
            }
        }
        if touch {
            order.last_updated = self.stamp();
            order.last_updated_by = Some(by.to_owned());
        }
        self.insert(order);
        Ok(())
    }

    /// A name value as the warehouse's processes write it.
    pub fn name_value(&mut self, name: &str, value: String, by: &str) -> NameValue {
        let id = self.take_id(Kind::NameValue);
        NameValue { id, name: name.to_owned(), value, last_updated: self.stamp(), by: by.to_owned() }
    }

    /// Notes that a despatched order will be invoiced after a while.
    pub fn await_invoice(&mut self, id: i64, despatched: DateTime<Utc>) {
        if let Some(due) = self.settings.invoice_after.and_then(|after| despatched.checked_add_signed(after))
        {
            self.invoices_due.insert((due, id));
        }
    }

    /// Lets happen what was due by now: the invoicing run, dated when it was due.
    pub fn settle(&mut self) {
        let now = self.now();
        while let Some(&(due, id)) = self.invoices_due.first()
            && due <= now
        {
            self.invoices_due.pop_first();
            if let Some(order) = self.orders.get_mut(&id)
                && order.status == status::DESPATCHED
            {
                order.status = status::INVOICED;
                order.last_updated = due.max(order.last_updated);
                order.last_updated_by = Some(SYSTEM_USER.to_owned());
            }
        }
    }

    pub fn remember_call(&mut self, call: ReceivedCall) {
        if self.calls.len() >= REMEMBERED {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// Remembers an order that appeared by itself, and tells whoever listens.
    pub fn announce(&mut self, order: LivingOrder) {
        if self.living.len() >= REMEMBERED {
            self.living.pop_front();
        }
        self.living.push_back(order.clone());
        // Nobody listening is no fault: the list can be asked for.
        let _ = self.news.send(order);
    }
}

/// One product id a SKU, the same in every run.
fn product_id(sku: &str) -> i64 {
    let sum = sku.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    i64::from(sum % 90_000) + 800
}
