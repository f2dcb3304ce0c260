//! Killed with SIGKILL between any two steps of a request: it happens once, and what is said of it is true.

use std::time::Duration;

use logistics_ledger::clock;
use logistics_ledger::sandbox::Fault;
use tokio::time::sleep;

use super::desk::{KILLED, calls, cancel, cancelling, count, is_cancelled, settled};
use crate::service::site::Site;
use crate::service::truth;
use crate::support::service::{Reply, until};

/// How often it is killed.
const ROUNDS: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_a_cancellation_the_same_key_finds_its_end() {
    let mut site = Site::settled(&KILLED).await;
    let orders: Vec<i64> = (0..ROUNDS).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    for (round, upstream) in (0..).zip(orders) {
        let (order, key) = (site.id_of(upstream).await, format!("key-{upstream}"));
        // So slow that the kill comes before, between and after the call and its answer.
        let slow = Fault::ActsLate { milliseconds: 60 };
        site.mintsoft.fail_next(slow, 1, Some(&format!("order/{upstream}/cancel")));
        let asked = cancelling(&site.service, &site.ladore, &order, Some(&key), "mistake");
        let moment = Duration::from_millis(round * 15 + u64::from(clock::random_bytes::<1>()[0]) / 16);
        let waiting = tokio::spawn(Reply::perhaps(asked));
        sleep(moment).await;
        site.service.kill().await;
        let _broken = waiting.await;
        site.service.restart().await;
        let answer = cancel(&site, &order, Some(&key), "mistake").await;
        assert!([200, 202].contains(&answer.status), "{}", answer.text);
        assert_eq!(settled(&site, &order).await["state"], "confirmed");
        assert!(is_cancelled(&site, upstream));
        assert!(calls(&site, upstream) <= 2);
        assert_eq!(count(&site, &order, "CancellationRequested").await, 1);
        assert_eq!(count(&site, &order, "CancellationConfirmed").await, 1);
    }
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;
}

#[tokio::test]
async fn killed_after_the_call_and_before_its_commit_the_order_is_read_and_not_cancelled_again() {
    let mut site = Site::settled(&KILLED).await;
    let upstream = site.order("ladore-1");
    site.sync().await;
    let order = site.id_of(upstream).await;
    // It acts at once, and its answer comes when nobody is left to hear it.
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 900 }, 1, Some("/cancel"));
    let waiting =
        tokio::spawn(Reply::perhaps(cancelling(&site.service, &site.ladore, &order, Some("k"), "mistake")));
    until("the call is made", async || calls(&site, upstream) == 1).await;
    site.service.kill().await;
    assert!(waiting.await.unwrap().is_none(), "the person hears nothing");
    site.service.restart().await;
    assert_eq!(settled(&site, &order).await["state"], "confirmed");
    assert_eq!(calls(&site, upstream), 1);
    cancel(&site, &order, Some("k"), "mistake").await.expect(200);
}

#[tokio::test]
async fn what_one_instance_left_behind_another_finishes() {
    let mut site = Site::settled(&KILLED).await;
    let other = site.service.beside(&[]).await;
    let upstream = site.order("ladore-1");
    site.sync().await;
    let order = site.id_of(upstream).await;
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 900 }, 1, Some("/cancel"));
    let waiting =
        tokio::spawn(Reply::perhaps(cancelling(&site.service, &site.ladore, &order, Some("k"), "mistake")));
    until("the call is made", async || calls(&site, upstream) == 1).await;
    site.service.kill().await;
    let _broken = waiting.await;
    let repeated = Reply::to(cancelling(&other, &site.ladore, &order, Some("k"), "mistake")).await;
    assert_eq!(repeated.status, 200, "{}", repeated.text);
    assert_eq!(calls(&site, upstream), 1);
}
