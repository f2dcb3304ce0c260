//! A ledger on a database of its own, with orders that live at random; and a look at the read tables.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::{AccountId, Provenance, Source, TenantId};
use logistics_ledger::clock::Clock;
use logistics_ledger::ledger::rebuild::{RebuildError, RebuildOptions, RebuildReport, rebuild};
use logistics_ledger::ledger::{Ledger, LedgerError, LedgerSettings, OrderAddress};
use logistics_ledger::secrets::KeyRing;
use sqlx::PgPool;
use uuid::Uuid;

use super::history::Deed;
use crate::support::database::TestDatabase;

/// The read tables, each with its key.
pub const TABLES: [(&str, &str); 3] = [
    ("logistics_orders", "id"),
    ("logistics_order_recipients", "logistics_order_id"),
    ("logistics_tracking_events", "id"),
];

pub const MASTER_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// What stands beside the orders and does not say what they say, counted naively.
const BESIDE: &str = "
  with naive as (
    select o.tenant_id, v.field, d.day, o.facet, count(*) as orders
    from logistics_orders o left join tenants t on t.id = o.tenant_id
    cross join lateral (values
      ('all', '-infinity'::timestamp), ('ordered_at', o.ordered_at at time zone coalesce(t.timezone, 'UTC')),
      ('dispatched_at', o.dispatched_at at time zone coalesce(t.timezone, 'UTC')),
      ('created_at', o.created_at at time zone coalesce(t.timezone, 'UTC')),
      ('updated_at', o.updated_at at time zone coalesce(t.timezone, 'UTC'))) v(field, at)
    cross join lateral (select v.at::date as day) d
    where o.withheld_reason is null and v.at is not null
    group by 1, 2, 3, 4),
  kept as (
    select tenant_id, field, day, facet, sum(orders) as orders from logistics_order_counted
    group by 1, 2, 3, 4 having sum(orders) <> 0),
  told as (
    select tenant_id, field, day, sum(orders) as orders from logistics_order_totalled
    group by 1, 2, 3 having sum(orders) <> 0),
  summed as (
    select generation, tenant_id, field, day, sum(orders) as orders from logistics_order_counts
    group by 1, 2, 3, 4 having sum(orders) <> 0)
  select format('counter %s %s %s: %s instead of %s', field, day, facet, kept.orders, naive.orders)
  from kept full join naive using (tenant_id, field, day, facet)
  where kept.orders is distinct from naive.orders
  union all
  select format('total %s %s: %s instead of %s', field, day, told.orders, naive.orders)
  from told full join (select tenant_id, field, day, sum(orders) as orders from naive group by 1, 2, 3) naive
    using (tenant_id, field, day)
  where told.orders is distinct from naive.orders
  union all
  select format('total %s %s %s: %s instead of %s', generation, field, day, total.orders, summed.orders)
  from (select * from logistics_order_totals where orders <> 0) total
    full join summed using (generation, tenant_id, field, day)
  where total.orders is distinct from summed.orders
  union all
  select format('facet of %s', o.id) from logistics_orders o
  left join logistics_order_facets f on f.tenant_id = o.tenant_id and f.facet = o.facet
  where (f.status, f.status_id, f.courier_service, f.courier_service_id, f.linked, f.tab, f.attention)
        is distinct from (o.status, o.status_id, o.courier_service, o.courier_service_id, o.order_id is not null,
                          o.tab, o.attention)
  union all
  select format('text of %s', o.id) from logistics_orders o
  left join logistics_order_searches s on s.logistics_order_id = o.id
  where (s.tenant_id, s.search_text) is distinct from (o.tenant_id, o.search_text)";

/// How many tenants the orders are spread over.
const TENANTS: i64 = 4;

pub struct World {
    pub database: TestDatabase,
    pub ledger: Ledger,
    pub ring: Arc<KeyRing>,
}

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Numbers that look random and are the same for the same seed.
#[derive(Clone)]
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()].clone()
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

pub fn ring(id: &str) -> Arc<KeyRing> {
    Arc::new(format!("{id}:{MASTER_KEY}").parse().unwrap())
}

pub fn address(order: i64) -> OrderAddress {
    let tenant = TenantId(1 + order % TENANTS);
    let account = AccountId(Uuid::from_u128(u128::from(tenant.0.unsigned_abs())));
    OrderAddress { tenant, account, mintsoft_order_id: order }
}

impl World {
    pub async fn open() -> Self {
        let database = TestDatabase::create_with(8).await;
        let ring = ring("k1");
        let ledger = instance(&database, &ring);
        Self { database, ledger, ring }
    }

