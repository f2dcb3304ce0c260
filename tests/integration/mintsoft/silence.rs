//! What happens while upstream does not answer.

use std::time::Duration;

use chrono::TimeDelta;
use logistics_ledger::mintsoft::{MintsoftAccount, UpstreamError};

use super::stub::{Scene, json, reply};
use crate::support::service::until;

/// A stub that leaves the next `requests` without an answer, and one client's account.
async fn silent_for(requests: usize) -> (Scene, MintsoftAccount) {
    let mut scene = Scene::create().await;
    scene.settings.time_limit = Duration::from_millis(500);
    scene.stub.will_answer(vec![json("{}").after(Duration::from_mins(1)); requests]);
    let account = scene.by_key();
    (scene, account)
}

#[tokio::test]
async fn a_login_that_is_not_answered_is_left_alone_until_one_caller_has_found_out() {
    let (scene, account) = silent_for(4).await;
    for order in [1, 2] {
        let error = account.order(order).await.unwrap_err();
        assert!(matches!(error, UpstreamError::TimedOut), "{error}");
    }
    assert_eq!(scene.stub.calls().len(), 3, "the first is tried again, and with the second it is clear");
    let error = account.order(3).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Silent { .. }) && error.is_transient(), "{error}");
    assert!(!error.may_have_acted());
    assert_eq!(scene.stub.calls().len(), 3, "nobody is kept waiting");

    scene.clock.advance(TimeDelta::seconds(61));
    let (found_out, other) = tokio::join!(account.order(4), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        account.order(5).await
    });
    assert!(matches!(found_out.unwrap_err(), UpstreamError::TimedOut), "one goes for all");
    assert!(matches!(other.unwrap_err(), UpstreamError::Silent { .. }), "the others rest meanwhile");
    assert_eq!(scene.stub.calls().len(), 4);

    scene.clock.advance(TimeDelta::seconds(61));
    account.order_statuses().await.unwrap();
    account.order_statuses().await.unwrap();
    assert_eq!(scene.stub.calls().len(), 6, "an answer ends it, for everybody");
}

#[tokio::test]
async fn a_rest_that_began_by_a_clock_that_was_ahead_ends_when_the_clock_is_put_right() {
    let (scene, account) = silent_for(3).await;
    scene.clock.advance(TimeDelta::hours(5));
    for order in [1, 2] {
        account.order(order).await.unwrap_err();
    }
    scene.clock.advance(TimeDelta::hours(-5));
    account.order_statuses().await.unwrap();
}

#[tokio::test]
async fn one_thing_that_is_never_answered_stands_in_nobodys_way() {
    let (scene, account) = silent_for(4).await;
    for _ in 0..2 {
        let error = account.order(1).await.unwrap_err();
        assert!(matches!(error, UpstreamError::TimedOut), "{error}");
    }
    assert_eq!(scene.stub.calls().len(), 4, "a read that is not answered is tried again once");
    account.order_statuses().await.unwrap();
}

#[tokio::test]
async fn any_answer_tells_that_somebody_is_there() {
    let (scene, account) = silent_for(2).await;
    account.order(1).await.unwrap_err();
    scene.stub.will_answer([reply(404, ""), json("{}").after(Duration::from_mins(1))]);
    account.order(2).await.unwrap();
    account.order(3).await.unwrap_err();
    account.order_statuses().await.unwrap();
}

#[tokio::test]
async fn requests_that_others_overtook_are_slow_by_themselves() {
    let (scene, account) = silent_for(2).await;
    let (first, second, answered) = tokio::join!(account.order(1), account.order(2), async {
        until("both are under way", async || scene.stub.calls().len() == 2).await;
        account.order_statuses().await
    });
    answered.unwrap();
    assert_eq!(scene.stub.calls().len(), 5, "both are asked for again, and nobody rests");
    for outcome in [first, second] {
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, UpstreamError::ContractViolation { .. }),
            "answered, though with no order: {error}"
        );
    }
}

#[tokio::test]
async fn a_login_that_lets_nobody_in_is_left_alone_at_once() {
    let mut scene = Scene::create().await;
    scene.settings.time_limit = Duration::from_millis(500);
    scene.stub.delay_logins(Duration::from_mins(1));
    let account = scene.by_login();
    account.order(1).await.unwrap_err();
    let asked = scene.stub.logins();
    let error = account.order(2).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Silent { .. }), "{error}");
    assert_eq!(scene.stub.logins(), asked, "nobody is kept waiting");
}
