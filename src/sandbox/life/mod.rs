//! Orders that live by themselves: fresh ones for every brand, each with a story of its own, so that a day of
//! the warehouse passes in a few minutes. Repeatable by seed: what happens is counted in beats, and only the
//! length of a beat is real time. Absent: the stories themselves (`story`) and the people in them (`people`).

pub mod people;
mod story;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use chrono::TimeDelta;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::handle::WorldHandle;
use super::settings::{Brand, Life, SandboxSettings};
use super::spec::{ItemSpec, OrderSpec};
use super::world::World;
use story::Step;

/// An order that appeared by itself: what a demo needs to play the shop's side of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LivingOrder {
    /// The client of the warehouse.
    pub client_id: i64,
    /// Upstream's id.
    pub order_id: i64,
    /// The SKU prefix of its brand.
    pub sku_prefix: String,
    /// The number at the warehouse, as in `ladore-1001`.
    pub number: String,
    /// The name of the shop order, as in `#1001`.
    pub shop_name: String,
    /// The SKUs of its lines.
    pub skus: Vec<String>,
    /// Whether it was part of the stock at the start.
    pub stock: bool,
}

/// How many orders the world may hold before no fresh ones appear: more than a day of the demo.
const ORDERS_AT_MOST: usize = 50_000;

/// Who signs what integrations create.
const SHOP_CONNECTOR: &str = "shopify@warehouse.example-API";

/// What the products of every brand are called after the prefix, with price and weight (kg) of one.
const PRODUCTS: [(&str, f64, f64); 6] = [
    ("SERUM_30ML", 24.9, 0.12),
    ("CREMA_50ML", 31.5, 0.2),
    ("SHAMPOO_250ML", 14.0, 0.32),
    ("KIT_VIAJE", 45.0, 0.6),
    ("ACEITE_10ML", 18.75, 0.08),
    ("BOLSA_REGALO", 3.5, 0.05),
];

/// The beat, what is due on it, and how each story goes on.
pub struct Engine {
    life: Life,
    brands: Vec<Brand>,
    chance: StdRng,
    beat: u64,
    sequence: u64,
    due: BinaryHeap<Reverse<(u64, u64, i64)>>,
    stories: HashMap<i64, VecDeque<Step>>,
    fresh_due: Vec<u64>,
    numbers: Vec<u32>,
}

impl Engine {
    /// The engine of a world that is to live; `None` for a still one.
    pub fn of(settings: &SandboxSettings) -> Option<Self> {
        let life = settings.life.clone()?;
        let brands = settings.brands.clone();
        Some(Self {
            chance: StdRng::seed_from_u64(settings.seed ^ 0x11FE),
            beat: 0,
            sequence: 0,
            due: BinaryHeap::new(),
            stories: HashMap::new(),
            fresh_due: (1..).map(|n| n * 4).take(brands.len()).collect(),
            numbers: brands.iter().map(|brand| brand.first_number).collect(),
            brands,
            life,
        })
    }

    /// Puts orders in all phases into the world, dated over the last six days.
    pub fn stock(&mut self, world: &mut World) {
        let now = world.now();
        let total =
            i32::try_from(self.brands.len()).unwrap_or(0) * i32::try_from(self.life.stock).unwrap_or(0);
        for nth in 0..total {
            let age = TimeDelta::days(6) * (total - nth) / total.max(1);
            let brand = usize::try_from(nth).unwrap_or(0) % self.brands.len();
            world.past = Some(now - age);
            let id = self.create(world, brand, true);
            let length = self.stories.get(&id).map_or(0, VecDeque::len);
            let told = i32::try_from(self.chance.random_range(0..=length)).unwrap_or(0);
            for step in 1..=told {
                world.past = Some(now - age + age * step / (told + 1));
                self.step(world, id);
            }
        }
        world.past = None;
        // Steps set while the stock was made have no meaning on the live beat: set them afresh.
        self.due.clear();
        let mut waiting: Vec<i64> = self.stories.keys().copied().collect();
        waiting.sort_unstable();
        for id in waiting {
            self.schedule(id);
        }
    }

