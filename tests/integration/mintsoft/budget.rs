//! The budget of calls: shared by all instances, obeyed when upstream asks to wait, fair among tenants. The clock stands
//! still in most of these, so the slots themselves are looked at, not the time that passes.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::clock::Clock;
use logistics_ledger::mintsoft::{
    Credentials, MintsoftAccount, MintsoftClient, Patience, UpstreamError, login_id,
};
use logistics_ledger::postgres::{self, PoolSettings};

use super::stub::{Scene, json, reply};
use crate::support::service::until;

impl Scene {
    async fn instant(&self, column: &'static str) -> Option<DateTime<Utc>> {
        let sql = match column {
            "next_call_at" => "select next_call_at from mintsoft_logins where login_id = any($1)",
            _ => "select blocked_until from mintsoft_logins where login_id = any($1)",
        };
        let login = |of: &str| login_id(self.stub.url(), of);
        let login = [login("ada"), login(&Credentials::api_key(&self.fixed_key).identity())];
        sqlx::query_scalar(sql).bind(login).fetch_one(self.database.pool()).await.unwrap()
    }
}

fn hurried(account: &MintsoftAccount) -> MintsoftAccount {
    account.patience(Patience::interactive(Duration::from_millis(10)))
}

#[tokio::test]
async fn every_call_moves_the_next_slot_on_by_the_pace() {
    let mut scene = Scene::create().await;
    scene.settings.calls_per_second = 2.0;
    scene.by_key().order_statuses().await.unwrap();
    assert_eq!(scene.instant("next_call_at").await, Some(scene.clock.now() + TimeDelta::milliseconds(500)));
}

#[tokio::test]
async fn two_instances_share_one_budget_and_a_hurried_caller_gives_up_at_once() {
    let mut scene = Scene::create().await;
    scene.settings.calls_per_second = 0.5;
    scene.by_key().order_statuses().await.unwrap();
    let error = hurried(&scene.by_key()).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::BudgetExhausted { .. }) && error.is_transient(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert_eq!(scene.stub.calls().len(), 1, "nothing was sent");
    assert_eq!(
        scene.instant("next_call_at").await,
        Some(scene.clock.now() + TimeDelta::seconds(2)),
        "who gives up takes no slot"
    );
    scene.clock.advance(TimeDelta::seconds(2));
    hurried(&scene.by_key()).order_statuses().await.unwrap();
}

#[tokio::test]
async fn accounts_of_one_login_share_a_budget_and_others_do_not() {
    let mut scene = Scene::create().await;
    scene.settings.calls_per_second = 0.01;
    scene.by_key().order_statuses().await.unwrap();
    scene.account_id = logistics_ledger::clock::new_id();
    let error = hurried(&scene.by_key()).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::BudgetExhausted { .. }), "{error}");
    scene.fixed_key = "another-key".to_owned();
    hurried(&scene.by_key()).order_statuses().await.unwrap();
}

#[tokio::test]
async fn a_request_to_wait_holds_for_everybody_until_it_is_over() {
    let scene = Scene::create().await;
    scene.stub.will_answer([reply(429, "").header("retry-after", "90")]);
    let error = hurried(&scene.by_key()).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::Throttled { .. }), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    let error = hurried(&scene.by_key()).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::BudgetExhausted { .. }), "{error}");
    assert_eq!(scene.stub.calls().len(), 1);
    scene.clock.advance(TimeDelta::seconds(90));
    hurried(&scene.by_key()).order_statuses().await.unwrap();
}

#[tokio::test]
async fn a_request_to_wait_may_name_a_date_or_nothing_and_is_believed_within_reason() {
    let mut scene = Scene::create().await;
    scene.settings.retries_max = 0;
    let until = scene.clock.now() + TimeDelta::seconds(40);
    let date = until.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (answer, wait) in [
        (reply(429, "").header("retry-after", date), 40),
        (reply(503, "").header("retry-after", "45"), 45),
        (reply(429, "<html>slow down</html>"), 60),
        (reply(429, "").header("retry-after", "soon"), 60),
        (reply(429, "").header("retry-after", "999999999999"), 900),
    ] {
        scene.fixed_key = logistics_ledger::clock::new_id().to_string();
        scene.stub.will_answer([answer]);
        let error = scene.by_key().order_statuses().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(wait)), "{error}");
        assert_eq!(
            scene.instant("blocked_until").await,
            Some(scene.clock.now() + TimeDelta::seconds(i64::try_from(wait).unwrap()))
        );
    }
}

#[tokio::test]
async fn what_an_action_was_answered_counts_though_the_wait_that_upstream_asks_for_cannot_be_noted() {
    let scene = Scene::create().await;
    let pool = postgres::connect(scene.database.url(), &PoolSettings::default()).await.unwrap();
    let (ring, settings) = (scene.ring.clone(), scene.settings.clone());
    let client = MintsoftClient::new(pool.clone(), ring, scene.clock.clone(), settings).unwrap();
    let account = client.account(scene.access(Credentials::api_key(&scene.fixed_key)));
    let late = reply(503, "").header("retry-after", "45").after(Duration::from_millis(500));
    scene.stub.will_answer([late]);
    let answer = tokio::spawn(async move { account.post_comment(1, "Ring twice", false).await });
    until("it is asked", async || scene.stub.calls().len() == 1).await;
    pool.close().await;
    let error = answer.await.unwrap().unwrap_err();
    assert!(matches!(error, UpstreamError::Unavailable { status: Some(503), sent: true, .. }), "{error}");
    assert!(error.may_have_acted());
}

