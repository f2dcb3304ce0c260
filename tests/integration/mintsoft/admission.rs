//! The login key: one for all, fetched by one, renewed when it must be and never otherwise.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use logistics_ledger::clock;
use logistics_ledger::mintsoft::{Credentials, Patience, UpstreamError, login_id};
use sqlx::Row;

use super::stub::{Scene, json, reply};

#[tokio::test]
async fn the_first_call_logs_in_and_the_next_ones_use_the_key() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    let account = scene.by_login();
    for _ in 0..3 {
        account.order_statuses().await.unwrap();
    }
    assert_eq!((scene.stub.logins(), scene.stub.calls().len()), (1, 3));
    assert!(scene.stub.calls().iter().all(|asked| asked.key == scene.stub.newest_key()));
}

#[tokio::test]
async fn many_callers_on_two_instances_log_in_once() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    scene.stub.delay_logins(Duration::from_millis(300));
    let (one, other) = (scene.by_login(), scene.by_login());
    let calls = (0..10).map(|n| if n % 2 == 0 { one.clone() } else { other.clone() });
    let answers = join_all(calls.map(|account| async move { account.order_statuses().await })).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(scene.stub.logins(), 1);
}

#[tokio::test]
async fn two_accounts_of_one_user_share_its_key_however_they_spell_it() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    let account = |client_id, username: &str, url: String| {
        let mut access = scene.access(Credentials::login(username, "right"));
        (access.account_id, access.client_id, access.api_url) = (clock::new_id(), Some(client_id), url);
        scene.client().account(access)
    };
    let url = scene.stub.url();
    let (one, other) = (account(3, "ada", url.to_owned()), account(4, " Ada ", format!("{url}/api/")));
    for _ in 0..5 {
        one.order_statuses().await.unwrap();
        other.order_statuses().await.unwrap();
    }
    assert_eq!((scene.stub.logins(), scene.stub.calls().len()), (1, 10));
    // A connection that is only tried goes the same way, and kills nobody's key either.
    account(5, "ada", url.to_owned()).probe().await.unwrap();
    assert_eq!(scene.stub.logins(), 1);
}

#[tokio::test]
async fn a_stale_password_of_one_account_costs_another_nothing() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    scene.by_login().order_statuses().await.unwrap();
    let mut access = scene.access(Credentials::login("ada", "stale"));
    access.account_id = clock::new_id();
    let stale = scene.client().account(access);
    for _ in 0..3 {
        assert!(matches!(stale.order_statuses().await, Err(UpstreamError::WrongLogin { .. })));
        scene.by_login().order_statuses().await.unwrap();
    }
    assert_eq!(scene.stub.logins(), 2, "the wrong one was tried once, and the key that works was kept");
}

#[tokio::test]
async fn the_key_is_kept_sealed() {
    let scene = Scene::create().await;
    scene.by_login().order_statuses().await.unwrap();
    let row = sqlx::query("select * from mintsoft_logins").fetch_one(scene.database.pool()).await.unwrap();
    let sealed: Vec<u8> = row.get("key_sealed");
    let key = scene.stub.newest_key().unwrap();
    assert!(!sealed.windows(key.len()).any(|window| window == key.as_bytes()));
    assert_eq!(row.get::<Option<uuid::Uuid>, _>("lease_token"), None);
    assert_eq!(row.get::<chrono::DateTime<chrono::Utc>, _>("key_obtained_at"), scene.clock.now());
}

#[tokio::test]
async fn a_key_is_renewed_at_twenty_three_hours() {
    let scene = Scene::create().await;
    scene.by_login().order_statuses().await.unwrap();
    scene.clock.advance(TimeDelta::hours(23) - TimeDelta::seconds(1));
    scene.by_login().order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 1);
    scene.clock.advance(TimeDelta::seconds(1));
    scene.by_login().order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 2);
}

