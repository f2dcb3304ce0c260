//! `ETag` and 304: what is asked for again is answered only if it changed, and nothing that changed is kept back.

use logistics_ledger::access::Role;
use reqwest::Method;

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