    /// One beat: what is due happens, and fresh orders appear.
    pub fn beat(&mut self, world: &mut World) {
        self.beat += 1;
        while let Some(Reverse((due, _, id))) = self.due.peek().copied()
            && due <= self.beat
        {
            self.due.pop();
            self.step(world, id);
            self.schedule(id);
        }
        for brand in 0..self.brands.len() {
            let room = self.stories.len() < self.life.living_at_most && world.orders.len() < ORDERS_AT_MOST;
            if room && self.fresh_due[brand] <= self.beat {
                let id = self.create(world, brand, false);
                self.schedule(id);
                self.fresh_due[brand] = self.beat + self.around(self.life.beats_between_orders);
            }
        }
    }

    /// Beats until it is told to stop.
    pub async fn run(mut self, world: WorldHandle, stop: CancellationToken) {
        let mut beats = tokio::time::interval(self.life.beat.max(std::time::Duration::from_millis(1)));
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beats.tick() => self.beat(&mut world.lock()),
            }
        }
    }

    fn create(&mut self, world: &mut World, brand: usize, stock: bool) -> i64 {
        let n = self.numbers[brand];
        self.numbers[brand] += 1;
        let brand = &self.brands[brand];
        let recipient = people::recipient(&mut self.chance);
        let abroad = recipient.country != "GB";
        let lines = self.chance.random_range(1..=3);
        let from = self.chance.random_range(0..PRODUCTS.len());
        let items: Vec<ItemSpec> = (0..lines)
            .map(|line| {
                let (name, price, weight) = PRODUCTS[(from + line) % PRODUCTS.len()];
                let sku = format!("{}_{name}", brand.sku_prefix);
                ItemSpec { sku, quantity: self.chance.random_range(1..=2), price, weight }
            })
            .collect();
        let spec = OrderSpec {
            client_id: brand.client_id,
            number: format!("{}-{n}", brand.number_prefix),
            external_reference: n.is_multiple_of(3).then(|| format!("#{n}")),
            courier_service_id: if abroad { 3107 } else { 2548 + 3 * i32::from(n.is_multiple_of(2)) },
            currency: if recipient.country == "PE" { "PEN" } else { "GBP" }.to_owned(),
            recipient: Some(recipient),
            required_despatch_date: n.is_multiple_of(4).then(|| world.now() + TimeDelta::days(1)),
            delivery_notes: n
                .is_multiple_of(9)
                .then(|| "Dejar en portería / Leave with the porter".to_owned()),
            items,
            ..OrderSpec::default()
        };
        let news = LivingOrder {
            client_id: spec.client_id,
            order_id: 0,
            sku_prefix: brand.sku_prefix.clone(),
            number: spec.number.clone(),
            shop_name: format!("#{n}"),
            skus: spec.items.iter().map(|item| item.sku.clone()).collect(),
            stock,
        };
        let id = world.create(spec, SHOP_CONNECTOR);
        self.stories.insert(id, story::of(&mut self.chance, lines));
        world.announce(LivingOrder { order_id: id, ..news });
        id
    }

    /// Tells the next step of an order's story; the world's refusals (it is gone meanwhile) end the story.
    fn step(&mut self, world: &mut World, id: i64) {
        let Some(step) = self.stories.get_mut(&id).and_then(VecDeque::pop_front) else { return };
        match story::tell(world, &mut self.chance, id, step) {
            Ok(Some(offspring)) => {
                self.stories.insert(offspring, story::plain());
                self.schedule(offspring);
            }
            Ok(None) => {}
            Err(_) => {
                self.stories.remove(&id);
            }
        }
    }

    /// Sets the beat of the next step, if the story goes on.
    fn schedule(&mut self, id: i64) {
        if self.stories.get(&id).is_none_or(VecDeque::is_empty) {
            self.stories.remove(&id);
            return;
        }
        // One order in twelve is slow, so that there is something late to be seen.
        let slow = if id % 12 == 0 { 4 } else { 1 };
        let at = self.beat + slow * self.around(self.life.beats_between_steps);
        self.sequence += 1;
        self.due.push(Reverse((at, self.sequence, id)));
    }

    /// A number of beats around a mean: from half of it to half as much again, at least one.
    fn around(&mut self, mean: u32) -> u64 {
        let mean = u64::from(mean.max(1));
        self.chance.random_range(mean.div_ceil(2)..=(mean + mean / 2).max(1))
    }
}
