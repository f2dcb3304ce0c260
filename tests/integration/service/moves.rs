//! What a day brings, from a seed: orders created, moved, despatched, scanned, split and cancelled in the warehouse, and
//! paid ones told of by the shops. The day remembers what it did, to be compared with what the ledger says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{SubsecRound, TimeDelta};
use logistics_domain::TenantId;
use logistics_ledger::sandbox::{OrderSpec, WorldHandle, status};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::site::{BRANDS, CLIENT, Site};
use crate::support::service::Reply;

/// The way of an order before it leaves, a step back among it.
const STEPS: [i32; 6] = [
    status::PRINTED,
    status::AWAITINGPICKING,
    status::PICKINGSTARTED,
    status::NEW,
    status::PICKED,
    status::PACKED,
];

/// What a courier says before the goods are there.
const SCANS: [&str; 3] = ["InTransit", "OutForDelivery", "Exception"];

/// A paid order that its shop tells of, until it is acknowledged.
#[derive(Clone, Debug)]
pub struct Paid {
    pub tenant: TenantId,
    pub webhook_id: String,
    pub shop_id: u64,
    pub name: String,
    /// Answered with 2xx, once or again.
    pub acknowledged: bool,
}

/// An order as the day knows it, beside what the sandbox says of it.
#[derive(Clone, Debug)]
pub struct Moved {
    pub id: i64,
    pub tenant: TenantId,
    /// The texts of its scans, each of them its own.
    pub scans: BTreeSet<String>,
    /// `None` where a scan refuted the delivery: the callback, which counts as of its own instant, may still tell of it.
    pub delivered: Option<bool>,
}

pub struct Day {
    chance: StdRng,
    mintsoft: WorldHandle,
    pub orders: Vec<Moved>,
    pub paid: Vec<Paid>,
    /// The shop order that each number was paid as.
    pub paid_numbers: BTreeMap<String, u64>,
    next: u64,
}

impl Day {
    pub fn of(seed: u64, site: &Site) -> Self {
        Self {
            chance: StdRng::seed_from_u64(seed),
            mintsoft: site.mintsoft.clone(),
            orders: Vec::new(),
            paid: Vec::new(),
            paid_numbers: BTreeMap::new(),
            next: 1001,
        }
    }

    pub fn random(&mut self, below: u64) -> u64 {
        self.chance.random_range(0..below)
    }

    /// One thing happens.
    pub async fn goes_on(&mut self, site: &Site) {
        match self.random(12) {
            0..=2 => self.order_comes(site).await,
            3..=4 => self.order_moves(),
            5..=6 => self.order_leaves(),
            7..=9 => self.courier_scans(),
            10 => self.order_splits(),
            _ => self.order_ends_or_is_touched(),
        }
    }

    /// An order comes; its shop tells of it before, after, or never.
    async fn order_comes(&mut self, site: &Site) {
        let (tenant, prefix) = BRANDS[usize::from(self.random(3) == 0)];
        let number = self.next;
        self.next += 1;
        let told = self.random(3);
        if told == 0 {
            self.is_paid(site, tenant, prefix, number).await;
        }
        let skus = [format!("{prefix}_SERUM"), format!("{prefix}_CREMA"), format!("{prefix}_JABON")];
        let lines: Vec<(&str, i32)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
        let spec = OrderSpec::of(CLIENT, &format!("{}-{number}", prefix.to_lowercase()), &lines);
        let id = self.mintsoft.create_order(spec);
        self.orders.push(Moved { id, tenant, scans: BTreeSet::new(), delivered: Some(false) });
        if told == 1 {
            self.is_paid(site, tenant, prefix, number).await;
        }
    }