#[tokio::test]
async fn a_killed_key_is_renewed_once_and_the_call_goes_through_even_an_action() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    let account = scene.by_login();
    account.order_statuses().await.unwrap();
    scene.stub.kill_key();
    scene.stub.will_answer([json(r#"{"Success":true}"#)]);
    account.cancel(7).await.unwrap();
    assert_eq!(scene.stub.logins(), 2);
    assert_eq!(scene.stub.calls().len(), 3, "a 401 says that nothing was done, so the cancel was sent again");
}

#[tokio::test]
async fn many_callers_with_a_killed_key_renew_it_once() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    let (one, other) = (scene.by_login(), scene.by_login());
    one.order_statuses().await.unwrap();
    scene.stub.kill_key();
    scene.stub.delay_logins(Duration::from_millis(200));
    let calls = (0..10).map(|n| if n % 2 == 0 { one.clone() } else { other.clone() });
    let answers = join_all(calls.map(|account| async move { account.order_statuses().await })).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(scene.stub.logins(), 2);
}

#[tokio::test]
async fn a_call_that_is_refused_with_a_fresh_key_is_not_permitted() {
    let scene = Scene::create().await;
    let account = scene.by_login();
    account.order_statuses().await.unwrap();
    scene.stub.will_answer([reply(401, ""), reply(401, ""), reply(401, "")]);
    let error = account.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::NotPermitted) && !error.is_transient(), "{error}");
    assert_eq!((scene.stub.logins(), scene.stub.calls().len()), (2, 3), "renewed once, tried once more");
}

#[tokio::test]
async fn a_fixed_key_is_never_renewed() {
    let scene = Scene::create().await;
    scene.stub.will_answer([reply(401, "")]);
    let error = scene.by_key().order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::NotPermitted), "{error}");
    assert_eq!((scene.stub.logins(), scene.stub.calls().len()), (0, 1));
}

#[tokio::test]
async fn a_page_that_the_network_before_mintsoft_refuses_with_says_nothing_of_who_asks() {
    let scene = Scene::create().await;
    scene.stub.will_answer([reply(403, "<html><title>Access denied</title></html>"), reply(403, "")]);
    let blocked = scene.by_key().order_statuses().await.unwrap_err();
    assert!(matches!(blocked, UpstreamError::Unavailable { status: Some(403), .. }), "{blocked}");
    let forbidden = scene.by_key().order_statuses().await.unwrap_err();
    assert!(matches!(forbidden, UpstreamError::NotPermitted), "{forbidden}");
}

#[tokio::test]
async fn a_wrong_login_is_told_and_not_hammered_until_it_is_changed_or_rested() {
    let scene = Scene::create().await;
    let wrong = || scene.client().account(scene.access(Credentials::login("ada", "wrong")));
    for _ in 0..3 {
        let error = wrong().order_statuses().await.unwrap_err();
        assert!(matches!(error, UpstreamError::WrongLogin { .. }), "{error}");
        assert_eq!(error.retry_after(), Some(Duration::from_mins(15)));
    }
    assert_eq!((scene.stub.logins(), scene.stub.calls().len()), (1, 0));
    scene.clock.advance(TimeDelta::minutes(15));
    wrong().order_statuses().await.unwrap_err();
    assert_eq!(scene.stub.logins(), 2);
    scene.by_login().order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 3, "another password is tried at once");
}

#[tokio::test]
async fn new_credentials_do_not_use_the_key_of_the_old_ones() {
    let scene = Scene::create().await;
    scene.by_login().order_statuses().await.unwrap();
    scene.stub.set_password("newer");
    let account = scene.client().account(scene.access(Credentials::login("ada", "newer")));
    account.order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 2);
}

#[tokio::test]
async fn an_abandoned_login_is_taken_over_when_its_lease_is_out() {
    let scene = Scene::create().await;
    sqlx::query("insert into mintsoft_logins (login_id, lease_token, lease_until) values ($1, $1, $2)")
        .bind(login_id(scene.stub.url(), "ada"))
        .bind(scene.clock.now() + TimeDelta::seconds(10))
        .execute(scene.database.pool())
        .await
        .unwrap();
    let account = scene.by_login();
    let hasty = account.patience(Patience::interactive(Duration::from_millis(250)));
    let error = hasty.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::LoginPending) && error.is_transient(), "{error}");
    scene.clock.advance(TimeDelta::seconds(10));
    account.order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 1);
}

#[tokio::test]
async fn a_caller_that_walks_away_does_not_lose_the_new_key() {
    let scene = Scene::create().await;
    scene.stub.check_keys();
    scene.stub.delay_logins(Duration::from_millis(300));
    let account = scene.by_login();
    let walked = tokio::time::timeout(Duration::from_millis(150), account.order_statuses()).await;
    assert!(walked.is_err());
    account.order_statuses().await.unwrap();
    assert_eq!(scene.stub.logins(), 1);
}
