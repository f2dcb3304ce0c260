//! What is not known for a while: nothing is said of it before it is, and nobody is refused for another's doubt.

use std::time::{Duration, Instant};

use futures_util::future::join;
use logistics_ledger::access::Role;
use logistics_ledger::sandbox::{Fault, OrderSpec, SandboxSettings, SandboxUser};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{QUICK, cancel, is_cancelled, known_order, settled, silent};
use crate::service::site::{CLIENT, KALLPA, Site};
use crate::support::service::{Reply, until};

async fn comment(site: &Site, order: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/logistics/orders/{order}/comments");
    Reply::to(site.service.request(Method::POST, &path).header("x-api-key", &site.ladore).json(body)).await
}

#[tokio::test]
async fn a_second_call_that_is_refused_says_nothing_while_it_cannot_be_read_what_the_first_did() {
    let site = silent(&QUICK, SandboxSettings::default()).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let path = format!("order/{upstream}/cancel");
    site.mintsoft.fail_next(Fault::ActsLate { milliseconds: 60_000 }, 1, Some(&path));
    site.mintsoft.fail_next(Fault::ActsLate { milliseconds: 900 }, 1, Some(&path));
    let meddling = async {
        let begun = "select coalesce(max(calls_begun), 0)::bigint from order_requests";
        until("the second call is made", async || site.count(begun).await == 2).await;
        // What the first call asked for is done now, before the second, which is refused for that.
        site.mintsoft.fail_next(Fault::Slow { milliseconds: 0 }, 1, Some(&path));
        site.mintsoft.fail_next(Fault::HtmlBadGateway, 2, Some(&format!("get /api/order/{upstream}")));
        let _done = site.mintsoft.cancel(upstream);
    };
    let (answer, ()) = join(cancel(&site, &order, None, "mistake"), meddling).await;
    assert_eq!(answer.status / 100, 2, "{}", answer.text);
    let state = settled(&site, &order).await;
    assert!(is_cancelled(&site, upstream));
    assert_eq!(state["state"], "confirmed", "{state}");
}

#[tokio::test]
async fn a_comment_waits_for_anothers_open_call_without_burning_its_attempts() {
    let site = silent(&QUICK, SandboxSettings::default()).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let open = "insert into order_requests
           (request_id, tenant_id, stream_id, kind, fingerprint, requested_by, created_at, calls_begun, call_open)
         values (gen_random_uuid(), 7, $1::uuid, 'comment', '', 'user:x', now(), 1, true)";
    let owner = site.database.owner_pool();
    sqlx::query(open).bind(&order).execute(owner).await.unwrap();
    let waiting = comment(&site, &order, &json!({"comment": "Ring twice"})).await.expect(202);
    assert_eq!(waiting["comment"]["state"], "requested");
    let attempts = site.count("select attempts::bigint from jobs where kind = 'post_comment'").await;
    assert!((2..=5).contains(&attempts), "{attempts} attempts in five seconds");
    assert_eq!(site.mintsoft.count_calls("/comments"), 0, "upstream is not asked meanwhile");

    sqlx::query("update order_requests set call_open = false").execute(owner).await.unwrap();
    until("it is written", async || !site.mintsoft.comments(upstream).is_empty()).await;
}

#[tokio::test]
async fn a_note_that_is_not_shown_is_left_to_a_person_only_when_upstream_is_done_with_it() {
    let users = vec![SandboxUser::client("shop@brand.example", "sandbox", CLIENT)];
    let settings = [("LEDGER_JOB_LEASE", "2s"), ("LEDGER_UPSTREAM_TIMEOUT", "6s")];
    let site = silent(&settings, SandboxSettings { users, ..SandboxSettings::default() }).await;
    let (_, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::LostAnswer, 1, Some("post /api/order"));
    let begun = Instant::now();
    let body = json!({"comment": "Ring twice", "internal": true});
    comment(&site, &order, &body).await.expect(202);
    let left = "select count(*) from order_requests where left_to_person is not null";
    until("it is left to a person", async || site.count(left).await == 1).await;
    assert!(begun.elapsed() >= Duration::from_millis(1_900), "{:?}", begun.elapsed());
    // The job's burial leaves the reason as it was given.
    let dead = "select count(*) from jobs where kind = 'post_comment' and state = 'dead'";
    until("an operator sees it", async || site.count(dead).await == 1).await;
    let reason: String = sqlx::query_scalar("select left_to_person from order_requests")
        .fetch_one(site.database.owner_pool())
        .await
        .unwrap();
    assert!(reason.contains("internal notes are not shown"), "{reason}");
}

#[tokio::test]
async fn documents_that_nobody_takes_keep_their_turns_and_the_next_is_told_to_come_again() {
    let site = Site::settled(&[]).await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let invoice = site.mintsoft.add_document(upstream, 3, "invoice.pdf").unwrap();
    let path = format!("/api/v1/logistics/orders/{order}/documents/{invoice}");
    site.service.get(&path, &site.ladore).await;
    let other = site.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-1", &[("KALLPA_SERUM", 1)]));
    let label = site.mintsoft.add_document(other, 3, "other.pdf").unwrap();
    site.sync().await;
    let theirs = format!("/api/v1/logistics/orders/{}/documents/{label}", site.id_of(other).await);
    // Larger than what the sockets between hold.
    site.mintsoft.fail_next(Fault::Oversize { bytes: 9 << 20 }, 2, Some("/data"));
    let mut held = Vec::new();
    for _ in 0..2 {
        let request = site.service.request(Method::GET, &path).header("x-api-key", &site.ladore);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        held.push(response);
    }
    let refused = site.service.get(&path, &site.ladore).await;
    assert_eq!(refused.headers["retry-after"], "5");
    assert_eq!(refused.expect(503)["code"], "documents_busy");
    let kallpa = site.key(Role::Viewer, KALLPA).await;
    assert_eq!(site.service.get(&theirs, &kallpa).await.status, 200, "another brand has turns of its own");
    drop(held);
    let is_given = async || site.service.get(&path, &site.ladore).await.status == 200;
    until("who went away gave the turn back", is_given).await;
}
