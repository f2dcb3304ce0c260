//! The response cache: what was answered in this second is the answer again, until something happens.

use chrono::TimeDelta;
use logistics_domain::Source;
use logistics_ledger::access::Role;
use logistics_ledger::app::AppSettings;
use logistics_ledger::ledger::Intent;
use reqwest::Method;
use serde_json::json;

use super::world::{Answer, KALLPA, LADORE, World, unlimited};
use crate::ledger::desk::{Toggle, address, address_of, provenance, sight, stream};

const LIST: &str = "/api/v1/logistics/orders";
const COUNTS: &str = "/api/v1/logistics/orders/counts";

/// A world with one order of Ladore's, and a key to see it.
async fn with_an_order(settings: AppSettings) -> (World, String) {
    let world = World::with(settings).await;
    ask(&world, sight(0, 3)).await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    (world, key)
}

async fn ask(world: &World, intent: impl Intent) {
    let ledger = &world.app.sources().ledger;
    ledger.execute(address(1), &intent, &provenance(Source::Poll)).await.unwrap();
}

/// What no event tells.
async fn behind_its_back(world: &World, name: &str) {
    let changed = sqlx::query("update logistics_orders set shop_order_name = $1").bind(name);
    assert_eq!(changed.execute(world.database.owner_pool()).await.unwrap().rows_affected(), 1);
}

/// What an answer shows of it.
fn name(answer: &Answer) -> Option<&str> {
    let is_list = answer.body.get("total").is_some();
    let order = if is_list { &answer.body["items"][0] } else { &answer.body };
    order["shop_order_name"].as_str()
}

fn paths() -> [String; 2] {
    [LIST.to_owned(), format!("{LIST}/{}", stream(1).0)]
}

#[tokio::test]
async fn what_was_answered_in_this_second_is_answered_again_and_in_the_next_anew() {
    let (world, key) = with_an_order(unlimited()).await;
    for path in paths() {
        behind_its_back(&world, "before").await;
        world.clock.advance(TimeDelta::seconds(1));
        let first = world.get(&path, &key).await;
        assert_eq!(name(&first), Some("before"), "{first:?}");
        behind_its_back(&world, "after").await;
        let again = world.get(&path, &key).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        for header in ["etag", "cache-control", "content-type"] {
            assert_eq!(again.headers[header], first.headers[header], "{path}");
        }
        let another = world.key(Role::Viewer, Some(LADORE)).await;
        assert_eq!(world.get(&path, &another).await.body, first.body, "to whoever sees the same");
        let held = world.request(Method::GET, &path).header("x-api-key", &key);
        let held = super::world::answer(held.header("if-none-match", &first.headers["etag"])).await;
        assert_eq!((held.status.as_u16(), held.headers.get("content-type")), (304, None), "{path}");
        assert_eq!(held.headers["etag"], first.headers["etag"]);

        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(name(&world.get(&path, &key).await), Some("after"), "{path}");
    }
}

#[tokio::test]
async fn who_holds_an_answer_is_told_so_in_any_second_of_its_minute() {
    let (world, key) = with_an_order(unlimited()).await;
    let [list, order] = paths();
    let (scans, history) = (format!("{order}/tracking"), format!("{order}/history"));
    let staff = world.staff().await;
    for path in [list, order, scans, history, COUNTS.to_owned()] {
        for (key, path) in [(&key, path.clone()), (&staff, format!("{path}?tenant_id={LADORE}"))] {
            let first = world.get(&path, key).await;
            assert_eq!(first.status, 200, "{path} {first:?}");
            let tag = first.headers["etag"].clone();
            let holding = async || {
                let asked = world.request(Method::GET, &path).header("x-api-key", key);
                super::world::answer(asked.header("if-none-match", &tag)).await
            };
            for _ in 0..2 {
                let held = holding().await;
                assert_eq!((held.status.as_u16(), &held.headers["etag"]), (304, &tag), "{path}");
                world.clock.advance(TimeDelta::seconds(1));
            }
            ask(&world, Toggle).await;
            ask(&world, Toggle).await;
            assert_eq!(holding().await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn an_event_shows_at_once_and_so_does_what_was_asked_for() {
    let (world, key) = with_an_order(unlimited()).await;
    let total = async || world.get(COUNTS, &key).await.body["total"].clone();
    let [list, order] = paths();
    assert_eq!((world.get(&list, &key).await.body["total"].clone(), total().await), (json!(1), json!(1)));
    assert_eq!(world.get(&order, &key).await.status, 200);
    // An order of doubtful owner is shown to nobody, from that moment on.
    ask(&world, Toggle).await;
    assert_eq!((world.get(&list, &key).await.body["total"].clone(), total().await), (json!(0), json!(0)));
    assert_eq!(world.get(&order, &key).await.status, 404);
    ask(&world, Toggle).await;
    assert_eq!(world.get(&order, &key).await.status, 200);

    assert_eq!(name(&world.get(&list, &key).await), None);
    behind_its_back(&world, "after").await;
    assert_eq!(name(&world.get(&list, &key).await), None, "it was answered in this second");
    assert_eq!(world.send(Method::POST, "/api/v1/people", "llk_unknown", &json!({})).await.status, 401);
    assert_eq!(name(&world.get(&list, &key).await), None, "and a stranger changes nothing");
    let staff = world.staff().await;
    world.send(Method::POST, "/api/v1/people", &staff, &json!({})).await;
    assert_eq!(name(&world.get(&list, &key).await), Some("after"), "somebody asked for a change");
}

#[tokio::test]
async fn an_answer_is_for_its_view_alone_and_opens_nothing() {
    let (world, key) = with_an_order(unlimited()).await;
    let [list, order] = paths();
    let seen = world.get(&order, &key).await;
    let admin = world.key(Role::Admin, Some(LADORE)).await;
    assert_ne!(
        world.get(&order, &admin).await.body["can"],
        seen.body["can"],
        "another role can do other things"
    );
    let kallpa = world.key(Role::Viewer, Some(KALLPA)).await;
    assert_eq!(world.get(&order, &kallpa).await.status, 404);
    assert_eq!(world.get(&list, &key).await.body["total"], 1);
    // Both ledgers reach as far.
    let ledger = &world.app.sources().ledger;
    ledger.execute(address_of(KALLPA, 2), &sight(0, 3), &provenance(Source::Poll)).await.unwrap();
    let sql = "select count(distinct next_position) from ledger_heads";
    let heads: i64 = sqlx::query_scalar(sql).fetch_one(world.database.owner_pool()).await.unwrap();
    assert_eq!(heads, 1);
    assert_eq!(world.get(&list, &kallpa).await.body["items"][0]["mintsoft_order_number"], "ladore-2");
    assert_eq!(world.get(&format!("{list}?status=CANCELLED"), &key).await.body["total"], 0);
    assert_eq!(world.get(&format!("{list}?limit=0"), &key).await.status, 400);
    assert_eq!(world.get(&format!("{list}?limit=0"), &key).await.status, 400, "a refusal is made anew");
    sqlx::query("update api_keys set revoked_at = now()").execute(world.database.owner_pool()).await.unwrap();
    assert_eq!(world.get(&list, &key).await.status, 401);
}

#[tokio::test]
async fn without_room_each_is_made_anew() {
    let (world, key) = with_an_order(AppSettings { response_cache_bytes_max: 0, ..unlimited() }).await;
    behind_its_back(&world, "before").await;
    assert_eq!(name(&world.get(LIST, &key).await), Some("before"));
    behind_its_back(&world, "after").await;
    assert_eq!(name(&world.get(LIST, &key).await), Some("after"));
}