    async fn is_paid(&mut self, site: &Site, tenant: TenantId, prefix: &str, number: u64) {
        let (shop_id, webhook_id) = (5_000_000 + number, format!("webhook-{number}"));
        self.paid_numbers.insert(format!("{}-{number}", prefix.to_lowercase()), shop_id);
        let name = format!("#{number}");
        self.paid.push(Paid { tenant, webhook_id, shop_id, name, acknowledged: false });
        tell(self.paid.last_mut().expect("it was just put there"), site).await;
    }

    /// The shops tell again what nobody acknowledged, and one thing that somebody did.
    pub async fn shops_try_again(&mut self, site: &Site) {
        let again = self.chance.random_range(0..self.paid.len().max(1));
        for (place, paid) in self.paid.iter_mut().enumerate() {
            if !paid.acknowledged || place == again {
                tell(paid, site).await;
            }
        }
    }

    /// An order that has neither left nor been cancelled.
    fn open_order(&mut self) -> Option<usize> {
        let open = |moved: &Moved| {
            let order = self.mintsoft.order(moved.id);
            order.is_some_and(|order| order.status != status::CANCELLED && !status::has_left(order.status))
        };
        let open: Vec<usize> = (0..self.orders.len()).filter(|place| open(&self.orders[*place])).collect();
        (!open.is_empty()).then(|| open[self.chance.random_range(0..open.len())])
    }

    fn order_moves(&mut self) {
        let Some(place) = self.open_order() else { return };
        let to = STEPS[self.chance.random_range(0..STEPS.len())];
        self.mintsoft.set_status(self.orders[place].id, to).unwrap();
    }

    fn order_leaves(&mut self) {
        let Some(place) = self.open_order() else { return };
        let id = self.orders[place].id;
        let number = (self.random(5) > 0).then(|| format!("JD{id}"));
        self.mintsoft.despatch(id, number.as_deref()).unwrap();
    }

    fn courier_scans(&mut self) {
        let tracked = |moved: &Moved| {
            self.mintsoft.order(moved.id).is_some_and(|order| order.tracking_number.is_some())
        };
        let left: Vec<usize> = (0..self.orders.len()).filter(|place| tracked(&self.orders[*place])).collect();
        if left.is_empty() {
            return;
        }
        let place = left[self.chance.random_range(0..left.len())];
        let says = if self.random(4) == 0 { "Delivered" } else { SCANS[self.chance.random_range(0..3)] };
        let order = &mut self.orders[place];
        let text = format!("scan {} of {}", order.scans.len(), order.id);
        let at = self.mintsoft.now().trunc_subsecs(0) - TimeDelta::seconds(30);
        if self.mintsoft.add_tracking_event_at(order.id, says, &text, at).unwrap() {
            order.scans.insert(text);
            order.delivered = match (says, order.delivered) {
                ("Delivered", _) => Some(true),
                ("InTransit", as_before) | (_, as_before @ Some(false)) => as_before,
                _ => None,
            };
        }
    }

    fn order_splits(&mut self) {
        let Some(place) = self.open_order() else { return };
        let Moved { id, tenant, .. } = self.orders[place];
        let Some(order) = self.mintsoft.order(id).filter(|order| order.items.len() > 1) else { return };
        let part = self.mintsoft.split(id, &[order.items[0].sku.as_str()]).unwrap();
        self.orders.push(Moved { id: part, tenant, scans: BTreeSet::new(), delivered: Some(false) });
    }

    fn order_ends_or_is_touched(&mut self) {
        let Some(place) = self.open_order() else { return };
        let id = self.orders[place].id;
        if self.random(2) == 0 {
            self.mintsoft.cancel(id).unwrap();
        } else {
            self.mintsoft.touch(id).unwrap();
        }
    }
}

/// The shop tells of it; only an answer of 2xx counts.
async fn tell(paid: &mut Paid, site: &Site) {
    let request = site.paid(paid.tenant, &paid.webhook_id, paid.shop_id, &paid.name);
    let answered = Reply::perhaps(request).await;
    paid.acknowledged |= answered.is_some_and(|reply| (200..300).contains(&reply.status));
}
