//! A person says which warehouse order fulfils a shop order.

use logistics_domain::order::facts::LinkBasis;
use logistics_ledger::sync::links::{LinkRequest, LinkRow, LinkState, Origin, find_link};

use super::links::{fulfilled, paid, said_by_host, settled, world};
use crate::support::world::{LADORE, World};

/// A person says that this order fulfils the shop order.
pub(super) async fn chosen(world: &World, order_id: i64, name: &str, id: i64) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Chosen { order_id, fulfilled_by: world.address(id) },
        name: name.into(),
        order_number: None,
        requested_by: "user:1".into(),
    };
    world.request_link(&request).await
}

#[tokio::test]
async fn of_two_orders_of_one_number_the_one_that_was_chosen_is_tied() {
    let world = world().await;
    let [right, wrong] = [world.order("ladore-1"), world.order("ladore-1")];
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    world.poll().await;
    let again = chosen(&world, 501, "#1", right).await;
    assert_eq!((again.id, again.order_id), (link.id, 501), "the shop's order is given the host's number");
    let link = settled(&world, &again).await;
    assert_eq!((link.state, link.reason), (LinkState::Linked, None));
    assert_eq!(world.row(right, "link_basis").await.as_deref(), Some("manual"));
    assert_eq!(world.row(right, "order_id").await.as_deref(), Some("501"));
    assert_eq!(world.row(wrong, "order_id").await, None);
}

#[tokio::test]
async fn a_copy_or_any_other_number_is_tied_once_it_is_chosen_and_nothing_is_asked_for_it() {
    let world = world().await;
    let id = world.order("ladore-1");
    let copy = world.mintsoft.copy(id).unwrap();
    let other = world.order("ladore-77");
    world.poll().await;
    let calls = world.mintsoft.count_calls("Order/Search");
    for (order_id, name, id) in [(501, "#1", copy), (502, "#2", other)] {
        assert_eq!(settled(&world, &chosen(&world, order_id, name, id).await).await.state, LinkState::Linked);
        assert_eq!(fulfilled(&world, id).await, [name]);
    }
    assert_eq!(world.mintsoft.count_calls("Order/Search"), calls);
    settled(&world, &chosen(&world, 501, "#1", copy).await).await;
    let linked = world.history(copy).await.iter().filter(|name| *name == "OrderLinked").count();
    assert_eq!(linked, 1, "to say it again adds nothing");
}

#[tokio::test]
async fn what_the_chosen_order_fulfilled_is_looked_for_again() {
    let world = world().await;
    let id = world.order("ladore-1");
    let first = settled(&world, &said_by_host(&world, 501, "#1").await).await;
    let second = settled(&world, &chosen(&world, 502, "#2", id).await).await;
    assert_eq!(second.state, LinkState::Linked);
    assert_eq!(fulfilled(&world, id).await, ["#2"]);
    let first = settled(&world, &first).await;
    assert_eq!(first.state, LinkState::NotFound, "a search takes back nothing that a person gave");
    assert_eq!(fulfilled(&world, id).await, ["#2"]);
}

#[tokio::test]
async fn what_fulfilled_it_before_is_untied_and_nothing_is_tied_by_its_number() {
    let world = world().await;
    let [named, other] = [world.order("ladore-1"), world.order("ladore-77")];
    world.poll().await;
    // The shop told of it, and it was found by its name, under the ledger's own id.
    let first = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(fulfilled(&world, named).await, ["#1"]);
    let link = settled(&world, &chosen(&world, 501, "#1", other).await).await;
    assert_eq!((link.id, link.state), (first.id, LinkState::Linked));
    for _ in 0..3 {
        world.settle().await;
    }
    assert_eq!(world.row(other, "order_id").await.as_deref(), Some("501"));
    assert_eq!(world.row(other, "link_basis").await.as_deref(), Some("manual"));
    assert_eq!(world.row(named, "order_id").await, None, "it fulfils nothing now");
    let again = find_link(world.pool(), link.id).await.unwrap().unwrap();
    assert_eq!((again.state, again.basis), (LinkState::Linked, Some(LinkBasis::Manual)));
    let by = "select count(*) from events where event_type = 'OrderLinked' and metadata->>'actor' = 'user:1'";
    assert_eq!(world.count(by).await, 1, "whoever chose it is named");
}

#[tokio::test]
async fn of_two_orders_of_one_number_the_wrong_one_is_untied_once_the_right_one_is_chosen() {
    let world = world().await;
    let [right, wrong] = [world.order("ladore-1"), world.order("ladore-1")];
    world.poll().await;
    settled(&world, &chosen(&world, 501, "#1", wrong).await).await;
    assert_eq!(fulfilled(&world, wrong).await, ["#1"]);
    assert_eq!(settled(&world, &chosen(&world, 501, "#1", right).await).await.state, LinkState::Linked);
    assert_eq!(fulfilled(&world, right).await, ["#1"]);
    assert_eq!(fulfilled(&world, wrong).await, [""; 0]);
}

#[tokio::test]
async fn a_survivor_of_merges_keeps_what_nobody_chose_another_order_for() {
    let world = world().await;
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    let other = world.order("ladore-77");
    world.mintsoft.merge(kept, gone).unwrap();
    world.poll().await;
    for (order_id, name) in [(501, "#1"), (502, "#2")] {
        settled(&world, &said_by_host(&world, order_id, name).await).await;
    }
    for (order_id, name, left) in [(502, "#2", vec!["#1"]), (501, "#1", vec![])] {
        assert_eq!(
            settled(&world, &chosen(&world, order_id, name, other).await).await.state,
            LinkState::Linked
        );
        assert_eq!(
            (fulfilled(&world, other).await, fulfilled(&world, kept).await),
            (vec![name.to_owned()], left.into_iter().map(str::to_owned).collect())
        );
    }
}

#[tokio::test]
async fn an_order_that_is_gone_is_not_tied_though_it_was_chosen() {
    let world = world().await;
    let [kept, gone] = [world.order("ladore-1"), world.order("ladore-2")];
    world.poll().await;
    world.mintsoft.merge(kept, gone).unwrap();
    world.read_whole(gone).await;
    let link = settled(&world, &chosen(&world, 503, "#3", gone).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    assert_eq!(link.reason.as_deref(), Some("The order is no longer in the warehouse's system."));
    assert!(!world.history(gone).await.contains(&"OrderLinked".to_owned()));
}
