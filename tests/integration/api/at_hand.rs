//! Answers at hand: what was answered in this second is the answer again, until something happens.

use chrono::TimeDelta;
use futures_util::future::join_all;
use logistics_domain::Source;
use logistics_ledger::access::Role;
use logistics_ledger::app::AppSettings;
use logistics_ledger::ledger::Intent;
use reqwest::Method;
use serde_json::json;

use super::world::{Answer, KALLPA, LADORE, World, unlimited};
use crate::ledger::desk::{Toggle, address, provenance, sight, stream};

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
    assert_eq!(world.get(&list, &kallpa).await.body["total"], 0);
    assert_eq!(world.get(&format!("{list}?status=CANCELLED"), &key).await.body["total"], 0);
    assert_eq!(world.get(&format!("{list}?limit=0"), &key).await.status, 400);
    assert_eq!(world.get(&format!("{list}?limit=0"), &key).await.status, 400, "a refusal is made anew");
    sqlx::query("update api_keys set revoked_at = now()").execute(world.database.owner_pool()).await.unwrap();
    assert_eq!(world.get(&list, &key).await.status, 401);
}

#[tokio::test]
async fn without_room_each_is_made_anew_and_many_at_once_get_the_same() {
    let (world, key) = with_an_order(AppSettings { answers_bytes_max: 0, ..unlimited() }).await;
    behind_its_back(&world, "before").await;
    assert_eq!(name(&world.get(LIST, &key).await), Some("before"));
    behind_its_back(&world, "after").await;
    assert_eq!(name(&world.get(LIST, &key).await), Some("after"));

    let (world, key) = with_an_order(unlimited()).await;
    let answers = join_all((0..40).map(|_| world.get(LIST, &key))).await;
    assert!(answers.iter().all(|answer| answer.body == answers[0].body && answer.body["total"] == 1));
}
