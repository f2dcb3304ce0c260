//! What a person says last of a link counts, whatever was on its way before and whenever it comes to an end.

use logistics_domain::order::facts::LinkBasis;
use logistics_ledger::sync::links::{LinkRow, LinkState, reopen};

use super::chosen::chosen;
use super::links::{fulfilled, paid, said_by_host, settled, world};
use super::undone::{as_it_is, tied_by_hand, undone};
use crate::support::world::{LADORE, World};

async fn run(world: &World, sql: &str) {
    sqlx::query(sql).execute(world.database.owner_pool()).await.unwrap();
}

/// Has the statement done between an order's being tied and the link's being told so, once.
async fn between(world: &World, statement: &str) {
    let function = format!(
        "create function meanwhile() returns trigger language plpgsql as $$ begin {statement}; return null; end $$"
    );
    run(world, &function).await;
    let trigger = "create trigger meanwhile after insert on events for each row
                     when (new.event_type = 'OrderLinked') execute function meanwhile()";
    run(world, trigger).await;
}

/// A link that was given up, and two orders that could be chosen for it.
async fn open_link(world: &World) -> (LinkRow, [i64; 2]) {
    let orders = [world.order("ladore-71"), world.order("ladore-72")];
    world.poll().await;
    let link = settled(world, &paid(world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    (link, orders)
}

#[tokio::test]
async fn of_two_choices_the_later_one_counts_though_the_job_of_the_first_runs_last() {
    let world = world().await;
    let (link, [first, second]) = open_link(&world).await;
    tied_by_hand(&world, &link, &[first]).await;
    run(
        &world,
        "update jobs set run_at = run_at + interval '1 hour' where kind = 'link_order' and state = 'ready'",
    )
    .await;
    tied_by_hand(&world, &link, &[second]).await;
    world.settle().await;
    run(
        &world,
        "update jobs set run_at = run_at - interval '1 hour' where kind = 'link_order' and state = 'ready'",
    )
    .await;
    let link = settled(&world, &link).await;
    world.settle().await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(
        (fulfilled(&world, first).await.len(), fulfilled(&world, second).await),
        (0, vec!["#1".to_owned()])
    );
}

#[tokio::test]
async fn a_choice_that_another_overtakes_while_it_is_tied_unties_itself_and_nothing_else() {
    let world = world().await;
    let (link, [first, second]) = open_link(&world).await;
    let stream = world.address(second).stream().0;
    let later = format!(
        "update shop_links set settled_at_job = (select max(id) from jobs), chosen_orders = '{{{stream}}}'"
    );
    between(&world, &later).await;
    tied_by_hand(&world, &link, &[first]).await;
    world.settle().await;
    assert_eq!(world.history(first).await, ["OrderDiscovered", "OrderLinked", "OrderUnlinked"]);
    assert_ne!(as_it_is(&world, &link).await.state, LinkState::Linked, "the later choice has yet to be tied");

    // The same order chosen twice: the first job must not take from the second what both want.
    run(&world, "update shop_links set settled_at_job = null, chosen_orders = null").await;
    tied_by_hand(&world, &link, &[second]).await;
    world.settle().await;
    assert_eq!(fulfilled(&world, second).await, ["#1"]);
}

#[tokio::test]
async fn a_search_that_a_person_overtakes_while_the_warehouse_answers_ties_nothing() {
    for is_choice in [true, false] {
        let world = world().await;
        let (right, found) = (world.order("ladore-77"), world.order("ladore-1"));
        world.poll().await;
        let link = said_by_host(&world, 501, "#1").await;
        if is_choice {
            between(
                &world,
                "update shop_links set settled_at_job = (select max(id) from jobs), chosen_orders = '{}'",
            )
            .await;
            world.settle().await;
            run(&world, "drop trigger meanwhile on events").await;
            run(&world, "update shop_links set settled_at_job = null").await;
            chosen(&world, 501, "#1", right).await;
            world.settle().await;
            assert_eq!(fulfilled(&world, right).await, ["#1"]);
        } else {
            between(
                &world,
                "update shop_links set settled_at_job = (select max(id) from jobs), state = 'not_found'",
            )
            .await;
            world.settle().await;
            assert_eq!(as_it_is(&world, &link).await.state, LinkState::NotFound);
        }
        assert_eq!(fulfilled(&world, found).await, [""; 0], "{is_choice}");
    }
}

#[tokio::test]
async fn a_choice_and_an_undoing_follow_a_renaming_that_no_job_has_followed_yet() {
    for is_choice in [true, false] {
        let world = world().await;
        let (old, new) = (world.order("ladore-1"), world.order("ladore-71"));
        let link = settled(&world, &paid(&world, "#1", None).await).await;
        assert_eq!(link.state, LinkState::Linked);
        world.poll().await;
        let renamed = said_by_host(&world, 501, "#1").await;
        assert_eq!((renamed.id, renamed.order_id), (link.id, 501));
        if is_choice {
            tied_by_hand(&world, &renamed, &[new]).await;
            world.settle().await;
            assert_eq!(fulfilled(&world, new).await, ["#1"]);
        } else {
            undone(&world, &renamed).await.unwrap();
            world.settle().await;
            assert_eq!(as_it_is(&world, &renamed).await.state, LinkState::NotFound);
        }
        assert_eq!(fulfilled(&world, old).await, [""; 0], "{is_choice}");
    }
}

#[tokio::test]
async fn parts_that_nobody_chose_and_what_no_choice_replaces_hear_of_the_hosts_id() {
    let world = world().await;
    let whole = world.order_of_two("ladore-3");
    let part = world.mintsoft.split(whole, &["LADORE_B"]).unwrap();
    world.poll().await;
    let link = settled(&world, &paid(&world, "#3", None).await).await;
    assert_eq!(link.state, LinkState::Linked);
    let link = settled(&world, &chosen(&world, 503, "#3", whole).await).await;
    world.settle().await;
    assert_eq!(link.order_id, 503);
    for id in [whole, part] {
        assert_eq!(world.row(id, "order_id").await.as_deref(), Some("503"));
    }

    let (gone, kept) = (world.order("ladore-4"), world.order("ladore-5"));
    world.poll().await;
    settled(&world, &paid(&world, "#5", None).await).await;
    world.mintsoft.merge(world.order("ladore-6"), gone).unwrap();
    world.read_whole(gone).await;
    chosen(&world, 505, "#5", gone).await;
    world.settle().await;
    assert_eq!(world.row(kept, "order_id").await.as_deref(), Some("505"), "it fulfils it still");
}

#[tokio::test]
async fn a_survivor_that_was_chosen_in_place_of_another_order_stays_the_choice() {
    let world = world().await;
    let (survivor, gone, wrong) = (world.order("ladore-1"), world.order("ladore-2"), world.order("ladore-9"));
    world.mintsoft.merge(survivor, gone).unwrap();
    world.poll().await;
    settled(&world, &said_by_host(&world, 501, "#1").await).await;
    let link = settled(&world, &said_by_host(&world, 509, "#9").await).await;
    tied_by_hand(&world, &link, &[survivor]).await;
    world.settle().await;
    assert_eq!(fulfilled(&world, survivor).await, ["#1", "#9"]);
    assert_eq!(fulfilled(&world, wrong).await, [""; 0]);
    let link = as_it_is(&world, &link).await;
    assert_eq!((link.state, link.basis), (LinkState::Linked, Some(LinkBasis::Manual)));
}

#[tokio::test]
async fn a_search_that_a_person_made_void_keeps_no_later_one_from_its_end() {
    let world = world().await;
    let right = world.order("ladore-71");
    world.poll().await;
    let link = paid(&world, "#1", None).await;
    // As one that Mintsoft asked to wait.
    run(&world, "update jobs set run_at = run_at + interval '1 day', attempts = 1 where kind = 'link_order'")
        .await;
    tied_by_hand(&world, &link, &[right]).await;
    world.settle().await;
    undone(&world, &link).await.unwrap();
    let (settings, now) = (&world.sources.settings.links, world.clock.now());
    let mut connection = world.pool().acquire().await.unwrap();
    reopen(&mut connection, (LADORE, link.order_id), "x", None, settings, now).await.unwrap().unwrap();
    assert_eq!(settled(&world, &link).await.state, LinkState::NotFound);
}
