//! Searches for one paid order that stand beside each other, and what they make of an order that was said to be gone.

use logistics_ledger::sandbox::{Fault, SandboxSettings};
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::links::{LinkRequest, LinkRow, LinkState, Origin, find_link};

use crate::support::world::{LADORE, World, quick_links};

/// A world in which each search looks twice.
async fn world() -> World {
    let settings = SyncSettings { links: quick_links(2), ..SyncSettings::default() };
    World::with(settings, SandboxSettings::default()).await
}

async fn asked_by_host(world: &World) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Host { order_id: 501 },
        name: "#1".into(),
        order_number: None,
        requested_by: "key:1".into(),
    };
    world.request_link(&request).await
}

async fn state(world: &World, link: &LinkRow) -> LinkState {
    find_link(world.pool(), link.id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn an_order_is_not_listed_as_missing_before_the_last_search_for_it_is_over() {
    let world = world().await;
    let link = asked_by_host(&world).await;
    // As if a delivery of the shop had begun it, beside which the host begins its own.
    world
        .run("update jobs set attempts = max_attempts - 1, payload = payload - 'by_host' where kind = 'link_order'")
        .await;
    asked_by_host(&world).await;
    world
        .run("update jobs set run_at = now() + interval '1 day' where kind = 'link_order' and attempts = 0")
        .await;
    world.settle().await;
    let over = "select count(*) from jobs where kind = 'link_order' and state = 'done'";
    assert_eq!(world.count(over).await, 1);
    assert_eq!(state(&world, &link).await, LinkState::Pending, "another search goes on");
    world.run("update jobs set attempts = max_attempts - 1, run_at = now() where state = 'ready'").await;
    world.settle().await;
    assert_eq!(state(&world, &link).await, LinkState::NotFound);
}

#[tokio::test]
async fn an_order_that_was_said_to_be_gone_is_read_anew_before_it_is_tied() {
    let world = world().await;
    let id = world.order("ladore-1");
    world.poll().await;
    let gone = Fault::Status { code: 404 };
    world.mintsoft.fail_next(gone.clone(), 1, Some(&format!("get /api/order/{id}")));
    world.read_whole(id).await;
    assert_eq!(world.history(id).await, ["OrderDiscovered", "OrderVanished"]);
    let link = asked_by_host(&world).await;
    world.mintsoft.fail_next(gone, 1, Some(&format!("get /api/order/{id}")));
    world.worker().run_due(1).await.unwrap();
    assert_eq!(state(&world, &link).await, LinkState::Pending, "it is listed, and cannot be had");
    world.run("update jobs set run_at = now() where state = 'ready'").await;
    world.settle().await;
    assert_eq!(state(&world, &link).await, LinkState::Linked);
    let history = world.history(id).await;
    assert_eq!(history[2..], ["OrderReappeared", "OrderLinked"]);
}
