//! Runs that ended long ago are swept; those that tell how an account fares stay.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::clock;
use logistics_ledger::sync::runs::sweep;

use crate::support::world::World;

impl World {
    /// A run that ended so many days before `now`.
    async fn ran(&self, now: DateTime<Utc>, days: i64, state: &str) {
        let at = now - TimeDelta::days(days);
        sqlx::query(
            "insert into sync_runs (id, account_id, requested_by, state, created_at, started_at, finished_at)
             values ($1, $2, 'schedule', $3, $4, $4, $4)",
        )
        .bind(clock::new_id())
        .bind(self.account.0)
        .bind(state)
        .bind(at)
        .execute(self.pool())
        .await
        .unwrap();
    }

    /// The runs that are kept, by their age in days, oldest first.
    async fn ages(&self, now: DateTime<Utc>) -> Vec<i32> {
        let sql = "select extract(day from $1 - finished_at)::int from sync_runs order by finished_at";
        sqlx::query_scalar(sql).bind(now).fetch_all(self.pool()).await.unwrap()
    }
}

#[tokio::test]
async fn old_runs_are_swept_and_how_the_account_fares_stays_known() {
    let world = World::shared().await;
    let now = world.clock.now();
    world.ran(now, 300, "done").await;
    assert_eq!(sweep(world.pool(), now).await.unwrap(), 0, "the only one stays");
    world.ran(now, 250, "failed").await;
    for (days, state) in [(200, "done"), (150, "failed"), (140, "failed"), (100, "failed")] {
        world.ran(now, days, state).await;
    }
    assert_eq!(sweep(world.pool(), now).await.unwrap(), 3);
    assert_eq!(world.ages(now).await, [200, 150, 100], "well last, failing since, and the newest");
    let since = async || world.sources.account_health(world.account).await.unwrap().unwrap().failing_since;
    assert_eq!(since().await.map(|at| (now - at).num_days()), Some(150));

    world.ran(now, 89, "failed").await;
    world.ran(now, 80, "done").await;
    world.ran(now, 1, "done").await;
    assert_eq!(sweep(world.pool(), now).await.unwrap(), 3);
    assert_eq!(world.ages(now).await, [89, 80, 1], "what is younger stays");
    assert_eq!(since().await, None);
}
