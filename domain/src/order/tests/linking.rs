//! Ties to shop orders, and orders of doubtful owner.

use super::*;
use crate::order::command::Replaces;
use crate::order::facts::{Details, LinkBasis, ShopOrder};

fn shop_order(order_id: i64) -> ShopOrder {
    ShopOrder { order_id, name: format!("#{order_id}") }
}

fn link(order_id: i64, basis: LinkBasis) -> Command {
    Command::LinkShopOrder { shop_order: shop_order(order_id), basis, replaces: Replaces::Nothing }
}

fn replacing(order_id: i64, basis: LinkBasis, replaces: Replaces) -> Command {
    Command::LinkShopOrder { shop_order: shop_order(order_id), basis, replaces }
}

fn unlink() -> Command {
    Command::UnlinkShopOrder { order_id: 1001, reason: "wrong one".to_owned() }
}

fn linked(basis: LinkBasis) -> Vec<OrderEvent> {
    after(discovered(picking()), &link(1001, basis))
}

#[test]
fn a_link_is_made_once() {
    given(discovered(picking()))
        .when(link(1001, LinkBasis::Name))
        .then(vec![OrderEvent::OrderLinked { shop_order: shop_order(1001), basis: LinkBasis::Name }]);
    given(linked(LinkBasis::Name)).when(link(1001, LinkBasis::Host)).then_nothing();
}

#[test]
fn a_name_that_was_searched_for_replaces_no_link() {
    for basis in [LinkBasis::Name, LinkBasis::OrderNumber] {
        given(linked(LinkBasis::Host))
            .when(link(1002, basis))
            .then_refused(Refusal::AlreadyLinked { name: "#1001".to_owned() });
    }
}

#[test]
fn the_host_and_a_person_replace_a_link() {
    for basis in [LinkBasis::Host, LinkBasis::Manual] {
        let history = after(linked(LinkBasis::Name), &replacing(1002, basis, Replaces::WhatIsThere));
        assert!(matches!(
            history.as_slice(),
            [.., OrderEvent::OrderUnlinked { .. }, OrderEvent::OrderLinked { .. }]
        ));
        assert_eq!(state(&history).linked_to, Some(shop_order(1002)));
    }
}

#[test]
fn a_search_that_is_made_again_replaces_no_link_whoever_asked_for_it_first() {
    for basis in [LinkBasis::Host, LinkBasis::Manual] {
        given(linked(LinkBasis::Name))
            .when(link(1002, basis))
            .then_refused(Refusal::AlreadyLinked { name: "#1001".to_owned() });
    }
}

/// An order that another was merged into, tied to the shop order 1001.
fn survivor() -> Vec<OrderEvent> {
    let merged = Details { merged: true, ..picking().details };
    let number = "ladore-1001+ladore-1002".to_owned();
    after(discovered(Snapshot { number, details: merged, ..picking() }), &link(1001, LinkBasis::Name))
}

#[test]
fn a_survivor_of_merges_fulfils_each_order_that_its_number_joins() {
    let both = after(survivor(), &link(1002, LinkBasis::Host));
    assert!(matches!(both.as_slice(), [.., OrderEvent::OrderLinked { .. }, OrderEvent::OrderLinked { .. }]));
    assert_eq!(state(&both).fulfilled().collect::<Vec<_>>(), [&shop_order(1001), &shop_order(1002)]);
    for order_id in [1001, 1002] {
        given(both.clone()).when(link(order_id, LinkBasis::Name)).then_nothing();
    }
    given(both.clone())
        .when(link(1003, LinkBasis::Name))
        .then_refused(Refusal::AlreadyLinked { name: "#1001".to_owned() });
    let replaced = after(both, &replacing(1003, LinkBasis::Host, Replaces::WhatIsThere));
    assert_eq!(state(&replaced).fulfilled().collect::<Vec<_>>(), [&shop_order(1002), &shop_order(1003)]);
}

