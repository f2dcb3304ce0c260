//! A desk without a service: what is asked for is carried out when the test says so.

use std::time::Duration;

use logistics_domain::Source;
use logistics_ledger::actions::{ActionSettings, Actions, Asking};
use logistics_ledger::jobs::{Worker, WorkerSettings};

use crate::support::world::World;

/// The longest that a call may take.
const TIME_LIMIT: Duration = Duration::from_secs(2);

pub struct QuietDesk {
    pub world: World,
    pub actions: Actions,
}

impl QuietDesk {
    pub async fn create() -> Self {
        let world = World::shared().await;
        let settings =
            ActionSettings { answer_within: Duration::ZERO, ..ActionSettings::with_calls_of(TIME_LIMIT) };
        Self { actions: Actions::over(&world.sources, settings), world }
    }

    /// A fresh order of Ladore's that the ledger knows.
    pub async fn known_order(&self, number: &str) -> i64 {
        let id = self.world.order(number);
        self.world.poll().await;
        id
    }

    /// A person who asks for something to be done about an order.
    pub fn asking(&self, id: i64) -> Asking {
        Asking {
            address: self.world.address(id),
            actor: "user:1".to_owned(),
            source: Source::User,
            correlation_id: "request-1".to_owned(),
            key: None,
        }
    }

    /// Has the one request that waits attempted, whenever it is due.
    pub async fn work_once(&self) {
        let hurry = "update jobs set run_at = created_at where kind in ('post_comment', 'cancel_order') and state = 'ready'";
        self.world.run(hurry).await;
        let (pool, clock) = (self.world.pool().clone(), self.world.clock.clone());
        let worker = Worker::new(pool, clock, WorkerSettings::default(), self.actions.lanes().into());
        assert_eq!(worker.run_due(1).await.unwrap(), 1);
    }

    /// How many calls are counted for the request that counts most.
    pub async fn calls_begun(&self) -> i64 {
        self.world.count("select coalesce(max(calls_begun), 0)::bigint from order_requests").await
    }

    /// How often an event stands in an order's history.
    pub async fn events(&self, id: i64, name: &str) -> usize {
        self.world.history(id).await.iter().filter(|event| *event == name).count()
    }
}
