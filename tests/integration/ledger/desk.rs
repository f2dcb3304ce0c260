//! What the tests of the ledger work with: a ledger on a database of its own, orders to observe, and a look at the tables.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::facts::{Item, Status};
use logistics_domain::order::{Observation, Observed, Snapshot, Told};
use logistics_domain::{AccountId, Command, OrderStreamId, Provenance, Source, TenantId};
use logistics_ledger::clock::Clock;
use logistics_ledger::ledger::sealing::seal_recipient;
use logistics_ledger::ledger::{
    Intended, Intent, Ledger, LedgerSettings, OpenOrder, OrderAddress, RawPayload, Reactions,
};
use logistics_ledger::secrets::KeyRing;
use logistics_projections::recipients::Recipient;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::database::TestDatabase;

/// A ledger on a database of its own.
pub struct Desk {
    pub database: TestDatabase,
    pub ledger: Ledger,
    pub ring: Arc<KeyRing>,
    pub clock: Clock,
}

pub const TENANT: TenantId = TenantId(7);

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

impl Desk {
    pub async fn open() -> Self {
        Self::reacting(Arc::new(|_, _, _, _| vec![])).await
    }

    pub async fn reacting(reactions: Reactions) -> Self {
        let database = TestDatabase::create_with(8).await;
        let ring: KeyRing = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".parse().unwrap();
        let (ring, clock) = (Arc::new(ring), Clock::manual(start()));
        let ledger = instance(&database, &ring, &clock, reactions);
        Self { database, ledger, ring, clock }
    }

    /// Another instance of the service on the same database.
    pub fn another_instance(&self) -> Ledger {
        instance(&self.database, &self.ring, &self.clock, Arc::new(|_, _, _, _| vec![]))
    }

    pub fn owner(&self) -> &PgPool {
        self.database.owner_pool()
    }

    /// The positions of a tenant's ledger, in order.
    pub async fn positions(&self, tenant: TenantId) -> Vec<i64> {
        sqlx::query_scalar("select position from events where tenant_id = $1 order by position")
            .bind(tenant.0)
            .fetch_all(self.owner())
            .await
            .unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.owner()).await.unwrap()
    }

    /// Every row version of every table of the ledger, with who wrote and who locked it: any write changes it.
    pub async fn row_versions(&self) -> String {
        sqlx::query_scalar(
            "select md5(string_agg(v, ',' order by v)) from (
               select 'e' || ctid || xmin || ':' || xmax from events
               union all select 'h' || ctid || xmin || ':' || xmax from ledger_heads
               union all select 's' || ctid || xmin || ':' || xmax from order_streams
               union all select 'r' || ctid || xmin || ':' || xmax from raw_payloads
               union all select 'c' || ctid || xmin || ':' || xmax from order_checks
               union all select 'o' || ctid || xmin || ':' || xmax from logistics_orders
               union all select 'p' || ctid || xmin || ':' || xmax from logistics_order_recipients
               union all select 'j' || ctid || xmin || ':' || xmax from jobs) as versions(v)",
        )
        .fetch_one(self.owner())
        .await
        .unwrap()
    }
}

fn instance(database: &TestDatabase, ring: &Arc<KeyRing>, clock: &Clock, reactions: Reactions) -> Ledger {
    let (pool, ring) = (database.pool().clone(), Arc::clone(ring));
    Ledger::start(pool, ring, clock.clone(), LedgerSettings::default(), reactions)
}

pub fn address(mintsoft_order_id: i64) -> OrderAddress {
    address_of(TENANT, mintsoft_order_id)
}

pub fn address_of(tenant: TenantId, mintsoft_order_id: i64) -> OrderAddress {
    OrderAddress { tenant, account: AccountId(Uuid::from_u128(9)), mintsoft_order_id }
}

pub fn provenance(source: Source) -> Provenance {
    Provenance {
        source,
        actor: "system".into(),
        correlation_id: "run:1".into(),
        cause: None,
        observed_at: start(),
    }
}

/// What upstream shows of an order, `minute` minutes into the story.
#[derive(Clone)]
pub struct Sight {
    pub minute: i64,
    pub status: i32,
    pub recipient: Option<Recipient>,
    pub personal_data_removed: bool,
}

pub fn sight(minute: i64, status: i32) -> Sight {
    Sight { minute, status, recipient: Some(rosa()), personal_data_removed: false }
}

pub fn rosa() -> Recipient {
    Recipient { name: Some("Rosa Luz".into()), town: Some("Lima".into()), ..Recipient::default() }
}

impl Sight {
    pub fn observed(&self) -> Observed {
        let at = start() + TimeDelta::minutes(self.minute);
        Observed {
            asked_at: at,
            answered_at: at + TimeDelta::seconds(1),
            upstream_updated_at: Some(start() + TimeDelta::minutes(i64::from(self.status))),
            raw_sha256: Some(hex::encode(Sha256::digest(self.raw()))),
        }
    }

    fn raw(&self) -> Vec<u8> {
        format!("{{\"OrderStatusId\":{},\"FirstName\":\"Rosa\"}}", self.status).into_bytes()
    }
}

impl Intent for Sight {
    fn command(&self, order: &OpenOrder) -> Intended {
        let recipient = self.recipient.clone().filter(|_| !self.personal_data_removed);
        let sealed =
            order.key.as_ref().zip(recipient.as_ref()).map(|(key, plain)| seal_recipient(key, plain));
        let snapshot = Snapshot {
            number: format!("ladore-{}", order.address.mintsoft_order_id),
            status: Told::Is(Status {
                id: self.status,
                name: format!("STATUS {}", self.status),
                external_name: None,
            }),
            items: Told::Is(vec![Item {
                id: Some(1),
                sku: Some("LADORE-SHAMPOO".into()),
                quantity: 2,
                allocated: 2,
                on_back_order: 0,
            }]),
            recipient: Told::perhaps(sealed),
            personal_data_removed: self.personal_data_removed,
            ..Snapshot::default()
        };
        let observation =
            Observation { snapshot, observed: self.observed(), last_checked: order.last_checked.clone() };
        Intended {
            command: Command::Observe {
                account_id: order.address.account,
                mintsoft_order_id: order.address.mintsoft_order_id,
                observation: Box::new(observation),
            },
            recipient,
            raw: Some(RawPayload { sha256_hex: hex::encode(Sha256::digest(self.raw())), bytes: self.raw() }),
            jobs: vec![],
        }
    }
}

/// A command that adds one event each time: withheld, released, withheld, …
pub struct Toggle;

impl Intent for Toggle {
    fn command(&self, order: &OpenOrder) -> Intended {
        match order.order.withheld {
            Some(_) => Command::Release.into(),
            None => Command::Withhold { reason: "two prefixes fit".into() }.into(),
        }
    }
}

pub fn stream(mintsoft_order_id: i64) -> OrderStreamId {
    address(mintsoft_order_id).stream()
}