#[tokio::test]
async fn a_patient_read_waits_as_asked_and_comes_again() {
    let mut scene = Scene::create().await;
    scene.clock = Clock::system();
    scene.stub.will_answer([reply(429, "").header("retry-after", "1"), json(r#"[{"ID":1}]"#)]);
    assert_eq!(scene.by_key().order_statuses().await.unwrap().value.len(), 1);
    assert_eq!(scene.stub.calls().len(), 2);
}

#[tokio::test]
async fn work_in_the_background_does_not_sit_out_a_pause_that_it_has_the_patience_for() {
    let mut scene = Scene::create().await;
    scene.settings.patience = Duration::from_mins(10);
    let account = scene.by_key();
    scene.stub.will_answer([reply(429, "").header("retry-after", "90")]);
    let error = account.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::Throttled { .. }), "{error}");
    let error = account.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::BudgetExhausted { .. }), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    assert_eq!(scene.stub.calls().len(), 1);
    scene.clock.advance(TimeDelta::seconds(86));
    let slot = scene.instant("next_call_at").await;
    let error = account.patience(Patience::background(Duration::ZERO)).order_statuses().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(4)), "{error}");
    assert_eq!(scene.instant("next_call_at").await, slot, "who gives up takes no slot");
}

#[tokio::test]
async fn what_would_have_to_begin_anew_sits_a_pause_out() {
    let mut scene = Scene::create().await;
    scene.clock = Clock::system();
    scene.settings.throttled_wait_max = Duration::ZERO;
    scene.stub.will_answer([reply(429, "").header("retry-after", "1")]);
    scene.by_key().enduring().order_statuses().await.unwrap();
    assert_eq!(scene.stub.calls().len(), 2);
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_has_noted_stops_nobody() {
    let mut scene = Scene::create().await;
    scene.settings.calls_per_second = 0.01;
    let ahead = TimeDelta::hours(5);
    scene.clock.advance(ahead);
    scene.stub.will_answer([reply(429, "").header("retry-after", "90")]);
    hurried(&scene.by_key()).order_statuses().await.unwrap_err();
    scene.clock.advance(-ahead);
    let slot = scene.instant("next_call_at").await.unwrap();
    assert!(slot > scene.clock.now() + TimeDelta::hours(4), "{slot}");
    hurried(&scene.by_key()).order_statuses().await.unwrap();
    assert_eq!(scene.instant("next_call_at").await, Some(scene.clock.now() + TimeDelta::seconds(100)));
    assert_eq!(scene.instant("blocked_until").await, None, "nor does it when that clock was right at last");
}

/// Sixty calls of `busy` at once, then one of `other`: how many of the sixty went before it. Half of them would be
/// bad luck on a slow machine; all of them is what an unfair queue gives.
async fn place_behind_a_crowd(scene: &Scene, busy: MintsoftAccount, other: MintsoftAccount) -> usize {
    let crowd: Vec<_> = (0..60)
        .map(|_| {
            let account = busy.clone();
            tokio::spawn(async move { account.order_statuses().await })
        })
        .collect();
    while scene.stub.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    other.courier_services().await.unwrap();
    crowd.iter().for_each(tokio::task::JoinHandle::abort);
    let calls = scene.stub.calls();
    calls.iter().position(|asked| asked.target == "/api/Courier/Services").unwrap()
}

#[tokio::test]
async fn a_busy_tenant_delays_another_by_one_slot() {
    let mut scene = Scene::create().await;
    scene.clock = Clock::system();
    scene.settings.calls_per_second = 10.0;
    let client = scene.client();
    let of = |tenant_id| {
        let mut access = scene.access(Credentials::api_key("k"));
        access.tenant_id = Some(tenant_id);
        client.account(access)
    };
    let place = place_behind_a_crowd(&scene, of(1), of(2)).await;
    assert!(place <= 30, "the other tenant came behind {place} of sixty");
}

#[tokio::test]
async fn a_person_does_not_queue_behind_the_background_work_of_the_same_tenant() {
    let mut scene = Scene::create().await;
    scene.clock = Clock::system();
    scene.settings.calls_per_second = 10.0;
    let account = scene.by_key();
    let person = account.patience(Patience::interactive(Duration::from_secs(20)));
    let place = place_behind_a_crowd(&scene, account, person).await;
    assert!(place <= 30, "the person came behind {place} of sixty");
}

#[tokio::test]
async fn a_login_takes_a_slot_too() {
    let mut scene = Scene::create().await;
    scene.settings.calls_per_second = 1_000.0;
    scene.by_login().order_statuses().await.unwrap();
    assert_eq!(scene.instant("next_call_at").await, Some(scene.clock.now() + TimeDelta::milliseconds(2)));
}
