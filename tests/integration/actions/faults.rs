//! Whatever goes wrong between the ledger and the warehouse: what the ledger says is what happened there, and it happened
//! at most once.

use futures_util::future::join_all;
use logistics_ledger::sandbox::Fault;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::desk::{QUICK, calls, cancel, count, is_cancelled, settled};
use crate::service::site::Site;
use crate::service::truth;
use crate::support::service::until;

/// What the schedules' chance grows from.
const SEED: u64 = 20_261_125;

/// How many schedules are played, each on an order of its own.
const SCHEDULES: usize = 24;

/// What can happen to a call: before it acts, after it, or while its caller has given up.
pub fn fault(chance: &mut StdRng) -> Fault {
    match chance.random_range(0..12) {
        0 => Fault::LostAnswer,
        1 => Fault::Disconnect,
        2 => Fault::HtmlBadGateway,
        3 => Fault::FailedAfterActing { code: 502 },
        4 => Fault::Status { code: 500 },
        5 => Fault::NullBody,
        6 => Fault::HtmlOk,
        7 => Fault::TruncatedJson,
        8 => Fault::Slow { milliseconds: 1_300 },
        9 => Fault::ActsLate { milliseconds: 1_200 },
        10 => Fault::Unauthorized,
        _ => Fault::FailedAfterActing { code: 500 },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_every_schedule_of_faults_the_order_is_cancelled_once_and_what_is_said_is_true() {
    let site = Site::settled(&QUICK).await;
    let mut chance = StdRng::seed_from_u64(SEED);
    let upstream: Vec<i64> = (0..SCHEDULES).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    let mut schedules = Vec::new();
    for id in &upstream {
        let faults: Vec<Fault> = (0..=chance.random_range(0..2)).map(|_| fault(&mut chance)).collect();
        for fault in &faults {
            site.mintsoft.fail_next(fault.clone(), 1, Some(&format!("order/{id}/cancel")));
        }
        schedules.push((*id, site.id_of(*id).await, faults));
    }
    let site = &site;
    join_all(schedules.iter().map(|(_, order, _)| async move {
        let answer = cancel(site, order, None, "mistake").await;
        assert!([200, 202, 409].contains(&answer.status), "{}", answer.text);
    }))
    .await;
    for (upstream, order, faults) in &schedules {
        let state = settled(site, order).await;
        let story = format!("seed {SEED}, {faults:?}: {state}");
        assert_eq!(state["state"] == "confirmed", is_cancelled(site, *upstream), "{story}");
        assert_eq!(count(site, order, "CancellationRequested").await, 1, "{story}");
        assert!(calls(site, *upstream) <= 4, "{story}");
    }
    truth::the_log_is_dense_and_says_nothing_twice(site).await;
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading_and_not_by_calling_again() {
    let site = Site::settled(&QUICK).await;
    for (n, fault) in [Fault::LostAnswer, Fault::FailedAfterActing { code: 502 }, Fault::TruncatedJson]
        .into_iter()
        .enumerate()
    {
        let upstream = site.order(&format!("ladore-{n}"));
        site.sync().await;
        let order = site.id_of(upstream).await;
        site.mintsoft.fail_next(fault, 1, Some("/cancel"));
        let answer = cancel(&site, &order, None, "mistake").await.expect(200);
        assert_eq!(answer["cancellation"]["state"], "confirmed");
        assert_eq!(calls(&site, upstream), 1);
    }
}

#[tokio::test]
async fn what_is_proven_not_done_is_tried_once_more_and_then_left_to_a_person() {
    let site = Site::settled(&QUICK).await;
    let upstream = site.order("ladore-1");
    let twice = site.order("ladore-2");
    site.sync().await;
    site.mintsoft.fail_next(Fault::Disconnect, 1, Some(&format!("order/{upstream}/cancel")));
    site.mintsoft.fail_next(Fault::HtmlBadGateway, 9, Some(&format!("order/{twice}/cancel")));

    let order = site.id_of(upstream).await;
    cancel(&site, &order, None, "mistake").await.expect(200);
    assert_eq!(calls(&site, upstream), 2);

    let order = site.id_of(twice).await;
    cancel(&site, &order, None, "mistake").await;
    let state = settled(&site, &order).await;
    assert_eq!(state["state"], "refused");
    assert!(state["message"].as_str().unwrap().contains("asked 2 times"), "{state}");
    assert_eq!(calls(&site, twice), 2);
    let dead = "select count(*) from jobs where kind = 'cancel_order' and state = 'dead'";
    until("an operator sees it", async || site.count(dead).await == 1).await;
}
