//! Killed with SIGKILL at any moment and started again, the service loses nothing and doubles nothing.

use std::time::Duration;

use logistics_ledger::sandbox::status;
use tokio::time::sleep;

use super::moves::Day;
use super::site::Site;
use super::truth;
use crate::support::service::until;

/// How often it is killed. More rounds find more; these take half a minute.
const ROUNDS: u64 = 8;

/// What the day's chance grows from.
const SEED: u64 = 20_261_123;

const QUICK: [(&str, &str); 5] = [
    ("LEDGER_POLL_INTERVAL", "1s"),
    ("LEDGER_JOB_LEASE", "2s"),
    ("LEDGER_LINK_RETRY_EVERY", "200ms"),
    ("LEDGER_LINK_RETRY_FOR", "3s"),
    ("LEDGER_RECHECK_INTERVAL", "1h"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_service_at_any_moment_loses_and_doubles_nothing() {
    let mut site = Site::create(&QUICK).await;
    let mut day = Day::of(SEED, &site);
    for _ in 0..ROUNDS {
        let life = Duration::from_millis(200 + day.random(1_800));
        // What happens while the service lives, and the end in the midst of it.
        tokio::select! {
            () = happenings(&mut day, &site) => {}
            () = sleep(life) => {}
        }
        site.service.kill().await;
        for _ in 0..3 {
            day.goes_on(&site).await;
        }
        site.service.restart().await;
        day.shops_try_again(&site).await;
    }
    // The world stands still. The slow re-read of open orders is made quick, since it is what finds the last few: a
    // scan that names its shipment only, for one.
    site.service.kill().await;
    site.service.set("LEDGER_RECHECK_INTERVAL", "1s");
    site.service.restart().await;
    day.shops_try_again(&site).await;
    assert!(day.paid.iter().all(|paid| paid.acknowledged));
    comes_to_rest(&site).await;

    truth::orders_are_as_in_the_warehouse(&site, &day).await;
    truth::paid_orders_are_kept_once_and_linked(&site, &day).await;
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;
    truth::no_work_is_left(&site).await;
    truth::rows_equal_a_fresh_fold(&site).await;
    truth::events_come_of_the_sources_of_the_catalogue(site.pool()).await;
}

/// The day goes on without end, in bursts.
async fn happenings(day: &mut Day, site: &Site) {
    loop {
        for _ in 0..=day.random(6) {
            day.goes_on(site).await;
        }
        sleep(Duration::from_millis(day.random(120))).await;
    }
}

/// Waits until nothing is to be done but the regular reading, then has the account read twice: the second time places
/// what waited for the first.
async fn comes_to_rest(site: &Site) {
    let at_rest = "select count(*) from jobs where state in ('ready', 'running')
                   and kind not in ('request_poll', 'poll_account', 'recheck_account')";
    for _ in 0..2 {
        nothing_waits(site).await;
        until("nothing is left to do", async || site.count(at_rest).await == 0).await;
        recheck_is_over(site).await;
        site.sync().await;
    }
    nothing_waits(site).await;
    until("nothing is left to do", async || site.count(at_rest).await == 0).await;
}

/// What waits for a callback that may still come is done now: none comes any more.
async fn nothing_waits(site: &Site) {
    let now = "update jobs set run_at = now() where kind = 'read_consignments' and state = 'ready'";
    sqlx::query(now).execute(site.database.owner_pool()).await.unwrap();
}

/// Two more rounds of re-reads end.
async fn recheck_is_over(site: &Site) {
    let done = "select count(*) from jobs where kind = 'recheck_account' and state = 'done'";
    let before = site.count(done).await;
    until("open orders are read again", async || site.count(done).await >= before + 2).await;
}

#[tokio::test]
async fn a_callback_that_was_acknowledged_survives_the_kill_that_follows_it() {
    let mut site = Site::settled(&[("LEDGER_JOB_LEASE", "1s")]).await;
    let orders: Vec<i64> = (0..4).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    for id in &orders {
        until("the callbacks are registered", async || !site.mintsoft.connect_actions(*id).is_empty()).await;
    }
    for id in orders {
        site.mintsoft.despatch(id, Some("JD1")).unwrap();
        until("the callback was taken", async || site.mintsoft.connect_actions(id)[0].complete).await;
        site.service.kill().await;
        site.service.restart().await;
        // Nobody polls meanwhile.
        site.becomes(id, "status_id", &status::DESPATCHED.to_string()).await;
        site.becomes(id, "tracking_number", "JD1").await;
    }
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;
    truth::no_work_is_left(&site).await;
}
