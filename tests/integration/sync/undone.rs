//! A link that a person undid: nothing stands in its place, and nothing ties the same two again but a person or the host.

use logistics_domain::Source;
use logistics_domain::order::facts::LinkBasis;
use logistics_ledger::sync::links::{LinkRow, LinkState, choose_order, find_link, reopen};
use logistics_ledger::sync::{Cause, SyncError};

use super::chosen::chosen;
use super::links::{fulfilled, paid, said_by_host, settled, world};
use crate::support::world::{LADORE, World};

const OPEN: &str = "The link was undone; say which warehouse order fulfils it, or have it looked for again.";
const REFUSED: &str =
    "The link to shop order #1 was undone before; only the host or a person makes it again.";

pub(super) async fn as_it_is(world: &World, link: &LinkRow) -> LinkRow {
    find_link(world.pool(), link.id).await.unwrap().unwrap()
}

/// A person undoes the link as it is now.
pub(super) async fn undone(world: &World, link: &LinkRow) -> Result<LinkRow, SyncError> {
    let (source, actor) = (Source::User, "user:2".to_owned());
    let cause = Cause { source, actor, correlation_id: "request-1".to_owned(), cause: None };
    world.sources.undo_link(&as_it_is(world, link).await, &cause).await
}

/// A person says which orders fulfil the shop order of the link.
pub(super) async fn tied_by_hand(world: &World, link: &LinkRow, ids: &[i64]) {
    let chosen: Vec<_> = ids.iter().map(|id| world.address(*id)).collect();
    let (settings, now) = (&world.sources.settings.links, world.clock.now());
    let mut transaction = world.pool().begin().await.unwrap();
    choose_order(&mut transaction, link.id, (&chosen, "user:3"), settings, now).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_link_that_was_undone_is_missing_and_no_search_makes_it_again() {
    let world = world().await;
    for (id, link) in [
        (world.order("ladore-1"), said_by_host(&world, 501, "#1").await),
        (world.order("ladore-2"), paid(&world, "#2", None).await),
    ] {
        assert_eq!(settled(&world, &link).await.state, LinkState::Linked);
        let open = undone(&world, &link).await.unwrap();
        assert_eq!((open.state, open.reason.as_deref()), (LinkState::NotFound, Some(OPEN)));
        assert_eq!((open.basis, open.linked_at), (None, None));
        // What the events called for, and the number that is seen again, find the order and leave it.
        world.settle().await;
        world.mintsoft.touch(id).unwrap();
        world.poll().await;
        assert_eq!(as_it_is(&world, &link).await, open, "nothing is looked for by itself");
        assert_eq!(world.row(id, "order_id").await, None);
    }
    let told =
        "select count(*) from events where event_type = 'OrderUnlinked' and metadata->>'actor' = 'user:2'
                and payload->>'reason' = 'The link was undone.'";
    assert_eq!(world.count(told).await, 2, "the histories tell who undid it");
}

#[tokio::test]
async fn whoever_has_it_looked_for_again_is_told_that_it_was_undone_and_the_host_makes_it_again() {
    let world = world().await;
    let id = world.order("ladore-1");
    let link = settled(&world, &said_by_host(&world, 501, "#1").await).await;
    undone(&world, &link).await.unwrap();
    let (settings, now) = (&world.sources.settings.links, world.clock.now());
    let mut connection = world.pool().acquire().await.unwrap();
    reopen(&mut connection, (LADORE, 501), "x", None, settings, now).await.unwrap().unwrap();
    let link = settled(&world, &link).await;
    assert_eq!((link.state, link.reason.as_deref()), (LinkState::NotFound, Some(REFUSED)));
    assert_eq!(world.row(id, "order_id").await, None);
    let link = settled(&world, &said_by_host(&world, 501, "#1").await).await;
    assert_eq!((link.state, link.basis), (LinkState::Linked, Some(LinkBasis::Host)));
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("501"));
}

#[tokio::test]
async fn what_was_on_its_way_before_a_link_was_undone_does_not_make_it_again() {
    let world = world().await;
    let id = world.order("ladore-1");
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    // Each would take the place of whatever is there.
    tied_by_hand(&world, &link, &[id]).await;
    let link = chosen(&world, link.order_id, "#1", id).await;
    let open = undone(&world, &link).await.unwrap();
    world.settle().await;
    assert_eq!(as_it_is(&world, &link).await, open);
    assert_eq!(world.history(id).await, ["OrderDiscovered", "OrderLinked", "OrderUnlinked"]);
}

#[tokio::test]
async fn no_part_fulfils_it_any_more_and_a_survivor_keeps_what_it_fulfils_besides() {
    let world = world().await;
    let whole = world.order_of_two("ladore-3");
    let part = world.mintsoft.split(whole, &["LADORE_B"]).unwrap();
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.mintsoft.merge(kept, gone).unwrap();
    let mut links = Vec::new();
    for (order_id, name) in [(501, "#1"), (502, "#2"), (503, "#3")] {
        links.push(settled(&world, &said_by_host(&world, order_id, name).await).await);
    }
    undone(&world, &links[2]).await.unwrap();
    for id in [whole, part] {
        world.mintsoft.touch(id).unwrap();
    }
    world.poll().await;
    for id in [whole, part] {
        assert_eq!(world.row(id, "order_id").await, None);
    }
    undone(&world, &links[1]).await.unwrap();
    world.settle().await;
    assert_eq!(fulfilled(&world, kept).await, ["#1"]);
    assert_eq!(as_it_is(&world, &links[1]).await.state, LinkState::NotFound);
    assert_eq!(as_it_is(&world, &links[0]).await.state, LinkState::Linked);
}

#[tokio::test]
async fn undoing_it_twice_changes_nothing_and_what_was_never_made_cannot_be_undone() {
    let world = world().await;
    let missing = settled(&world, &paid(&world, "#9", None).await).await;
    let refused = undone(&world, &missing).await.unwrap_err();
    assert!(refused.to_string().contains("nothing to undo"), "{refused}");
    let id = world.order("ladore-1");
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    let open = undone(&world, &link).await.unwrap();
    assert_eq!(undone(&world, &link).await.unwrap(), open);
    let undoings = world.history(id).await.iter().filter(|name| *name == "OrderUnlinked").count();
    assert_eq!(undoings, 1);
}

#[tokio::test]
async fn a_person_ties_it_by_hand_to_the_parts_of_another_order() {
    let world = world().await;
    let wrong = world.order("ladore-1");
    let whole = world.order_of_two("ladore-77");
    let part = world.mintsoft.split(whole, &["LADORE_B"]).unwrap();
    world.poll().await;
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    undone(&world, &link).await.unwrap();
    tied_by_hand(&world, &link, &[whole, part]).await;
    let tied = settled(&world, &link).await;
    world.settle().await;
    assert_eq!((tied.state, tied.basis), (LinkState::Linked, Some(LinkBasis::Manual)));
    assert_eq!(
        (tied.order_id, tied.from_host, &tied.requested_by),
        (link.order_id, false, &link.requested_by),
        "the host said nothing of it"
    );
    for id in [whole, part] {
        assert_eq!(fulfilled(&world, id).await, ["#1"]);
    }
    assert_eq!(fulfilled(&world, wrong).await, [""; 0]);
    let by = "select count(*) from events where event_type = 'OrderLinked' and metadata->>'actor' = 'user:3'";
    assert_eq!(world.count(by).await, 2, "whoever chose them is named");
}
