//! An upstream that fails, is silent or forbids: at one order, to one user, of one account. What is not its fault goes on.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::mintsoft::{Credentials, MintsoftSettings};
use logistics_ledger::sandbox::{Fault, OrderSpec, Sandbox, SandboxSettings, SandboxUser};
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::reread::RereadOrder;
use logistics_ledger::tenancy::ConfigPatch;

use crate::support::world::{CLIENT, LADORE, World, upstream};

#[tokio::test]
async fn an_order_that_upstream_always_fails_at_holds_up_no_other() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let (bad, good) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    world.age(bad).await;
    world.mintsoft.fail_next(Fault::Status { code: 500 }, 100, Some(&format!("Order/{bad}")));
    let before = world.clock.now();
    world.recheck().await;
    assert_eq!(world.to_recheck(before).await, Vec::<i64>::new(), "both were tried: {bad} and {good}");
    assert_eq!(world.count("select count(*) from jobs where state = 'ready'").await, 0);
}

#[tokio::test]
async fn orders_that_fail_one_after_the_other_end_the_job_and_do_not_head_the_next() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let ids: Vec<i64> = (1..=5).map(|number| world.order(&format!("ladore-{number}"))).collect();
    world.poll().await;
    world.mintsoft.fail_next(Fault::Status { code: 500 }, 100, Some("GET /api/Order/2"));
    let before = world.clock.now();
    world.recheck().await;
    let left = world.to_recheck(before).await;
    assert_eq!(left.len(), 2, "three in a row are the account's trouble: {left:?} of {ids:?}");
    assert_eq!(world.count("select count(*) from jobs where state = 'ready'").await, 1, "it is tried again");
    world.run("update jobs set run_at = now() where state = 'ready'").await;
    world.settle().await;
    assert_eq!(world.to_recheck(before).await, Vec::<i64>::new(), "the rest is next");
}

#[tokio::test]
async fn a_user_that_may_not_register_callbacks_is_asked_about_once() {
    let user = SandboxUser { can_edit: false, ..SandboxUser::admin("ops@warehouse.example", "sandbox") };
    let sandbox = SandboxSettings { users: vec![user], ..SandboxSettings::default() };
    let public_url = Some("https://ledger.example.com".to_owned());
    let world = World::with(SyncSettings { public_url, ..SyncSettings::default() }, sandbox).await;
    for number in 1..=5 {
        world.order(&format!("ladore-{number}"));
    }
    world.poll().await;
    assert_eq!(world.count("select count(*) from jobs where state = 'dead'").await, 0);
    assert_eq!(world.count("select count(*) from jobs where kind = 'register_callbacks'").await, 5);
    assert!(world.mintsoft.count_calls("/Auth") <= 2, "{}", world.mintsoft.count_calls("/Auth"));
    let health = world.sources.account_health(world.account).await.unwrap().unwrap();
    assert!(health.callbacks_refused_until.is_some_and(|until| until > world.clock.now()));

    let credentials = Some(Credentials::login("ops@warehouse.example", "other"));
    let patch = ConfigPatch { credentials, ..ConfigPatch::default() };
    world.sources.change_config(LADORE, &patch, "operator".into(), true).await.unwrap();
    let health = world.sources.account_health(world.account).await.unwrap().unwrap();
    assert_eq!(health.callbacks_refused_until, None, "another login may be permitted");
}

#[tokio::test]
async fn a_user_that_may_not_see_shipments_costs_no_login_for_each_order() {
    let world = World::shared().await;
    for number in 1..=4 {
        let id = world.order(&format!("ladore-{number}"));
        world.mintsoft.despatch(id, None).unwrap();
        world.mintsoft.fail_next(Fault::Unauthorized, 100, Some(&format!("Order/{id}/Shipments")));
    }
    world.poll().await;
    assert_eq!(
        world.count("select count(*) from jobs where kind = 'complete_order' and state = 'done'").await,
        4
    );
    assert_eq!(world.mintsoft.count_calls("/Auth"), 2, "to begin with, and for the first refusal");
}

#[tokio::test]
async fn a_user_that_may_not_see_scans_has_the_orders_read_all_the_same() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.fail_next(Fault::Unauthorized, 100, Some("TrackingEvents/List"));
    for _ in 0..3 {
        let run = world.poll().await;
        assert_eq!((run.state.as_str(), run.error), ("done", None));
    }
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
    assert_eq!(
        world.count("select count(*) from mintsoft_accounts where last_polled_at is not null").await,
        1
    );
    assert_eq!(world.count("select count(*) from sync_cursors where kind = 'tracking'").await, 0);
    assert_eq!(world.mintsoft.count_calls("/Auth"), 2, "to begin with, and for the first refusal");
}

