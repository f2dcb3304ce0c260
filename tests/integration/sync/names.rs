//! Upstream's lists of names, as several instances hold them.

use std::sync::Arc;

use logistics_ledger::sync::{NamesCache, Sources};

use crate::support::world::World;

#[tokio::test]
async fn a_name_that_one_instance_learns_is_known_to_the_other() {
    let mut world = World::shared().await;
    let id = world.order("ladore-1");
    let over = |world: &World, names: &NamesCache| {
        Arc::new(Sources { names: names.clone(), ..(*world.sources).clone() })
    };
    let held = [(), ()].map(|()| NamesCache::over(world.pool().clone(), world.clock.clone()));
    for names in &held {
        world.sources = over(&world, names);
        world.poll().await;
    }
    assert_eq!(world.row(id, "status").await.as_deref(), Some("NEW"));
    // The warehouse calls it otherwise, and a third instance is told so.
    let renamed = sqlx::query(
        r#"update upstream_lists set fetched_at = $1,
             names = replace(names::text, '"NEW"', '"JUST IN"')::jsonb where kind = 'order_statuses'"#,
    );
    renamed.bind(world.clock.now()).execute(world.pool()).await.unwrap();
    for names in held.iter().chain(&held) {
        world.sources = over(&world, names);
        world.poll().await;
        assert_eq!(world.row(id, "status").await.as_deref(), Some("JUST IN"));
    }
    assert_eq!(world.history(id).await, ["OrderDiscovered", "StatusChanged"]);
}