#[test]
fn an_order_that_the_host_renamed_is_tied_anew_in_its_own_place() {
    let both = after(survivor(), &link(1_000_000_002, LinkBasis::Name));
    let named = after(both, &replacing(1002, LinkBasis::Host, Replaces::Renamed(1_000_000_002)));
    assert_eq!(state(&named).fulfilled().collect::<Vec<_>>(), [&shop_order(1001), &shop_order(1002)]);
}

#[test]
fn an_order_that_the_host_renamed_before_it_was_tied_takes_the_place_of_what_is_there() {
    let named = replacing(7, LinkBasis::Host, Replaces::Renamed(8));
    assert_eq!(state(&after(linked(LinkBasis::Name), &named)).linked_to, Some(shop_order(7)));
    given(linked(LinkBasis::Name))
        .when(replacing(7, LinkBasis::Name, Replaces::Renamed(8)))
        .then_refused(Refusal::AlreadyLinked { name: "#1001".to_owned() });
}

#[test]
fn an_id_that_the_host_replaced_gives_its_room_back_though_the_new_one_was_tied_first() {
    let (old, named) = (1_000_000_001, replacing(77, LinkBasis::Host, Replaces::Renamed(1_000_000_001)));
    let merged = after(survivor(), &replacing(77, LinkBasis::Host, Replaces::Renamed(1001)));
    let twice = after(merged, &link(old, LinkBasis::Name));
    let once = after(twice, &named);
    assert_eq!(state(&once).fulfilled().collect::<Vec<_>>(), [&shop_order(77)]);
    given(once.clone()).when(named).then_nothing();
    assert_eq!(state(&after(once, &link(1002, LinkBasis::Name))).fulfilled().count(), 2);
}

#[test]
fn on_a_survivor_that_is_full_the_host_replaces_the_shop_order_of_the_same_name() {
    let both = after(survivor(), &link(1002, LinkBasis::Name));
    let shop_order = ShopOrder { order_id: 601, name: " 1002".to_owned() };
    let (basis, replaces) = (LinkBasis::Host, Replaces::WhatIsThere);
    let replaced = after(both, &Command::LinkShopOrder { shop_order, basis, replaces });
    let ids: Vec<i64> = state(&replaced).fulfilled().map(|held| held.order_id).collect();
    assert_eq!(ids, [1001, 601]);
}

#[test]
fn undoing_one_link_of_a_survivor_leaves_the_other() {
    let both = after(survivor(), &link(1002, LinkBasis::Name));
    let one = after(both, &unlink());
    assert_eq!(state(&one).fulfilled().collect::<Vec<_>>(), [&shop_order(1002)]);
    given(one)
        .when(link(1001, LinkBasis::Name))
        .then_refused(Refusal::LinkUndone { name: "#1001".to_owned() });
}

#[test]
fn a_copy_is_linked_by_people_only() {
    for number in ["ladore-1001-Copy", "ladore-1001-Copy-COPY"] {
        let copy = discovered(Snapshot { number: number.to_owned(), ..picking() });
        for basis in [LinkBasis::Name, LinkBasis::OrderNumber] {
            given(copy.clone())
                .when(link(1001, basis))
                .then_refused(Refusal::CopyNotLinked { number: number.to_owned() });
        }
        for basis in [LinkBasis::Manual, LinkBasis::Host] {
            given(copy.clone())
                .when(link(1001, basis))
                .then_refused(Refusal::CopyNotLinked { number: number.to_owned() });
            let said = replacing(1001, basis, Replaces::WhatIsThere);
            assert!(state(&after(copy.clone(), &said)).linked_to.is_some());
        }
    }
}

#[test]
fn a_link_that_was_undone_is_not_made_again_by_a_search() {
    let undone = after(linked(LinkBasis::Name), &unlink());
    for basis in [LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual] {
        given(undone.clone())
            .when(link(1001, basis))
            .then_refused(Refusal::LinkUndone { name: "#1001".to_owned() });
    }
    assert!(state(&after(undone.clone(), &link(1002, LinkBasis::Name))).linked_to.is_some());
    for basis in [LinkBasis::Host, LinkBasis::Manual] {
        let again = after(undone.clone(), &replacing(1001, basis, Replaces::WhatIsThere));
        assert_eq!(state(&again).linked_to, Some(shop_order(1001)), "whoever says so makes it again");
    }
}

