//! Parts of a split order, and the shop order that they fulfil together.

use logistics_domain::order::Replaces;
use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::{Command, Source};
use logistics_ledger::sandbox::OrderSpec;
use logistics_ledger::sync::Cause;
use logistics_ledger::sync::links::{LinkState, find_link};

use super::links::{Said, paid, said_by_host, settled, world};
use crate::support::world::World;

impl World {
    /// An order of two lines, which can be split.
    pub(super) fn order_of_two(&self, number: &str) -> i64 {
        self.mintsoft.create_order(OrderSpec::of(3, number, &[("LADORE_A", 1), ("LADORE_B", 1)]))
    }

    /// A person's command to an order of Ladore's.
    async fn command(&self, id: i64, command: Command) {
        let cause = Cause::own(Source::User, "job:1").at(self.clock.now());
        self.sources.ledger.execute(self.address(id), &Said(command), &cause).await.unwrap();
        self.settle().await;
    }
}

#[tokio::test]
async fn every_part_of_a_split_order_is_tied_to_the_shop_order() {
    let world = world().await;
    let id = world.order_of_two("ladore-1");
    let part = world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    settled(&world, &paid(&world, "#1", None).await).await;
    for id in [id, part] {
        assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1"));
    }
}

#[tokio::test]
async fn a_part_that_comes_later_is_tied_too_by_what_its_order_was_found() {
    let world = world().await;
    let ids = ["ladore-1", "ladore-2", "ladore-3"].map(|number| world.order_of_two(number));
    settled(&world, &paid(&world, "#1", None).await).await;
    settled(&world, &paid(&world, "#2X01", Some("2")).await).await;
    settled(&world, &said_by_host(&world, 501, "#3").await).await;
    let parts = ids.map(|id| world.mintsoft.split(id, &["LADORE_B"]).unwrap());
    world.poll().await;
    for (part, name, basis) in
        [(parts[0], "#1", "name"), (parts[1], "#2X01", "order_number"), (parts[2], "#3", "host")]
    {
        assert_eq!(world.row(part, "shop_order_name").await.as_deref(), Some(name));
        assert_eq!(world.row(part, "link_basis").await.as_deref(), Some(basis), "{name}");
    }
}

#[tokio::test]
async fn a_part_whose_link_was_undone_is_not_tied_again_though_the_host_named_the_order() {
    let world = world().await;
    let id = world.order_of_two("ladore-1");
    let part = world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    settled(&world, &said_by_host(&world, 501, "#1").await).await;
    assert_eq!(world.row(part, "order_id").await.as_deref(), Some("501"));
    world.command(part, Command::UnlinkShopOrder { order_id: 501, reason: "It is of another.".into() }).await;
    world.mintsoft.touch(part).unwrap();
    world.poll().await;
    assert_eq!(world.row(part, "order_id").await, None);
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("501"));
}

#[tokio::test]
async fn an_order_whose_link_was_replaced_stays_linked_while_another_part_fulfils_it() {
    let world = world().await;
    let id = world.order_of_two("ladore-1");
    world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    let other = ShopOrder { order_id: 900, name: "#900".into() };
    let replaces = Replaces::WhatIsThere;
    let command = Command::LinkShopOrder { shop_order: other, basis: LinkBasis::Manual, replaces };
    world.command(id, command).await;
    let now = find_link(world.pool(), link.id).await.unwrap().unwrap();
    assert_eq!((now.state, now.updated_at), (LinkState::Linked, link.updated_at));
}

#[tokio::test]
async fn an_order_stays_linked_where_one_of_its_parts_vanishes_and_another_fulfils_it() {
    let world = world().await;
    let other = world.order("ladore-2");
    let id = world.order_of_two("ladore-1");
    world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    world.mintsoft.merge(other, id).unwrap();
    world.read_whole(id).await;
    assert!(world.history(id).await.contains(&"OrderVanished".to_owned()));
    world.settle().await;
    let now = find_link(world.pool(), link.id).await.unwrap().unwrap();
    assert_eq!((now.state, now.updated_at), (LinkState::Linked, link.updated_at));
}
