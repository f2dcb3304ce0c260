//! A warehouse that says "not now, in a moment" over and over: what it was asked for is tried for as long as it would be
//! without those words, and was not done.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::sandbox::Fault;

use super::quiet::QuietDesk;

/// "Not now", and no time to wait.
const NOT_NOW: Fault = Fault::TooManyRequests { retry_after_seconds: Some(0) };

#[tokio::test]
async fn a_moment_that_upstream_asks_for_does_not_cut_the_jobs_own_wait_short() {
    // Before the call, and at it.
    for verb in ["get", "post"] {
        let desk = QuietDesk::create().await;
        let (world, id) = (&desk.world, desk.known_order("ladore-1").await);
        world.mintsoft.fail_next(NOT_NOW, 100, Some(&format!("{verb} /api/order/{id}/comments")));
        desk.actions.comment(&desk.asking(id), "Ring twice", false).await.unwrap();
        // The ninth attempt, after which the wait has grown to its longest.
        world.run("update jobs set attempts = 8 where kind = 'post_comment'").await;
        let before = world.clock.now();
        desk.work_once().await;
        let due_at = "select run_at from jobs where kind = 'post_comment' and state = 'ready'";
        let due_at: DateTime<Utc> = sqlx::query_scalar(due_at).fetch_one(world.pool()).await.unwrap();
        assert!(due_at >= before + TimeDelta::minutes(5), "{verb}: {due_at}, asked at {before}");
        assert_eq!(world.mintsoft.comments(id), []);
    }
}

#[tokio::test]
async fn a_call_that_upstream_puts_off_is_not_counted_and_made_again() {
    let desk = QuietDesk::create().await;
    let (world, id) = (&desk.world, desk.known_order("ladore-1").await);
    let path = format!("post /api/order/{id}/comments");
    world.mintsoft.fail_next(NOT_NOW, 3, Some(&path));
    desk.actions.comment(&desk.asking(id), "Ring twice", false).await.unwrap();
    for times in 1..=3 {
        desk.work_once().await;
        assert_eq!(world.mintsoft.count_calls(&path), times);
        assert_eq!(desk.calls_begun().await, 0, "put off {times} times");
    }
    desk.work_once().await;
    assert_eq!(world.mintsoft.comments(id), [("Ring twice".to_owned(), false)]);
    assert_eq!(desk.events(id, "CommentPosted").await, 1);
    assert_eq!(desk.events(id, "CommentRefused").await, 0);
}

#[tokio::test]
async fn what_is_put_off_to_the_end_was_not_done_and_may_be_asked_for_again() {
    let desk = QuietDesk::create().await;
    let (world, id) = (&desk.world, desk.known_order("ladore-1").await);
    world.mintsoft.fail_next(NOT_NOW, 100, Some("/cancel"));
    desk.actions.cancel(&desk.asking(id), "mistake").await.unwrap();
    world.run("update jobs set max_attempts = 1 where kind = 'cancel_order'").await;
    desk.work_once().await;
    let reason = "select payload->>'message' from events where event_type = 'CancellationRefused'";
    let reason: String = sqlx::query_scalar(reason).fetch_one(world.pool()).await.unwrap();
    assert!(reason.contains("could not be reached in time; nothing was done"), "{reason}");

    world.mintsoft.forget_faults();
    desk.actions.cancel(&desk.asking(id), "mistake").await.unwrap();
    desk.work_once().await;
    assert_eq!(desk.events(id, "CancellationConfirmed").await, 1);
}
