//! What a clock that was ahead noted of an account: it stands in no way, and passes for nothing that was read.

use chrono::TimeDelta;
use logistics_ledger::sync::health::AccountState;
use logistics_ledger::sync::poll_lags;
use sqlx::PgPool;

use crate::support::world::World;

async fn set(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[tokio::test]
async fn a_poll_that_ended_in_the_future_counts_as_none_and_the_next_one_is_noted() {
    let world = World::shared().await;
    world.poll().await;
    let owner = world.database.owner_pool();
    let look = async || {
        let health = world.sources.account_health(world.account).await.unwrap().unwrap();
        let [(_, lag)] = poll_lags(world.pool(), world.clock.now()).await.unwrap()[..] else {
            panic!("one account")
        };
        (health.state, health.lag_seconds.is_some(), lag > 3000.0)
    };
    set(owner, "update mintsoft_accounts set created_at = created_at - interval '1 hour'").await;
    assert_eq!(look().await, (AccountState::Ok, true, false));
    set(owner, "update mintsoft_accounts set last_polled_at = last_polled_at + interval '30 seconds'").await;
    assert_eq!(
        look().await,
        (AccountState::Ok, true, false),
        "another machine's clock may be a little ahead"
    );

    for ahead in ["5 hours", "1 year"] {
        let noted = format!(
            "update mintsoft_accounts set last_polled_at = last_polled_at + interval '{ahead}'; \
             update logistics_config set last_synced_at = last_synced_at + interval '{ahead}'"
        );
        set(owner, &noted).await;
        assert_eq!(look().await, (AccountState::Unread, false, true), "{ahead}");
        world.poll().await;
        assert_eq!(look().await, (AccountState::Ok, true, false), "{ahead}");
    }
    let latest =
        "select greatest(max(last_synced_at), max(last_polled_at)) from mintsoft_accounts, logistics_config";
    let latest: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar(latest).fetch_one(world.pool()).await.unwrap();
    assert!(latest < world.clock.now() + TimeDelta::minutes(1));
}

#[tokio::test]
async fn a_run_whose_job_was_left_to_a_far_future_is_done_and_the_next_one_begins() {
    let world = World::shared().await;
    for left in [
        "state = 'ready', run_at = run_at + interval '1 year'",
        "state = 'running', attempts = 1, lease_token = gen_random_uuid(), lease_until = now() + interval '1 year'",
    ] {
        logistics_ledger::sync::runs::ask(world.pool(), world.account, "test", world.clock.now())
            .await
            .unwrap();
        let stuck = format!("update jobs set {left} where kind = 'poll_account' and state = 'ready'");
        set(world.database.owner_pool(), &stuck).await;
        assert_eq!(world.poll().await.state, "done", "{left}");
    }
    assert_eq!(world.count("select count(*) from sync_runs").await, 2);
}