#[tokio::test]
async fn other_credentials_end_the_rest_of_what_was_refused() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, None).unwrap();
    let (scans, shipments) = ("TrackingEvents/List".to_owned(), format!("Order/{id}/Shipments"));
    for path in [&scans, &shipments] {
        world.mintsoft.fail_next(Fault::Unauthorized, 100, Some(path));
    }
    world.poll().await;
    let refused = async || {
        let health = world.sources.account_health(world.account).await.unwrap().unwrap();
        [health.scans_refused_until, health.shipments_refused_until]
    };
    let in_an_hour = world.clock.now() + TimeDelta::hours(1);
    assert!(refused().await.iter().all(|until| until.is_some_and(|until| until <= in_an_hour)));
    world.mintsoft.forget_faults();
    world.mintsoft.forget_calls();
    world.poll().await;
    world.read_whole(id).await;
    let asked = || [&scans, &shipments].map(|path| world.mintsoft.count_calls(path));
    assert_eq!(asked(), [0, 0], "neither is asked for again so soon");

    let credentials = Some(Credentials::login("ops@warehouse.example", "sandbox"));
    let patch = ConfigPatch { credentials, ..ConfigPatch::default() };
    world.sources.change_config(LADORE, &patch, "operator".into(), true).await.unwrap();
    assert_eq!(refused().await, [None, None]);
    world.poll().await;
    world.read_whole(id).await;
    assert!(asked().iter().all(|times| *times > 0), "the user may be permitted by now: {:?}", asked());
}

#[tokio::test]
async fn a_delivered_callback_is_recorded_whatever_becomes_of_the_scans() {
    let forbidden = (Fault::Unauthorized, 0);
    let away = (Fault::HtmlBadGateway, 1);
    for (fault, tried_again) in [forbidden, away] {
        let world = World::shared().await;
        let id = world.order("ladore-1");
        world.mintsoft.despatch(id, None).unwrap();
        world.poll().await;
        world.mintsoft.fail_next(fault, 100, Some("TrackingEvents/List"));
        let received_at = world.clock.now() - TimeDelta::seconds(10);
        let event = Some("delivered".to_owned());
        let told =
            RereadOrder { event, received_at: Some(received_at), ..RereadOrder::of(world.account, id) };
        world.enqueue(&told.job("delivery:test", received_at)).await;
        world.settle().await;
        let delivered_at = world.row(id, "delivered_at").await.map(|at| at.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(delivered_at, Some(received_at));
        assert_eq!(world.count("select count(*) from jobs where state = 'dead'").await, 0);
        let ready = "select count(*) from jobs where kind = 'reread_order' and state = 'ready'";
        assert_eq!(world.count(ready).await, tried_again, "scans that may yet be had are asked for again");
    }
}

#[tokio::test]
async fn callbacks_that_come_together_share_a_sweep_that_fails() {
    let world = World::shared().await;
    let ids: Vec<i64> = (1..=4).map(|number| world.order(&format!("ladore-{number}"))).collect();
    for id in &ids {
        world.mintsoft.despatch(*id, None).unwrap();
    }
    world.poll().await;
    world.mintsoft.forget_calls();
    world.mintsoft.fail_next(Fault::NotAnArray, 100, Some("TrackingEvents/List"));
    let received_at = world.clock.now() - TimeDelta::seconds(10);
    for &id in &ids {
        let event = Some("delivered".to_owned());
        let told =
            RereadOrder { event, received_at: Some(received_at), ..RereadOrder::of(world.account, id) };
        world.enqueue(&told.job("delivery:test", received_at)).await;
    }
    world.settle().await;
    assert!(world.mintsoft.count_calls("TrackingEvents/List") <= 2, "one, and what is tried again at once");
    let told = "select count(*) from logistics_orders where delivered_at is not null";
    assert_eq!(world.count(told).await, 4);
    let ready = "select count(*) from jobs where kind = 'reread_order' and state = 'ready'";
    assert_eq!(world.count(ready).await, 4, "each comes again");
}

#[tokio::test]
async fn an_account_that_does_not_answer_starves_no_other() {
    let mut world = World::shared().await;
    let elsewhere = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let account = world.settle_elsewhere(&elsewhere, 9, "TUMI").await;
    let (time_limit, silent_pause) = (Duration::from_secs(2), Duration::from_hours(1));
    world.call_with(MintsoftSettings { time_limit, silent_pause, ..upstream() });
    let ids: Vec<i64> = (1..=6).map(|number| world.order(&format!("ladore-{number}"))).collect();
    let theirs = elsewhere.world().create_order(OrderSpec::of(CLIENT, "tumi-1", &[("TUMI_1", 1)]));
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 60_000 }, 1_000, Some("GET /api/Order/2"));
    for &id in &ids {
        world.enqueue(&RereadOrder::of(world.account, id).job("test", world.clock.now())).await;
    }
    world.enqueue(&RereadOrder::of(account, theirs).job("test", world.clock.now())).await;
    world.settle().await;
    assert_eq!(world.count("select count(*) from logistics_orders").await, 1, "theirs was read");
    let asked = world.mintsoft.count_calls("GET /api/Order/2");
    assert_eq!(asked, 3, "for the first order twice, for the second once, and for no other");
    assert_eq!(world.count("select count(*) from jobs where state = 'ready'").await, 6, "they are put off");
}