#[test]
fn a_part_follows_another_on_the_same_basis_but_not_as_a_copy_nor_where_its_link_was_undone() {
    let follow = |basis| replacing(1001, basis, Replaces::Nothing);
    let copy = discovered(Snapshot { number: "ladore-1001-Copy".to_owned(), ..picking() });
    for basis in [LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual] {
        given(discovered(picking()))
            .when(follow(basis))
            .then(vec![OrderEvent::OrderLinked { shop_order: shop_order(1001), basis }]);
        given(after(linked(basis), &unlink()))
            .when(follow(basis))
            .then_refused(Refusal::LinkUndone { name: "#1001".to_owned() });
        given(copy.clone())
            .when(follow(basis))
            .then_refused(Refusal::CopyNotLinked { number: "ladore-1001-Copy".to_owned() });
        given(after(discovered(picking()), &link(1002, basis)))
            .when(follow(basis))
            .then_refused(Refusal::AlreadyLinked { name: "#1002".to_owned() });
    }
}

#[test]
fn an_order_that_is_withheld_is_linked_to_nothing_whoever_asks() {
    let withheld =
        after(linked(LinkBasis::Name), &Command::Withhold { reason: "two prefixes fit".to_owned() });
    for command in [
        link(1001, LinkBasis::Host),
        replacing(1002, LinkBasis::Manual, Replaces::WhatIsThere),
        replacing(1002, LinkBasis::Host, Replaces::Renamed(1003)),
    ] {
        given(withheld.clone()).when(command).then_refused(Refusal::Withheld);
    }
    let released = after(withheld, &Command::Release);
    assert_eq!(state(&released).linked_to, Some(shop_order(1001)), "what it fulfilled it fulfils again");
}

#[test]
fn an_order_that_is_withheld_hears_that_the_host_renamed_what_it_fulfils() {
    let withheld =
        after(linked(LinkBasis::Name), &Command::Withhold { reason: "two prefixes fit".to_owned() });
    let named = after(withheld, &replacing(7, LinkBasis::Host, Replaces::Renamed(1001)));
    let order = state(&named);
    assert_eq!((order.linked_to, order.withheld.is_some()), (Some(shop_order(7)), true));
    given(named.clone()).when(replacing(7, LinkBasis::Host, Replaces::Renamed(1001))).then_nothing();
    given(named).when(replacing(7, LinkBasis::Host, Replaces::WhatIsThere)).then_refused(Refusal::Withheld);
}

#[test]
fn undoing_twice_adds_nothing_and_undoing_what_never_was_is_refused() {
    given(linked(LinkBasis::Name)).when(unlink()).then(vec![OrderEvent::OrderUnlinked {
        shop_order: shop_order(1001),
        reason: "wrong one".to_owned(),
    }]);
    given(after(linked(LinkBasis::Name), &unlink())).when(unlink()).then_nothing();
    given(discovered(picking())).when(unlink()).then_refused(Refusal::NotLinked);
    given(after(discovered(picking()), &link(1002, LinkBasis::Name)))
        .when(unlink())
        .then_refused(Refusal::NotLinked);
}

#[test]
fn an_order_is_withheld_for_the_newest_reason_and_released_once() {
    let withhold = |reason: &str| Command::Withhold { reason: reason.to_owned() };
    let withheld = after(discovered(picking()), &withhold("two prefixes fit"));
    given(withheld.clone()).when(withhold("two prefixes fit")).then_nothing();
    given(withheld.clone())
        .when(withhold("the SKUs disagree"))
        .then(vec![OrderEvent::OrderWithheld { reason: "the SKUs disagree".to_owned() }]);
    let released = after(withheld, &Command::Release);
    assert_eq!(state(&released).withheld, None);
    given(released).when(Command::Release).then_nothing();
}
