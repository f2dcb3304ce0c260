//! Comments: written once, refused in the warehouse's words, and shown in one thread with those that others wrote.

use futures_util::future::join_all;
use logistics_ledger::access::Role;
use logistics_ledger::sandbox::{Fault, SandboxSettings, SandboxUser};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::desk::{KILLED, QUICK, count, known_order};
use super::faults::fault;
use crate::service::site::{CLIENT, LADORE, Site};
use crate::service::truth;
use crate::support::service::{Reply, Service, until};

/// What the schedules' chance grows from, and how many are played.
const SEED: u64 = 20_261_126;
const SCHEDULES: usize = 16;

fn commenting(
    service: &Service,
    credential: &str,
    order: &str,
    key: Option<&str>,
    body: &Value,
) -> reqwest::RequestBuilder {
    let request = service
        .request(Method::POST, &format!("/api/v1/logistics/orders/{order}/comments"))
        .header("x-api-key", credential)
        .json(body);
    match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    }
}

async fn comment(site: &Site, order: &str, key: Option<&str>, text: &str) -> Reply {
    Reply::to(commenting(&site.service, &site.ladore, order, key, &json!({ "comment": text }))).await
}

async fn thread(site: &Site, order: &str) -> Value {
    site.get(&format!("logistics/orders/{order}/comments")).await.expect(200)
}

/// How often the text stands in the warehouse's thread.
fn written(site: &Site, upstream: i64, text: &str) -> usize {
    site.mintsoft.comments(upstream).iter().filter(|(held, _)| held == text).count()
}

/// Waits until nothing of ours is under way, and tells the thread.
async fn settled(site: &Site, order: &str) -> Value {
    let mut shown = Value::Null;
    until("every comment has its end", async || {
        shown = thread(site, order).await;
        shown["items"].as_array().unwrap().iter().all(|item| item["state"] != "requested")
    })
    .await;
    shown
}

#[tokio::test]
async fn a_comment_is_written_and_stands_in_one_thread_with_those_of_others() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.comment(upstream, "Box is damp", false).unwrap();
    let credential = site.key(Role::Logistica, LADORE).await;
    let body = json!({"comment": " Use another box \n", "internal": true});
    let answer = Reply::to(commenting(&site.service, &credential, &order, None, &body)).await.expect(200);
    assert_eq!(answer["comment"]["state"], "posted");
    assert_eq!(site.mintsoft.comments(upstream)[1], ("Use another box".to_owned(), true));

    let mut shown = Value::Null;
    until("the thread was read again", async || {
        shown = thread(&site, &order).await;
        shown["total"] == 2 && shown["items"].as_array().unwrap().iter().all(|item| !item["id"].is_null())
    })
    .await;
    let items = shown["items"].as_array().unwrap();
    let theirs = items.iter().find(|item| item["ours"] == false).unwrap();
    let ours = items.iter().find(|item| item["ours"] == true).unwrap();
    assert_eq!((&theirs["comment"], &theirs["state"]), (&json!("Box is damp"), &json!("posted")));
    assert_eq!(theirs["status"], "NEW");
    assert!(theirs["written_at"].as_str().unwrap().ends_with('Z'), "{theirs}");
    assert_eq!((&ours["comment"], &ours["internal"]), (&json!("Use another box"), &json!(true)));
    assert_eq!((&ours["status"], &ours["request_id"]), (&json!("NEW"), &answer["comment"]["request_id"]));
    assert!(ours["author"].as_str().unwrap().starts_with("key:"));
    assert!(shown["freshness"]["age_seconds"].as_i64().unwrap() >= 0, "{shown}");
}

#[tokio::test]
async fn the_last_thread_that_was_seen_is_shown_with_its_age_while_upstream_is_down() {
    let site = Site::settled(&QUICK).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Disconnect, 1_000, Some("/comments"));
    let never = thread(&site, &order).await;
    assert_eq!((&never["total"], &never["freshness"]), (&json!(0), &Value::Null));
    site.mintsoft.forget_faults();
    site.mintsoft.comment(upstream, "Box is damp", false).unwrap();
    assert_eq!(thread(&site, &order).await["items"][0]["comment"], "Box is damp");
    site.mintsoft.fail_next(Fault::Disconnect, 1_000, Some("/comments"));
    let before = "update order_glimpses set answered_at = answered_at - interval '1 hour'";
    sqlx::query(before).execute(site.database.owner_pool()).await.unwrap();
    let old = thread(&site, &order).await;
    assert_eq!(old["items"][0]["comment"], "Box is damp");
    assert!(old["freshness"]["age_seconds"].as_i64().unwrap() >= 3_600, "{old}");
    let kept: String = sqlx::query_scalar("select g::text from order_glimpses g")
        .fetch_one(site.database.owner_pool())
        .await
        .unwrap();
    assert!(!kept.contains("damp") && !kept.contains(&hex::encode("damp")), "it is sealed");
}

