//! Mintsoft calls back: registered once, believed only with their token, and followed by a re-read. Nothing polls here.

use reqwest::Method;

use super::site::Site;
use crate::support::service::{Reply, until};

/// An order that is known and has our callbacks.
async fn watched(site: &Site, number: &str) -> i64 {
    let id = site.order(number);
    site.sync().await;
    until("the callbacks are registered", async || !site.mintsoft.connect_actions(id).is_empty()).await;
    id
}

#[tokio::test]
async fn a_callback_brings_each_change_without_a_poll() {
    let site = Site::settled(&[]).await;
    let left = watched(&site, "ladore-1").await;
    let cancelled = watched(&site, "ladore-2").await;
    let split = watched(&site, "ladore-3").await;
    let runs = site.count("select count(*) from sync_runs").await;

    site.mintsoft.despatch(left, Some("JD1")).unwrap();
    site.becomes(left, "status", "DESPATCHED").await;
    site.becomes(left, "tracking_number", "JD1").await;
    site.mintsoft.add_tracking_event(left, "Delivered").unwrap();
    until("the order is delivered", async || site.row(left, "delivered_at").await.is_some()).await;
    assert_eq!(basis_of_delivery(&site).await, ["tracking_event"]);

    site.mintsoft.cancel(cancelled).unwrap();
    site.becomes(cancelled, "status", "CANCELLED").await;

    let part = site.mintsoft.split(split, &["LADORE_SERUM"]).unwrap();
    site.becomes(split, "number_of_parts", "2").await;
    site.becomes(part, "part", "2").await;
    assert_eq!(site.count("select count(*) from sync_runs").await, runs, "nothing was polled meanwhile");
}

#[tokio::test]
async fn a_delivery_that_only_the_callback_tells_is_recorded_as_such() {
    let site = Site::settled(&[]).await;
    let id = watched(&site, "ladore-1").await;
    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.becomes(id, "status", "DESPATCHED").await;
    let url = site.mintsoft.connect_actions(id)[0].delivered_url.clone().unwrap();
    let told = Reply::to(site.service.request(Method::POST, path_of(&url)).body("[]")).await;
    assert_eq!(told.status, 200);
    until("the order is delivered", async || site.row(id, "delivered_at").await.is_some()).await;
    assert_eq!(basis_of_delivery(&site).await, ["callback"]);
}

async fn basis_of_delivery(site: &Site) -> Vec<String> {
    let sql = "select payload->>'basis' from events where event_type = 'OrderDelivered' order by position";
    sqlx::query_scalar(sql).fetch_all(site.pool()).await.unwrap()
}

#[tokio::test]
async fn callbacks_are_asked_for_first_and_registered_once_even_after_a_kill() {
    let mut site = Site::settled(&[("LEDGER_JOB_LEASE", "1s")]).await;
    let id = watched(&site, "ladore-1").await;
    let calls = |method: &str| site.mintsoft.count_calls(&format!("{method} /api/order/{id}/connectactions"));
    assert_eq!((calls("get"), calls("put")), (1, 1));
    let noted = "select count(*) from jobs where kind = 'register_callbacks' and state = 'done'";
    until("the registration is noted", async || site.count(noted).await == 1).await;
    // As if the service had been killed between the registration and its note.
    sqlx::query("delete from callback_registrations").execute(site.database.owner_pool()).await.unwrap();
    let again = "update jobs set state = 'ready', finished_at = null where kind = 'register_callbacks'";
    sqlx::query(again).execute(site.database.owner_pool()).await.unwrap();
    site.service.restart().await;
    until("it is noted again", async || site.count("select count(*) from callback_registrations").await == 1)
        .await;
    let calls = |method: &str| site.mintsoft.count_calls(&format!("{method} /api/order/{id}/connectactions"));
    assert_eq!((calls("get"), calls("put")), (2, 1));
    assert_eq!(site.mintsoft.connect_actions(id).len(), 1);
}

#[tokio::test]
async fn a_forged_token_is_refused_and_a_true_one_for_an_unknown_order_is_taken() {
    let site = Site::settled(&[]).await;
    let id = watched(&site, "ladore-1").await;
    let url = site.mintsoft.connect_actions(id)[0].despatched_url.clone().unwrap();
    let good = path_of(&url).to_owned();
    let post = async |path: &str| Reply::to(site.service.request(Method::POST, path).body("null")).await;
    let forged = [
        good.replace("e=despatched", "e=cancelled"),
        good.replace(&format!("o={id}"), &format!("o={}", id + 1)),
        format!("{good}x"),
        good.split("&t=").next().unwrap().to_owned(),
        "/api/v1/webhooks/mintsoft".to_owned(),
    ];
    for path in forged {
        let refused = post(&path).await;
        assert_eq!((refused.status, &refused.body["status"]), (401, &401.into()), "{path}");
    }
    let kept = "select count(*) from inbox_deliveries";
    assert_eq!(site.count(kept).await, 0);
    assert!(site.count("select coalesce(sum(count), 0)::int8 from inbox_rejections").await > 0);

    // An order that the warehouse no longer has.
    let other = watched(&site, "ladore-2").await;
    let gone = site.mintsoft.connect_actions(other)[0].cancelled_url.clone().unwrap();
    site.mintsoft.merge(id, other).unwrap();
    assert_eq!(post(path_of(&gone)).await.status, 200);
    until("the order is noted as gone", async || site.row(other, "vanished_at").await.is_some()).await;
    // What a brand's callbacks call for counts as the brand's, which leaves a place to the others.
    let of_nobody =
        "select count(*) from jobs where kind in ('process_delivery', 'reread_order') and tenant_id is null";
    assert_eq!(site.count(of_nobody).await, 0);
}

fn path_of(url: &str) -> &str {
    &url[url.find("/api/").expect("a path of the API")..]
}
