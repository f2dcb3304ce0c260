//! Cancelling: known at once, refused at once, refused by the warehouse, or under way.

use std::time::Duration;

use logistics_ledger::access::Role;
use logistics_ledger::sandbox::{CallbackBehaviour, Fault, SandboxSettings, status};
use serde_json::json;

use super::desk::{
    QUICK, calls, cancel, cancel_at, cancelling, count, events, is_cancelled, known_order, settled, shown,
};
use crate::service::site::{LADORE, Site};
use crate::support::service::{Reply, until};

#[tokio::test]
async fn an_order_is_cancelled_and_the_history_says_who_and_that_there_is_a_reason() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let credential = site.key(Role::Ventas, LADORE).await;
    let answer = cancel_at(&site.service, &credential, &order, None, "  The buyer changed her mind ")
        .await
        .expect(200);
    assert_eq!((&answer["id"], &answer["cancellation"]["state"]), (&json!(order), &json!("confirmed")));
    assert!(answer["cancellation"]["requested_by"].as_str().unwrap().starts_with("key:"), "{answer}");
    assert!(is_cancelled(&site, upstream));
    assert_eq!(calls(&site, upstream), 1);
    site.becomes(upstream, "status", "CANCELLED").await;
    let events = events(&site, &order).await;
    let place = |name: &str| events.iter().position(|event| event == name);
    assert!(place("CancellationRequested") < place("CancellationConfirmed"), "{events:?}");
    assert_eq!(shown(&site, &order).await["request_id"], answer["cancellation"]["request_id"]);
    let actor = answer["cancellation"]["requested_by"].as_str().unwrap();
    assert!(site.service.log().contains(&format!("actor=\"{actor}\"")), "the log of requests names who asks");
}

#[tokio::test]
async fn what_the_status_does_not_allow_is_refused_at_once_and_upstream_hears_nothing() {
    let site = Site::settled(&[]).await;
    let (gone, gone_id) = known_order(&site, "ladore-1").await;
    let (done, done_id) = known_order(&site, "ladore-2").await;
    site.mintsoft.despatch(gone, Some("JD1")).unwrap();
    site.mintsoft.cancel(done).unwrap();
    site.sync().await;
    for (id, code) in [(&gone_id, "order_dispatched"), (&done_id, "order_cancelled")] {
        let refused = cancel(&site, id, None, "too late").await.expect(409);
        assert_eq!(refused["code"], code);
        assert_eq!(count(&site, id, "CancellationRequested").await, 0);
    }
    let foreign = cancel(&site, "00000000-0000-0000-0000-000000000000", None, "whose?").await.expect(404);
    assert_eq!(foreign["code"], "order_unknown");
    assert_eq!(site.mintsoft.count_calls("/cancel"), 0);
}

#[tokio::test]
async fn a_reason_is_asked_for_and_bounded() {
    let site = Site::settled(&[]).await;
    let (_, order) = known_order(&site, "ladore-1").await;
    for reason in ["", "   ", &"x".repeat(1001)] {
        let refused = cancel(&site, &order, None, reason).await.expect(422);
        assert_eq!((&refused["code"], &refused["field"]), (&json!("field_invalid"), &json!("reason")));
    }
    for key in ["", "two words"] {
        let refused = cancel(&site, &order, Some(key), "why not").await.expect(400);
        assert_eq!(refused["code"], "idempotency_key_invalid");
    }
    assert_eq!(cancel(&site, &order, None, &"ñ".repeat(1000)).await.status, 200);
}