#[tokio::test]
async fn the_same_key_writes_once_and_other_words_are_refused() {
    let site = Site::settled(&[]).await;
    let other = site.service.beside(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let asked = (0..8).map(|n| {
        let service = if n % 2 == 0 { &site.service } else { &other };
        Reply::to(commenting(service, &site.ladore, &order, Some("k-1"), &json!({"comment": "Ring twice"})))
    });
    let answers: Vec<_> = join_all(asked).await.into_iter().map(|answer| answer.expect(200)).collect();
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(written(&site, upstream, "Ring twice"), 1);
    for body in [json!({"comment": "Ring once"}), json!({"comment": "Ring twice", "internal": true})] {
        let reused = Reply::to(commenting(&site.service, &site.ladore, &order, Some("k-1"), &body)).await;
        assert_eq!(reused.expect(422)["code"], "idempotency_key_reused");
    }
    // The key of another route is another key.
    assert_eq!(super::desk::cancel(&site, &order, Some("k-1"), "mistake").await.status, 200);
    // Twice the same words under two keys is what was asked for.
    comment(&site, &order, Some("k-2"), "Ring twice").await.expect(200);
    assert_eq!(written(&site, upstream, "Ring twice"), 2);
}

#[tokio::test]
async fn bad_comments_are_refused_before_anything_happens() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    for text in ["", " \n ", &"x".repeat(1_001)] {
        let refused = comment(&site, &order, None, text).await.expect(422);
        assert_eq!((&refused["code"], &refused["field"]), (&json!("field_invalid"), &json!("comment")));
    }
    site.mintsoft.merge(site.order("ladore-2"), upstream).unwrap();
    let gone = comment(&site, &order, None, "Where is it?").await.expect(409);
    assert_eq!(gone["code"], "comment_refused", "{gone}");
    assert!(gone["detail"].as_str().unwrap().contains("no longer"), "{gone}");
    let shown = thread(&site, &order).await;
    assert_eq!(shown["items"][0]["state"], "refused", "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_every_schedule_of_faults_a_comment_is_written_once_and_what_is_said_is_true() {
    let site = Site::settled(&QUICK).await;
    let mut chance = StdRng::seed_from_u64(SEED);
    let upstream: Vec<i64> = (0..SCHEDULES).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    let mut schedules = Vec::new();
    for id in &upstream {
        // The same words stand there already: an older comment is not taken for ours.
        site.mintsoft.comment(*id, "Ring twice", false).unwrap();
        let faults: Vec<Fault> = (0..=chance.random_range(0..2)).map(|_| fault(&mut chance)).collect();
        for fault in &faults {
            site.mintsoft.fail_next(fault.clone(), 1, Some(&format!("post /api/order/{id}/comments")));
        }
        if chance.random_range(0..3) == 0 {
            site.mintsoft.fail_next(Fault::HtmlBadGateway, 2, Some(&format!("get /api/order/{id}/comments")));
        }
        schedules.push((*id, site.id_of(*id).await, faults));
    }
    let site = &site;
    join_all(schedules.iter().map(|(_, order, _)| async move {
        let answer = comment(site, order, None, "Ring twice").await;
        assert!([200, 202, 409].contains(&answer.status), "{}", answer.text);
    }))
    .await;
    for (upstream, order, faults) in &schedules {
        let shown = settled(site, order).await;
        let story = format!("seed {SEED}, {faults:?}: {shown}");
        let items = shown["items"].as_array().unwrap();
        let ours = items.iter().find(|item| item["ours"] == true).expect(&story);
        let more = written(site, *upstream, "Ring twice") - 1;
        assert_eq!(more, usize::from(ours["state"] == "posted"), "{story}");
        assert_eq!(count(site, order, "CommentRequested").await, 1, "{story}");
    }
    truth::the_log_is_dense_and_says_nothing_twice(site).await;
}

#[tokio::test]
async fn an_internal_note_that_this_user_is_not_shown_is_left_to_a_person_when_its_answer_is_lost() {
    let users = vec![SandboxUser::client("shop@brand.example", "sandbox", CLIENT)];
    let mut site = Site::with(&QUICK, SandboxSettings { users, ..SandboxSettings::default() }).await;
    site.service.restart().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::LostAnswer, 1, Some("post /api/order"));
    let body = json!({"comment": "Ring twice", "internal": true});
    let answer =
        Reply::to(commenting(&site.service, &site.ladore, &order, Some("k"), &body)).await.expect(202);
    assert_eq!(answer["comment"]["state"], "requested");
    assert!(answer["comment"]["message"].as_str().unwrap().contains("look in the warehouse"), "{answer}");
    assert_eq!(written(&site, upstream, "Ring twice"), 1);
    let dead = "select count(*) from jobs where kind = 'post_comment' and state = 'dead'";
    until("an operator sees it", async || site.count(dead).await == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_a_comment_the_same_key_finds_its_end_and_it_stands_there_once() {
    let mut site = Site::settled(&KILLED).await;
    let orders: Vec<i64> = (0..8).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    for (round, upstream) in (0_u64..).zip(orders) {
        let order = site.id_of(upstream).await;
        // It acts at once, and answers so late that the kill comes before its answer, or before it acts.
        let slow = Fault::Slow { milliseconds: 80 };
        site.mintsoft.fail_next(slow, 1, Some(&format!("post /api/order/{upstream}/comments")));
        let body = json!({"comment": "Ring twice"});
        let asked = commenting(&site.service, &site.ladore, &order, Some(&order), &body);
        let waiting = tokio::spawn(Reply::perhaps(asked));
        sleep(std::time::Duration::from_millis(10 + round * 20)).await;
        site.service.kill().await;
        let _broken = waiting.await;
        site.service.restart().await;
        let answer = Reply::to(commenting(&site.service, &site.ladore, &order, Some(&order), &body)).await;
        assert!([200, 202].contains(&answer.status), "{}", answer.text);
        let shown = settled(&site, &order).await;
        assert_eq!(shown["items"][0]["state"], "posted", "{shown}");
        assert_eq!(written(&site, upstream, "Ring twice"), 1);
        assert_eq!(count(&site, &order, "CommentRequested").await, 1);
    }
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;
}
