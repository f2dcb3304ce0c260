//! The same request again: it acts once, for ever, whoever repeats it, wherever and however often.

use futures_util::future::join_all;
use serde_json::json;

use super::desk::{calls, cancel, cancel_at, count, known_order};
use crate::service::site::{KALLPA, Site};
use logistics_ledger::access::Role;
use logistics_ledger::sandbox::OrderSpec;

#[tokio::test]
async fn the_same_key_and_body_is_one_request_and_gets_the_same_answer() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let first = cancel(&site, &order, Some("k-1"), "mistake").await.expect(200);
    let second = cancel(&site, &order, Some("k-1"), " mistake ").await.expect(200);
    assert_eq!(first, second);
    assert_eq!(calls(&site, upstream), 1);
    assert_eq!(count(&site, &order, "CancellationRequested").await, 1);
}

#[tokio::test]
async fn the_same_key_for_anything_else_is_refused() {
    let site = Site::settled(&[]).await;
    let (_, one) = known_order(&site, "ladore-1").await;
    let (other_upstream, other) = known_order(&site, "ladore-2").await;
    cancel(&site, &one, Some("k-1"), "mistake").await.expect(200);
    for (order, reason) in [(&one, "another reason"), (&other, "mistake")] {
        let reused = cancel(&site, order, Some("k-1"), reason).await.expect(422);
        assert_eq!(reused["code"], "idempotency_key_reused");
    }
    assert_eq!(calls(&site, other_upstream), 0);
    // Keys are a tenant's own.
    let items = [("KALLPA_SERUM", 1)];
    let foreign = site.mintsoft.create_order(OrderSpec::of(crate::service::site::CLIENT, "kallpa-1", &items));
    site.sync().await;
    let credential = site.key(Role::Admin, KALLPA).await;
    let id = site.id_of(foreign).await;
    let theirs = cancel_at(&site.service, &credential, &id, Some("k-1"), "another reason").await;
    assert_eq!(theirs.status, 200, "{}", theirs.text);
}

#[tokio::test]
async fn an_answer_given_at_once_is_given_again_whatever_became_of_the_order() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.cancel(upstream).unwrap();
    site.sync().await;
    let refused = cancel(&site, &order, Some("k-1"), "mistake").await.expect(409);
    // A person in the warehouse takes it back.
    site.mintsoft.set_status(upstream, 1).unwrap();
    site.sync().await;
    assert_eq!(cancel(&site, &order, Some("k-1"), "mistake").await.expect(409), refused);
    assert_eq!(
        cancel(&site, &order, Some("k-2"), "mistake").await.status,
        200,
        "a fresh key is a fresh request"
    );
}

#[tokio::test]
async fn many_at_once_at_two_instances_act_once_and_hear_the_same() {
    let site = Site::settled(&[]).await;
    let other = site.service.beside(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let asked = (0..12).map(|n| {
        let service = if n % 2 == 0 { &site.service } else { &other };
        cancel_at(service, &site.ladore, &order, Some("k-1"), "mistake")
    });
    let answers: Vec<_> = join_all(asked).await.into_iter().map(|answer| answer.expect(200)).collect();
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(calls(&site, upstream), 1);
    assert_eq!(count(&site, &order, "CancellationRequested").await, 1);
    assert_eq!(count(&site, &order, "CancellationConfirmed").await, 1);
}

#[tokio::test]
async fn without_a_key_each_post_is_its_own_request() {
    let site = Site::settled(&[]).await;
    let (_, order) = known_order(&site, "ladore-1").await;
    let first = cancel(&site, &order, None, "mistake").await.expect(200);
    assert_eq!(first["cancellation"]["state"], json!("confirmed"));
    let second = cancel(&site, &order, None, "mistake").await.expect(409);
    assert_eq!(second["code"], "order_cancelled");
}

#[tokio::test]
async fn what_stands_in_the_history_wins_over_an_answer_that_was_given_at_once_to_another_under_the_key() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let done = cancel(&site, &order, Some("k-1"), "mistake").await.expect(200);
    // As where the other was refused for what stood against it before, and was slower to keep that.
    sqlx::query(
        "update order_requests set refused_code = 'cancellation_pending', refused_message = 'It is pending.'",
    )
    .execute(site.database.owner_pool())
    .await
    .unwrap();
    assert_eq!(cancel(&site, &order, Some("k-1"), "mistake").await.expect(200), done);
    assert_eq!(calls(&site, upstream), 1);
}