#[tokio::test]
async fn an_account_that_is_asked_to_wait_starves_no_other() {
    let mut world = World::shared().await;
    let elsewhere = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let account = world.settle_elsewhere(&elsewhere, 9, "TUMI").await;
    world.call_with(MintsoftSettings { retries_max: 3, ..upstream() });
    let ids: Vec<i64> = (1..=6).map(|number| world.order(&format!("ladore-{number}"))).collect();
    let theirs = elsewhere.world().create_order(OrderSpec::of(CLIENT, "tumi-1", &[("TUMI_1", 1)]));
    let throttled = Fault::TooManyRequests { retry_after_seconds: None };
    world.mintsoft.fail_next(throttled, 1_000, Some("GET /api/Order/2"));
    for &id in &ids {
        world.enqueue(&RereadOrder::of(world.account, id).job("test", world.clock.now())).await;
    }
    world.enqueue(&RereadOrder::of(account, theirs).job("test", world.clock.now())).await;
    world.settle().await;
    assert_eq!(world.count("select count(*) from logistics_orders").await, 1, "theirs was read");
    assert_eq!(world.mintsoft.count_calls("GET /api/Order/2"), 1, "the others hear of it without asking");
    assert_eq!(world.count("select count(*) from jobs where state = 'ready'").await, 6, "they are put off");
}

#[tokio::test]
async fn a_reading_of_an_account_sits_out_a_pause_that_is_asked_for() {
    let mut world = World::shared().await;
    world.call_with(MintsoftSettings { throttled_wait_max: Duration::ZERO, ..upstream() });
    let id = world.order("ladore-1");
    let throttled = Fault::TooManyRequests { retry_after_seconds: Some(1) };
    world.mintsoft.fail_next(throttled, 1, Some("Order/List"));
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.error), ("done", None));
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
}

#[tokio::test]
async fn an_order_outlasts_an_upstream_that_asks_for_a_moment_over_and_over() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    let throttled = Fault::TooManyRequests { retry_after_seconds: Some(0) };
    world.mintsoft.fail_next(throttled, 100, Some(&format!("GET /api/Order/{id}")));
    let before = world.clock.now();
    world.enqueue(&RereadOrder::of(world.account, id).job("test", before)).await;
    world.settle().await;
    for (attempts, own_wait) in [(1, TimeDelta::seconds(10)), (21, TimeDelta::hours(1))] {
        let (made, due_at): (i32, DateTime<Utc>) =
            sqlx::query_as("select attempts, run_at from jobs where state = 'ready'")
                .fetch_one(world.pool())
                .await
                .unwrap();
        assert_eq!(made, attempts);
        assert!(due_at >= before + own_wait, "{due_at} after {attempts} attempts");
        world.run("update jobs set attempts = 20, run_at = now() where state = 'ready'").await;
        world.settle().await;
    }
}

#[tokio::test]
async fn an_order_whose_shipments_are_put_off_is_read_again() {
    let mut world = World::shared().await;
    world.call_with(upstream());
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    let throttled = Fault::TooManyRequests { retry_after_seconds: None };
    world.mintsoft.fail_next(throttled, 1, Some(&format!("Order/{id}/Shipments")));
    world.enqueue(&RereadOrder::of(world.account, id).job("test", world.clock.now())).await;
    world.settle().await;
    let waiting = "select count(*) from jobs where kind = 'reread_order' and state = 'ready'";
    assert_eq!(world.count(waiting).await, 1, "what it did not hear it asks for once more");
    assert_eq!(world.history(id).await, ["OrderDiscovered"], "and what it heard is taken in");
}

#[tokio::test]
async fn a_recheck_that_is_asked_to_wait_ends_with_what_it_has_read_and_the_rest_is_next() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let mut world = World::with(settings, SandboxSettings::default()).await;
    world.call_with(upstream());
    (1..=3).for_each(|number| _ = world.order(&format!("ladore-{number}")));
    world.poll().await;
    let before = world.clock.now();
    let open = world.to_recheck(before).await;
    let throttled = Fault::TooManyRequests { retry_after_seconds: None };
    world.mintsoft.fail_next(throttled, 1, Some(&format!("GET /api/Order/{}", open[1])));
    world.recheck().await;
    assert_eq!(world.to_recheck(before).await, open[1..], "nothing was noted of the one that it stopped at");
    let over = "select count(*) from jobs where kind = 'recheck_account' and state = 'done'";
    assert_eq!(world.count(over).await, 1, "no attempt is spent");
}
