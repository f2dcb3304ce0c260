//! `ETag` and 304: what is asked for again is answered only if it changed, and nothing that changed is kept back.

use std::time::Duration;

use logistics_ledger::access::Role;
use reqwest::Method;
use sqlx::Executor as _;
use tokio::time::sleep;

use super::site::{KALLPA, LADORE, Site};
use crate::support::service::Reply;

async fn asked(site: &Site, path: &str, key: &str, held: Option<&str>) -> Reply {
    let request = site.service.request(Method::GET, &format!("/api/v1/{path}")).header("x-api-key", key);
    Reply::to(match held {
        Some(tag) => request.header("if-none-match", tag),
        None => request,
    })
    .await
}

fn tag(reply: &Reply) -> String {
    reply.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again_and_what_did_is() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1001");
    site.sync().await;
    let order = format!("logistics/orders/{}", site.id_of(id).await);
    for path in
        [format!("{order}/tracking"), format!("{order}/history"), order.clone(), "logistics/orders".into()]
    {
        // The tags of answers with ages hold for their minute, which may end between two requests; then the next one holds.
        let mut unchanged = false;
        for _ in 0..3 {
            let first = asked(&site, &path, &site.ladore, None).await;
            assert_eq!(first.status, 200, "{path}");
            assert_eq!(first.headers["cache-control"], "private, no-cache", "{path}");
            let again = asked(&site, &path, &site.ladore, Some(&format!("\"other\", {}", tag(&first)))).await;
            unchanged = again.status == 304 && again.text.is_empty() && tag(&again) == tag(&first);
            if unchanged {
                break;
            }
        }
        assert!(unchanged, "{path}");

        let held = tag(&asked(&site, &path, &site.ladore, None).await);
        site.mintsoft.despatch(id, Some("JD1")).ok();
        site.mintsoft.add_tracking_event(id, "InTransit").unwrap();
        site.sync().await;
        let changed = asked(&site, &path, &site.ladore, Some(&held)).await;
        assert_eq!(changed.status, 200, "{path}");
        assert_ne!(tag(&changed), held, "{path}");
    }
}

#[tokio::test]
async fn a_tag_is_good_for_one_view_and_opens_nothing() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1001");
    site.sync().await;
    let path = format!("logistics/orders/{}/history", site.id_of(id).await);
    let held = tag(&asked(&site, &path, &site.ladore, None).await);
    let kallpa = site.key(Role::Admin, KALLPA).await;
    assert_eq!(asked(&site, &path, &kallpa, Some(&held)).await.status, 404);
    assert_eq!(asked(&site, &path, "llk_unknown", Some(&held)).await.status, 401);
    let viewer = site.key(Role::Viewer, LADORE).await;
    assert_eq!(asked(&site, &path, &viewer, Some(&held)).await.status, 200, "another role sees another page");
    let limited = asked(&site, &format!("{path}?limit=1"), &site.ladore, Some(&held)).await;
    assert_eq!(limited.status, 200, "another query is another answer");
    let wrong = asked(&site, &format!("{path}?limit=0"), &site.ladore, None).await;
    assert_eq!((wrong.status, wrong.headers.get("etag")), (400, None), "a refusal carries no tag");
}

/// Changes what must never change, as a standby that took over, a restored backup or a rebuild might.
async fn tamper(site: &Site, sql: &str) {
    let mut owner = site.database.owner_pool().acquire().await.unwrap();
    owner.execute("set session_replication_role = replica").await.unwrap();
    assert_eq!(owner.execute(sql).await.unwrap().rows_affected(), 1, "{sql}");
    owner.execute("reset session_replication_role").await.unwrap();
}

#[tokio::test]
async fn another_event_of_the_number_that_a_tag_names_is_told() {
    let site = Site::settled(&[]).await;
    let id = site.order("ladore-1001");
    site.sync().await;
    let order = site.id_of(id).await;
    let [tracking, history] = ["tracking", "history"].map(|part| format!("logistics/orders/{order}/{part}"));
    // The event was lost with the server, and another one got its number; or the same events were made another row.
    let event = format!(
        "update events set leaf_hash = sha256(leaf_hash), recorded_at = recorded_at + interval '1 s'
         where aggregate_id = '{order}'
           and sequence = (select version from logistics_orders where id = '{order}')"
    );
    let row = format!("update logistics_orders set carrier_phase = carrier_phase where id = '{order}'");
    for (path, sql) in [(&history, &event), (&tracking, &event), (&tracking, &row)] {
        let first = asked(&site, path, &site.ladore, None).await;
        let held = tag(&first);
        assert_eq!(asked(&site, path, &site.ladore, Some(&held)).await.status, 304, "{path}: {sql}");
        tamper(&site, sql).await;
        // No event was told, so what is at hand is given again until its second is over.
        sleep(Duration::from_secs(1)).await;
        let replaced = asked(&site, path, &site.ladore, Some(&held)).await;
        assert_eq!(replaced.status, 200, "{path}: {sql}");
        assert_ne!(tag(&replaced), held);
        assert_eq!(replaced.text == first.text, path == &tracking, "a history tells when it was recorded");
    }
}

#[tokio::test]
async fn instances_of_one_build_give_the_same_tags_whenever_they_were_started() {
    let mut site = Site::settled(&[]).await;
    let id = site.order("ladore-1001");
    site.sync().await;
    let path = format!("logistics/orders/{}/history", site.id_of(id).await);
    let held = tag(&asked(&site, &path, &site.ladore, None).await);
    let other = site.service.beside(&[]).await;
    let request = other.request(Method::GET, &format!("/api/v1/{path}"));
    let there = Reply::to(request.header("x-api-key", &site.ladore).header("if-none-match", &held)).await;
    assert_eq!(there.status, 304);
    site.service.restart().await;
    assert_eq!(asked(&site, &path, &site.ladore, Some(&held)).await.status, 304);
}
