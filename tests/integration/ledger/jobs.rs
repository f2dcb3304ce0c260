//! Jobs ride in the commit of the events that call for them, or not at all.

use std::sync::Arc;
use std::time::Duration;

use logistics_domain::{OrderEvent, Source};
use logistics_ledger::jobs::NewJob;
use logistics_ledger::ledger::{Intended, Intent, LedgerError, OpenOrder, Reactions};
use serde_json::json;

use super::desk::{Desk, Sight, address, provenance, sight};

/// Registers the callbacks of every order that is discovered.
fn register() -> Reactions {
    Arc::new(|address, _, events, now| {
        let found = events.iter().any(|event| matches!(event, OrderEvent::OrderDiscovered { .. }));
        let payload = json!({"mintsoft_order_id": address.mintsoft_order_id});
        let job = NewJob::due("register_callbacks", payload, now)
            .unique(format!("register/{}", address.stream()))
            .tenant(address.tenant.0)
            .growing_to(Duration::from_mins(10));
        found.then_some(job).into_iter().collect()
    })
}

/// The same sight, with a job of its own.
struct WithJob(Sight, i32);

impl Intent for WithJob {
    fn command(&self, order: &OpenOrder) -> Intended {
        let job = NewJob::due("tell_somebody", json!({}), self.0.observed().answered_at)
            .attempts(self.1, Duration::from_secs(30));
        Intended { jobs: vec![job], ..self.0.command(order) }
    }
}

#[tokio::test]
async fn events_bring_the_jobs_they_call_for_and_those_the_intent_adds() {
    let desk = Desk::reacting(register()).await;
    desk.ledger.execute(address(1), &WithJob(sight(0, 1), 3), &provenance(Source::Poll)).await.unwrap();
    let jobs: Vec<(String, Option<i64>, i32, bool)> = sqlx::query_as(
        "select kind, tenant_id, max_attempts, coalesce(retry_cap = interval '10 min', false)
         from jobs where state = 'ready' order by kind",
    )
    .fetch_all(desk.owner())
    .await
    .unwrap();
    assert_eq!(
        jobs,
        [("register_callbacks".into(), Some(7), 11, true), ("tell_somebody".into(), None, 3, false)]
    );
}

#[tokio::test]
async fn where_nothing_is_new_no_job_is_made() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    desk.ledger.execute(address(1), &WithJob(sight(5, 1), 3), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(desk.count("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn a_job_that_cannot_be_stored_takes_its_events_with_it_and_nobody_elses() {
    let desk = Desk::open().await;
    let (bad, good) = (WithJob(sight(0, 1), -1), sight(0, 1));
    let poll = provenance(Source::Poll);
    let entries: Vec<_> = (1..=30)
        .map(|order| {
            let intent: Arc<dyn Intent> =
                if order == 17 { Arc::new(WithJob(bad.0.clone(), bad.1)) } else { Arc::new(good.clone()) };
            (address(order), intent, poll.clone())
        })
        .collect();
    let outcomes = desk.ledger.execute_page(entries).await;
    for (order, outcome) in (1..).zip(&outcomes) {
        if order == 17 {
            assert!(matches!(outcome, Err(LedgerError::Rejected { .. })), "{outcome:?}");
        } else {
            assert_eq!(outcome.as_ref().unwrap().version, 1, "order {order}");
        }
    }
    assert_eq!(desk.positions(super::desk::TENANT).await, (0..29).collect::<Vec<_>>());
    assert_eq!(desk.count("select count(*) from jobs").await, 0);
    assert_eq!(desk.count("select count(*) from order_streams").await, 29);
}
