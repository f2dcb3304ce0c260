//! Many write, instances are killed, followers come and go as it happens and change the instance: each gets every
//! position of its tenant once, in order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logistics_domain::TenantId;
use logistics_ledger::ledger::Ledger;
use reqwest::Client;
use sqlx::PgPool;
use sqlx::types::Uuid;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::world::{Lines, STREAM, TENANTS, client, key, tenants, writer};
use crate::rebuild::world::{Chance, live};
use crate::support::service::{PATIENCE, Service};

/// What a follower got.
#[derive(Default)]
struct Got {
    positions: Vec<i64>,
    orders: BTreeSet<Uuid>,
    connections: u32,
}

/// One who follows a tenant.
struct Follower {
    client: Client,
    key: String,
    streams: [String; 2],
    chance: Chance,
    got: Got,
}

impl Follower {
    /// Follows until all that is written is there, letting go and coming back at random.
    async fn run(mut self, pool: PgPool, tenant: TenantId, written: Arc<AtomicBool>) -> Got {
        loop {
            let is_written = written.load(Ordering::SeqCst);
            let head: i64 =
                sqlx::query_scalar("select coalesce(max(position), -1) from events where tenant_id = $1")
                    .bind(tenant.0)
                    .fetch_one(&pool)
                    .await
                    .unwrap();
            if is_written && self.got.positions.last() == Some(&head) {
                return self.got;
            }
            self.for_a_while().await;
        }
    }

    /// Takes some events from one of the instances, until the stream breaks or enough is taken.
    async fn for_a_while(&mut self) {
        let last = self.got.positions.last().copied().unwrap_or(-1);
        let address = &self.streams[usize::try_from(self.chance.below(2)).unwrap()];
        let request = self.client.get(address).header("x-api-key", &self.key);
        let request = if self.chance.one_in(2) {
            request.header("last-event-id", last.to_string())
        } else {
            request.query(&[("after", last)])
        };
        // An instance that was killed does not answer.
        let Ok(response) = request.send().await else { return sleep(Duration::from_millis(20)).await };
        assert_eq!(response.status(), 200);
        self.got.connections += 1;
        let mut lines = Lines::of(response);
        let mut left = 1 + self.chance.below(40);
        while left > 0 {
            // Nothing for a while is a reason to look elsewhere too.
            let next = timeout(Duration::from_millis(300), lines.next()).await;
            let Ok(Some(line)) = next else { return };
            if !["change", "hidden"].contains(&line.event.as_str()) {
                continue;
            }
            left -= 1;
            self.got.positions.push(line.id.unwrap());
            if let Some(order) = line.data["order_id"].as_str() {
                self.got.orders.insert(order.parse().unwrap());
            }
        }
    }
}

async fn write(ledger: Ledger, seed: u64) {
    for minute in 0_i64..12 {
        live(&ledger, seed * 100 + minute.unsigned_abs(), 16, minute..minute + 1).await;
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_position_comes_once_and_in_order_whatever_is_killed() {
    let database = tenants(16).await;
    let mut first = Service::start(database.url(), &[]).await;
    let mut second = first.beside(&[]).await;
    let streams = [&first, &second].map(|service| service.url(STREAM));
    let written = Arc::new(AtomicBool::new(false));
    let mut following = JoinSet::new();
    for (tenant, seed) in TENANTS.iter().flat_map(|tenant| (0..3).map(move |seed| (*tenant, seed))) {
        let follower = Follower {
            client: client(),
            key: key(&database, tenant).await.text,
            streams: streams.clone(),
            chance: Chance(seed + tenant.0.unsigned_abs() * 10),
            got: Got::default(),
        };
        let got = follower.run(database.pool().clone(), tenant, Arc::clone(&written));
        following.spawn(async move { (tenant, got.await) });
    }

    let mut writing = JoinSet::new();
    for seed in 1..=3 {
        writing.spawn(write(writer(&database), seed));
    }
    for _ in 0..2 {
        first.restart().await;
        second.restart().await;
    }
    writing.join_all().await;
    written.store(true, Ordering::SeqCst);

    let all = timeout(PATIENCE * 2, following.join_all()).await.expect("every follower gets everything");
    for (tenant, got) in all {
        let expected: Vec<i64> = (0..i64::try_from(got.positions.len()).unwrap()).collect();
        assert_eq!(got.positions, expected, "of tenant {tenant}");
        assert!(got.positions.len() > 50 && got.connections > 2, "it was a trial");
        let foreign: i64 = sqlx::query_scalar(
            "select count(*) from unnest($1::uuid[]) as told(id) where not exists (
                 select from logistics_orders o where o.id = told.id and o.tenant_id = $2)",
        )
        .bind(got.orders.into_iter().collect::<Vec<_>>())
        .bind(tenant.0)
        .fetch_one(database.pool())
        .await
        .unwrap();
        assert_eq!(foreign, 0, "of tenant {tenant}");
    }
}
