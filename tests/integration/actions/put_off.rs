//! A warehouse that says "not now, in a moment" over and over: what it was asked for is tried for as long as it would be
//! without those words.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::Source;
use logistics_ledger::actions::{ActionSettings, Actions, Asking};
use logistics_ledger::jobs::{Worker, WorkerSettings};
use logistics_ledger::sandbox::Fault;

use crate::support::world::World;

/// The longest that a call may take.
const TIME_LIMIT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_moment_that_upstream_asks_for_does_not_cut_the_jobs_own_wait_short() {
    let not_now = Fault::TooManyRequests { retry_after_seconds: Some(0) };
    // Before the call, and at it.
    for verb in ["get", "post"] {
        let world = World::shared().await;
        let settings =
            ActionSettings { answer_within: Duration::ZERO, ..ActionSettings::with_calls_of(TIME_LIMIT) };
        let actions = Actions::over(&world.sources, settings);
        let id = world.order("ladore-1");
        world.poll().await;
        world.mintsoft.fail_next(not_now.clone(), 100, Some(&format!("{verb} /api/order/{id}/comments")));
        let asking = Asking {
            address: world.address(id),
            actor: "user:1".to_owned(),
            source: Source::User,
            correlation_id: "request-1".to_owned(),
            key: None,
        };
        actions.comment(&asking, "Ring twice", false).await.unwrap();
        // The ninth attempt, after which the wait has grown to its longest.
        world.run("update jobs set attempts = 8 where kind = 'post_comment'").await;
        let (pool, clock) = (world.pool().clone(), world.clock.clone());
        let before = clock.now();
        let worker = Worker::new(pool, clock, WorkerSettings::default(), vec![actions.lane()]);
        assert_eq!(worker.run_due(1).await.unwrap(), 1);
        let due_at = "select run_at from jobs where kind = 'post_comment' and state = 'ready'";
        let due_at: DateTime<Utc> = sqlx::query_scalar(due_at).fetch_one(world.pool()).await.unwrap();
        assert!(due_at >= before + TimeDelta::minutes(5), "{verb}: {due_at}, asked at {before}");
        assert_eq!(world.mintsoft.comments(id), []);
    }
}