#[tokio::test]
async fn the_warehouse_refuses_in_its_own_words_and_another_wish_may_follow() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    // It leaves while the ledger does not look.
    site.mintsoft.edit_silently(upstream, |order| order.status = status::DESPATCHED).unwrap();
    let asked = || cancelling(&site.service, &site.ladore, &order, Some("k"), "the buyer asks");
    let refused = Reply::to(asked()).await.expect(409);
    assert_eq!(refused["code"], "cancellation_refused");
    assert_eq!(refused["detail"], "Order cannot be cancelled.");
    let spanish = Reply::to(asked().header("accept-language", "es")).await.expect(409);
    let detail = spanish["detail"].as_str().unwrap();
    assert!(detail.contains("ya no se puede") && detail.contains("Order cannot be cancelled."), "{detail}");
    assert_eq!(refused["cancellation"]["state"], "refused");
    // What was read to be sure of it is known now.
    let now = cancel(&site, &order, None, "again").await.expect(409);
    assert_eq!(now["code"], "order_dispatched");
}

#[tokio::test]
async fn an_order_that_was_cancelled_meanwhile_is_what_was_wanted() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.edit_silently(upstream, |order| order.status = status::CANCELLED).unwrap();
    let answer = cancel(&site, &order, None, "the buyer asks").await.expect(200);
    assert_eq!(answer["cancellation"]["state"], "confirmed");
}

#[tokio::test]
async fn what_takes_longer_than_a_person_waits_is_under_way_and_settled_later() {
    let site = site_without_callbacks().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 7_000 }, 1, Some("/cancel"));
    let answer = cancel(&site, &order, Some("slow"), "the buyer asks").await.expect(202);
    assert_eq!(answer["cancellation"]["state"], "requested");
    assert_eq!(shown(&site, &order).await["state"], "requested");
    let second = cancel(&site, &order, Some("another"), "the buyer asks").await.expect(409);
    assert_eq!(second["code"], "cancellation_pending");
    assert_eq!(settled(&site, &order).await["state"], "confirmed");
    let again = cancel(&site, &order, Some("slow"), "the buyer asks").await.expect(200);
    assert_eq!(again["cancellation"]["request_id"], answer["cancellation"]["request_id"]);
    assert_eq!(calls(&site, upstream), 1);
}

#[tokio::test]
async fn a_poll_that_sees_the_order_cancelled_settles_the_wish_before_the_answer_is_known() {
    let site = site_without_callbacks().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 15_000 }, 1, Some("/cancel"));
    assert_eq!(cancel(&site, &order, None, "the buyer asks").await.status, 202);
    site.sync().await;
    assert_eq!(shown(&site, &order).await["state"], "confirmed");
    assert_eq!(count(&site, &order, "CancellationConfirmed").await, 1);
    assert_eq!(calls(&site, upstream), 1);
}

#[tokio::test]
async fn the_callback_settles_it_while_the_person_waits_though_the_answer_is_slow() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    until("the callbacks are registered", async || !site.mintsoft.connect_actions(upstream).is_empty()).await;
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 15_000 }, 1, Some("/cancel"));
    let answer = cancel(&site, &order, None, "the buyer asks").await.expect(200);
    assert_eq!(answer["cancellation"]["state"], "confirmed");
}

/// A warehouse that calls back when the test is long over.
async fn site_without_callbacks() -> Site {
    let callbacks = CallbackBehaviour { delay: Duration::from_mins(10), ..CallbackBehaviour::default() };
    let mut site = Site::with(&[], SandboxSettings { callbacks, ..SandboxSettings::default() }).await;
    site.service.restart().await;
    // The poll that is planned at the start is over, so that none comes between by itself.
    until("the account was read once", async || {
        site.count("select count(*) from sync_runs where state = 'done'").await > 0
    })
    .await;
    site
}

#[tokio::test]
async fn a_user_of_the_warehouse_without_the_permission_is_a_matter_for_an_operator() {
    let mut sandbox = SandboxSettings::default();
    sandbox.users[0].can_cancel = false;
    let mut site = Site::with(&QUICK, sandbox).await;
    site.service.restart().await;
    let (_, order) = known_order(&site, "ladore-1").await;
    let refused = cancel(&site, &order, None, "the buyer asks").await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("permission"), "{refused}");
    let dead = "select count(*) from jobs where kind = 'cancel_order' and state = 'dead'";
    until("a dead letter tells the operator", async || site.count(dead).await == 1).await;
}
