//! `ledger sync`: followed where a service does the run, done where none does.

use logistics_domain::AccountId;
use logistics_ledger::sandbox::{Fault, Sandbox, SandboxSettings};
use logistics_ledger::sync::runs;
use tokio_util::sync::CancellationToken;

use super::terminal::typed;
use crate::support::database::TestDatabase;
use crate::support::world::World;

/// Syncs the tenant while a service's worker runs.
async fn synced(world: &World) -> super::terminal::Told {
    let stopping = CancellationToken::new();
    let working = tokio::spawn(world.worker().run(stopping.clone()));
    let told = typed(world.database.url(), &["sync", "--tenant", "7"]).await;
    stopping.cancel();
    working.await.unwrap();
    told
}

#[tokio::test]
async fn a_run_that_a_service_does_is_followed_to_its_end() {
    let world = World::shared().await;
    let id = world.order("ladore-1001");
    let told = synced(&world).await;
    assert_eq!(told.status, 0, "{told:?}");
    let [run] = &told.json()[..] else { panic!("one line of JSON: {told:?}") };
    assert_eq!((&run["state"], &run["seen"], &run["changed"]), (&"done".into(), &1.into(), &1.into()));
    assert!(run["run_id"].is_string() && run["error"].is_null(), "{run}");
    assert!(!told.aside.contains("no service is running"), "{told:?}");
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
    let by: String =
        sqlx::query_scalar("select requested_by from sync_runs").fetch_one(world.pool()).await.unwrap();
    assert_eq!(by, "operator");
}

#[tokio::test]
async fn a_run_that_fails_ends_with_one_and_says_why() {
    let world = World::shared().await;
    world.mintsoft.fail_next(Fault::NotAnArray, 5, Some("Order/List"));
    let told = synced(&world).await;
    assert_eq!(told.status, 1, "{told:?}");
    let run = &told.json()[0];
    assert_eq!(run["state"], "failed");
    assert!(told.sentence().starts_with("the run failed: "), "{told:?}");
    assert!(told.sentence().contains(run["error"].as_str().unwrap()), "{told:?}");
}

#[tokio::test]
async fn without_a_service_the_command_does_the_run_and_nothing_else() {
    let world = World::shared().await;
    let id = world.order("ladore-1001");
    let (other, _elsewhere) = another_account(&world).await;
    runs::ask(world.pool(), other, "test", world.clock.now()).await.unwrap();
    sqlx::query(
        "insert into jobs (kind, payload, run_at, created_at) values ('link_order', '{}', now(), now())",
    )
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    let told = typed(world.database.url(), &["sync", "--tenant", "7"]).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(told.aside.contains("no service is running; start `ledger serve`"), "{told:?}");
    assert_eq!(told.json()[0]["state"], "done");
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
    let done = "select count(*) from jobs where kind = 'poll_account' and state = 'done'";
    assert_eq!(world.count(done).await, 1, "the job is settled, too");
    let waiting = "select count(*) from jobs where kind in ('link_order', 'poll_account') and state = 'ready' and attempts = 0";
    assert_eq!(
        world.count(waiting).await,
        2,
        "other work waits for a service, and so does the other account"
    );
    assert_eq!(world.count("select count(*) from sync_runs where state = 'queued'").await, 1);
}

/// Another account, at a warehouse that lives as long as what is given back beside it.
async fn another_account(world: &World) -> (AccountId, Sandbox) {
    let elsewhere = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let account = world.settle_elsewhere(&elsewhere, 9, "TUMI").await;
    (account, elsewhere)
}

#[tokio::test]
async fn a_service_that_has_its_hands_full_with_other_accounts_is_waited_for() {
    let world = World::shared().await;
    let (other, _elsewhere) = another_account(&world).await;
    runs::ask(world.pool(), other, "test", world.clock.now()).await.unwrap();
    let reading = "update jobs set state = 'running', attempts = 1, lease_token = gen_random_uuid(), \
                   lease_until = now() + interval '1 minute' where kind = 'poll_account'";
    sqlx::query(reading).execute(world.database.owner_pool()).await.unwrap();
    let told = typed(world.database.url(), &["sync", "--tenant", "7", "--wait-for", "11s"]).await;
    assert!(!told.aside.contains("no service is running"), "{told:?}");
    assert!(told.sentence().starts_with("the run is queued and is followed no longer"), "{told:?}");
    assert_eq!(world.count("select count(*) from jobs where state = 'running'").await, 1, "its lease holds");
}

#[tokio::test]
async fn a_run_that_is_under_way_is_followed_and_no_second_one_begins() {
    let world = World::shared().await;
    runs::ask(world.pool(), world.account, "test", world.clock.now()).await.unwrap();
    let told = typed(world.database.url(), &["sync", "--tenant", "8", "--wait-for", "1s"]).await;
    assert_eq!(told.status, 1, "{told:?}");
    assert!(told.aside.contains("is queued already; it is followed"), "{told:?}");
    assert!(told.sentence().starts_with("the run is queued and is followed no longer"), "{told:?}");
    assert_eq!(told.json()[0]["state"], "queued");
    assert_eq!(world.count("select count(*) from sync_runs").await, 1);
}

#[tokio::test]
async fn a_tenant_that_is_unknown_or_not_configured_is_told_so() {
    let database = TestDatabase::create().await;
    let sync = ["sync", "--tenant", "7"];
    let unknown = typed(database.url(), &sync).await;
    assert_eq!(unknown.failure(), "there is no such tenant; add it with `ledger tenant add`");
    let words = ["tenant", "add", "--id", "7", "--name", "Ladore", "--slug", "ladore"];
    assert_eq!(typed(database.url(), &words).await.status, 0);
    let bare = typed(database.url(), &sync).await;
    assert!(bare.failure().starts_with("the logistics of tenant 7 are not configured"), "{bare:?}");
}

#[tokio::test]
async fn a_tenant_that_is_switched_off_is_told_so_and_nothing_is_read() {
    let world = World::shared().await;
    for (off, told) in [
        (
            "update logistics_config set sync_enabled = false where tenant_id = 7",
            "the tenant's sync is switched off",
        ),
        ("update tenants set is_active = false where id = 7", "the tenant is switched off"),
    ] {
        sqlx::query(off).execute(world.database.owner_pool()).await.unwrap();
        let refused = typed(world.database.url(), &["sync", "--tenant", "7"]).await;
        assert!(refused.failure().starts_with(told), "{refused:?}");
    }
    assert_eq!(world.count("select count(*) from sync_runs").await, 0);
}
