//! The cache of facets: lists of a second are chosen of those that one of them read, until something happens.

use chrono::TimeDelta;
use logistics_domain::Source;
use logistics_ledger::access::Role;
use logistics_ledger::app::AppSettings;
use logistics_ledger::ledger::Intent;
use logistics_projections::orders::take_up_counts;
use serde_json::Value;

use super::world::{KALLPA, LADORE, World, unlimited};
use crate::ledger::desk::{Toggle, address, address_of, provenance, sight};

const LIST: &str = "/api/v1/logistics/orders";

/// A world that makes each answer anew, and a key to see it.
async fn world() -> (World, String) {
    let world = World::with(AppSettings { response_cache_bytes_max: 0, ..unlimited() }).await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    (world, key)
}

async fn ask(world: &World, order: i64, intent: impl Intent) {
    let ledger = &world.app.sources().ledger;
    ledger.execute(address(order), &intent, &provenance(Source::Poll)).await.unwrap();
}

/// Has the counters tell something else, as nothing but a rebuild would.
async fn tell_more(world: &World) {
    let mut session = world.database.owner_pool().acquire().await.unwrap();
    take_up_counts(&mut session).await.unwrap();
    let more = sqlx::query("update logistics_order_counts set orders = orders + 100 where field = 'all'");
    assert!(more.execute(&mut *session).await.unwrap().rows_affected() > 0);
}

#[tokio::test]
async fn the_counters_are_asked_once_a_second_until_something_happens() {
    let (world, key) = world().await;
    ask(&world, 1, sight(0, 3)).await;
    let total = async |filter: &str| {
        let page = world.get(&format!("{LIST}?linked=false{filter}"), &key).await;
        assert_eq!(page.status, 200, "{page:?}");
        (page.body["total"].clone(), page.body["items"].as_array().map(Vec::len))
    };
    let of = |total: i64, items: usize| (Value::from(total), Some(items));
    for _ in 0..2 {
        assert_eq!(total("").await, of(1, 1));
    }
    tell_more(&world).await;
    assert_eq!((total("").await, total("&sort_by=status").await), (of(1, 1), of(1, 1)), "of this second");
    assert_eq!(total("&status=unknown").await, of(0, 0));
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(total("").await, of(101, 1), "of the next one");

    assert_eq!(total("").await, of(101, 1));
    ask(&world, 2, sight(0, 3)).await;
    for _ in 0..3 {
        assert_eq!(total("").await, of(102, 2), "an event shows at once");
    }
    ask(&world, 1, Toggle).await;
    for _ in 0..3 {
        assert_eq!(total("").await, of(101, 1), "what is withheld is shown to nobody from that moment on");
    }
}

#[tokio::test]
async fn each_tenant_has_its_own() {
    let (world, key) = world().await;
    ask(&world, 1, sight(0, 3)).await;
    let ledger = &world.app.sources().ledger;
    for order in [2, 3] {
        ledger.execute(address_of(KALLPA, order), &sight(0, 3), &provenance(Source::Poll)).await.unwrap();
    }
    let kallpa = world.key(Role::Viewer, Some(KALLPA)).await;
    for _ in 0..3 {
        for (key, total) in [(&key, 1), (&kallpa, 2)] {
            for path in [format!("{LIST}?linked=false"), LIST.to_owned()] {
                assert_eq!(world.get(&path, key).await.body["total"], total, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_goes_on_where_it_was_whatever_is_cached() {
    let (world, key) = world().await;
    for order in 1..=3 {
        ask(&world, order, sight(0, 3)).await;
    }
    let page = async |cursor: Option<&str>| {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        world.get(&format!("{LIST}?limit=1{cursor}"), &key).await
    };
    // The first lists of a second ask the counters themselves, later ones keep what they tell.
    let first = page(None).await.body["next_cursor"].as_str().unwrap().to_owned();
    for _ in 0..15 {
        let next = page(Some(&first)).await;
        assert_eq!((next.status.as_u16(), &next.body["total"]), (200, &Value::from(3)), "{next:?}");
    }
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(page(Some(&first)).await.status, 200);
}

#[tokio::test]
async fn a_text_that_was_common_is_walked_for_at_once() {
    let (world, key) = world().await;
    for order in 1..=3 {
        ask(&world, order, sight(0, 3)).await;
    }
    let pool = world.database.owner_pool();
    let path = format!("{LIST}?search=ladore&limit=1");
    let is_exact = async || {
        let page = world.get(&path, &key).await;
        assert_eq!(page.body["items"].as_array().map(Vec::len), Some(1), "{page:?}");
        page.body["total_is_exact"].clone()
    };
    assert_eq!(is_exact().await, true, "it is looked up");
    let common = "insert into logistics_common_pieces \
         select distinct unnest(search_pieces($1, 'ladore')), 1000000000, 0";
    sqlx::query(common).bind(LADORE.0).execute(pool).await.unwrap();
    assert_eq!(is_exact().await, false);
    sqlx::query("delete from logistics_common_pieces").execute(pool).await.unwrap();
    assert_eq!(is_exact().await, false, "it is not asked again for a minute");
    let other = world.get(&format!("{LIST}?search=ladore-&limit=1"), &key).await;
    assert_eq!(other.body["total_is_exact"], true, "{other:?}");
}