    /// A world in which each of the orders has lived for a while.
    pub async fn with_orders(seed: u64, orders: i64, deeds: i64) -> Self {
        let world = Self::open().await;
        live(&world.ledger, seed, orders, 0..deeds).await;
        world
    }

    /// Another instance of the service on the same database.
    pub fn another_instance(&self) -> Ledger {
        instance(&self.database, &self.ring)
    }

    pub fn owner(&self) -> &PgPool {
        self.database.owner_pool()
    }

    pub async fn rebuild(&self) -> RebuildReport {
        self.try_rebuild().await.unwrap()
    }

    pub async fn try_rebuild(&self) -> Result<RebuildReport, RebuildError> {
        rebuild(self.owner(), &self.ring, &RebuildOptions::default()).await
    }

    pub async fn check(&self) -> RebuildReport {
        let options = RebuildOptions { check_only: true, ..RebuildOptions::default() };
        rebuild(self.owner(), &self.ring, &options).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.owner()).await.unwrap()
    }

    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(self.owner()).await.unwrap();
    }

    /// Every row of every read table, as text.
    pub async fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for (table, key) in TABLES {
            let sql = format!("select to_jsonb(t)::text from {table} t order by {key}");
            rows.extend(sqlx::query_scalar::<_, String>(&sql).fetch_all(self.owner()).await.unwrap());
        }
        rows
    }

    /// Which tables are there now, told apart from others of the same names.
    pub async fn identities(&self) -> Vec<i64> {
        let names = TABLES.map(|(table, _)| table);
        sqlx::query_scalar("select oid::bigint from pg_class where relname = any($1) order by relname")
            .bind(names)
            .fetch_all(self.owner())
            .await
            .unwrap()
    }

    /// That counters, facets and search texts say what a naive count over the orders says.
    pub async fn assert_beside(&self) {
        let wrong: Vec<String> = sqlx::query_scalar(BESIDE).fetch_all(self.owner()).await.unwrap();
        assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), wrong.first());
        let stale = "select count(*) from logistics_order_counts \
                     where generation <> (select generation from logistics_order_generation)";
        assert_eq!(self.count(stale).await, 0);
    }

    pub async fn leftovers(&self) -> i64 {
        self.count("select count(*) from pg_class where relname like 'logistics%\\_shadow'").await
    }
}

fn instance(database: &TestDatabase, ring: &Arc<KeyRing>) -> Ledger {
    let clock = Clock::manual(start());
    let reactions = Arc::new(|_: &_, _: &_, _: &[_], _| vec![]);
    Ledger::start(database.pool().clone(), Arc::clone(ring), clock, LedgerSettings::default(), reactions)
}

/// Each of the orders does something at each of the minutes. A deed that the rules refuse is passed over.
pub async fn live(ledger: &Ledger, seed: u64, orders: i64, minutes: std::ops::Range<i64>) {
    let mut chance = Chance(seed);
    for minute in minutes {
        let mut page: Vec<(OrderAddress, Arc<dyn logistics_ledger::ledger::Intent>, Provenance)> = Vec::new();
        for order in 1..=orders {
            let deed = Deed::at_random(&mut chance, minute);
            page.push((address(order), Arc::new(deed), provenance(&mut chance, minute)));
        }
        carry_out(ledger, minute, page).await;
        // And now and then somebody looks at the clock.
        let looks = (1..=orders).filter(|order| order % 3 == 0).map(|order| {
            let look: Arc<dyn logistics_ledger::ledger::Intent> = Arc::new(Deed::look(order, minute));
            (address(order), look, provenance(&mut Chance(1), minute))
        });
        carry_out(ledger, minute, looks.collect()).await;
    }
}

async fn carry_out(
    ledger: &Ledger,
    minute: i64,
    page: Vec<(OrderAddress, Arc<dyn logistics_ledger::ledger::Intent>, Provenance)>,
) {
    for outcome in ledger.execute_page(page).await {
        match outcome {
            Ok(_) | Err(LedgerError::Refused(_)) => {}
            Err(error) => panic!("minute {minute}: {:#}", anyhow::Error::from(error)),
        }
    }
}

fn provenance(chance: &mut Chance, minute: i64) -> Provenance {
    let sources = [Source::Poll, Source::Recheck, Source::Refresh, Source::ConnectAction, Source::User];
    Provenance {
        source: chance.of(&sources),
        actor: "system".into(),
        correlation_id: format!("run:{minute}"),
        cause: None,
        observed_at: start() + TimeDelta::minutes(minute) + TimeDelta::microseconds(1_234_567),
    }
}
