//! A comment whose worker goes while upstream is at it: the next one waits until upstream is done, and writes it no second time.

use std::time::Duration;

use logistics_domain::Source;
use logistics_ledger::actions::{ActionSettings, Actions, Asking};
use logistics_ledger::jobs::{Worker, WorkerSettings};
use logistics_ledger::mintsoft::MintsoftSettings;
use logistics_ledger::sandbox::Fault;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::support::service::until;
use crate::support::world::{World, upstream};

/// The longest that a call may take; a third of it after its end, what was not done counts as not done.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// When upstream does what it was asked: within the limit, and well after that third.
const LATE: Fault = Fault::ActsLate { milliseconds: 1_500 };

/// One instance's worker. It has no patience with jobs at a stop, and is soon taken for lost.
fn work(world: &World, actions: &Actions) -> (CancellationToken, JoinHandle<()>) {
    let settings = WorkerSettings {
        lease: Duration::from_millis(300),
        poll_every: Duration::from_millis(20),
        finish_within: Duration::from_millis(10),
        ..WorkerSettings::default()
    };
    let worker = Worker::new(world.pool().clone(), world.clock.clone(), settings, actions.lanes().into());
    let stopping = CancellationToken::new();
    (stopping.clone(), tokio::spawn(worker.run(stopping)))
}

/// Asks for a comment, has the first worker go as `go` says while upstream is at it, and lets a second one go on.
async fn handed_over(go: impl AsyncFnOnce(CancellationToken, JoinHandle<()>)) {
    let mut world = World::shared().await;
    world.call_with(MintsoftSettings { time_limit: TIME_LIMIT, ..upstream() });
    let settings =
        ActionSettings { answer_within: Duration::ZERO, ..ActionSettings::with_calls_of(TIME_LIMIT) };
    let actions = Actions::over(&world.sources, settings);
    let id = world.order("ladore-1");
    world.poll().await;
    let path = format!("post /api/order/{id}/comments");
    world.mintsoft.fail_next(LATE, 1, Some(&path));
    let (stopping, first) = work(&world, &actions);
    let asking = Asking {
        address: world.address(id),
        actor: "user:1".to_owned(),
        source: Source::User,
        correlation_id: "request-1".to_owned(),
        key: None,
    };
    actions.comment(&asking, "Ring twice", false).await.unwrap();
    let begun = "select coalesce(max(calls_begun), 0)::bigint from order_requests";
    until("the call is made", async || world.count(begun).await == 1).await;
    // The sandbox counts it when it acts; by now it is there.
    sleep(Duration::from_millis(300)).await;
    go(stopping, first).await;
    assert_eq!(world.mintsoft.comments(id), [], "upstream is still at it");

    let (stopping, second) = work(&world, &actions);
    until("it is settled", async || world.history(id).await.contains(&"CommentPosted".to_owned())).await;
    // Whoever wrote it, the first call is done with by then.
    sleep(TIME_LIMIT).await;
    assert_eq!(world.mintsoft.comments(id), [("Ring twice".to_owned(), false)]);
    assert_eq!(world.mintsoft.count_calls(&path), 1);
    stopping.cancel();
    second.await.unwrap();
}

#[tokio::test]
async fn a_comment_that_an_orderly_stop_cut_off_is_not_written_again() {
    handed_over(async |stopping, worker| {
        stopping.cancel();
        worker.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_comment_whose_worker_was_killed_is_not_written_again() {
    handed_over(async |_stopping, worker| {
        worker.abort();
        assert!(worker.await.is_err());
    })
    .await;
}
