//! Orders of doubtful owner: what settles a doubt, what does not, and what a prefix would settle.

use logistics_domain::Source;
use logistics_domain::order::facts::LinkBasis;
use logistics_domain::order::observation::Told;
use logistics_ledger::access::Justification;
use logistics_ledger::mintsoft::Answer;
use logistics_ledger::sandbox::{OrderSpec, SandboxSettings};
use logistics_ledger::sync::links::{LinkRequest, LinkRow, LinkState, Origin, find_link};
use logistics_ledger::sync::parked_decisions::{ParkedKey, dismiss};
use logistics_ledger::sync::parked_list::{ParkedFilter, ParkedState, list};
use logistics_ledger::sync::{Cause, SyncSettings};
use logistics_ledger::tenancy::ShopPlatform;

use crate::support::world::{CLIENT, KALLPA, LADORE, World, quick_links};

const SET_ASIDE: &str =
    "The warehouse order of this number is set aside; the platform's staff decide about it first.";

/// A world in which each search looks once.
async fn world_of_one_look() -> World {
    let settings = SyncSettings { links: quick_links(1), ..SyncSettings::default() };
    World::with(settings, SandboxSettings::default()).await
}

/// Asks for the order #1 and has it looked for.
async fn asked_for(world: &World) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Host { order_id: 501 },
        name: "#1".into(),
        order_number: None,
        requested_by: "key:1".into(),
    };
    let link = world.request_link(&request).await;
    world.settle().await;
    as_it_is(world, &link).await
}

async fn as_it_is(world: &World, link: &LinkRow) -> LinkRow {
    find_link(world.pool(), link.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_answer_that_was_asked_for_before_the_doubt_does_not_settle_it() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    let account = world.sources.account(world.account, None).await.unwrap();
    let old = account.calls.order(id).await.unwrap();
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    assert!(world.row(id, "withheld_reason").await.is_some());

    let old = Answer { value: old.value.unwrap(), asked_at: old.asked_at, answered_at: old.answered_at };
    let cause = Cause::own(Source::Recheck, "job:2");
    world.sources.take_whole(&account, old, Told::Silent, &cause).await.unwrap();
    assert!(world.row(id, "withheld_reason").await.is_some(), "shown again by an answer from before");
    assert_eq!(world.parked().await[0].1, "foreign_client");

    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.settle().await;
    assert_eq!(world.row(id, "withheld_reason").await, None, "it was asked about anew");
    assert_eq!(world.parked().await, []);
}

#[tokio::test]
async fn nor_does_one_that_was_asked_for_before_the_same_doubt_came_again() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    world.mintsoft.set_client(id, CLIENT).unwrap();
    let account = world.sources.account(world.account, None).await.unwrap();
    let between = account.calls.order(id).await.unwrap();
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;

    let Answer { value, asked_at, answered_at } = between;
    let between = Answer { value: value.unwrap(), asked_at, answered_at };
    let cause = Cause::own(Source::Recheck, "job:2");
    world.sources.take_whole(&account, between, Told::Silent, &cause).await.unwrap();
    assert!(world.row(id, "withheld_reason").await.is_some(), "shown again by an answer from before");
    assert_eq!(world.parked().await[0].1, "foreign_client");
}

#[tokio::test]
async fn a_person_whom_the_warehouse_removed_is_erased_though_the_order_is_in_doubt() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 1);

    world.mintsoft.remove_personal_data(id).unwrap();
    world.read_whole(id).await;
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 0);
    assert_eq!(world.count("select count(*) from order_streams where sealed_key is not null").await, 0);
    let history = ["OrderDiscovered", "OrderWithheld", "PersonalDataErased"];
    assert_eq!(world.history(id).await, history);
    world.poll().await;
    assert_eq!(world.history(id).await, history, "once");
    assert!(world.row(id, "withheld_reason").await.is_some());

    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.read_whole(id).await;
    assert_eq!(world.row(id, "withheld_reason").await, None);
}

#[tokio::test]
async fn a_doubt_that_was_noted_by_a_clock_that_was_ahead_is_settled_by_the_next_answer() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    world.run("update parked_orders set last_seen_at = last_seen_at + interval '5 hours'").await;
    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.read_whole(id).await;
    assert_eq!(world.row(id, "withheld_reason").await, None);
    assert_eq!(world.parked().await, []);
    let asked_anew = "select count(*) from jobs where kind = 'reread_order' and state = 'ready'";
    assert_eq!(world.count(asked_anew).await, 0);
}

#[tokio::test]
async fn an_order_given_to_one_brand_while_it_was_taken_in_for_another_waits_for_an_operator() {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("LADORE_1", 1)]));
    world.poll().await;
    world.mintsoft.edit(id, |order| order.number = "ladore-1".into()).unwrap();
    world.poll().await;
    // As when the operator decided between the poll's look for decisions and its taking in of the order.
    sqlx::query("update parked_orders set assigned_tenant_id = 8, resolved_at = null")
        .execute(world.pool())
        .await
        .unwrap();
    world.read_whole(id).await;
    let of_state = async |state| {
        let filter = ParkedFilter { state, ..ParkedFilter::default() };
        list(world.pool(), &filter, 0, 10).await.unwrap().items
    };
    let open = of_state(ParkedState::Open).await;
    let told: Vec<_> = open.iter().map(|row| (row.reason.as_str(), row.state.as_str())).collect();
    assert_eq!(told, [("owner_changed", "open")]);
    assert!(of_state(ParkedState::Assigned).await.is_empty());
    let health = world.sources.account_health(world.account).await.unwrap().unwrap();
    assert_eq!(health.parked, 1);

    let key = ParkedKey::checked(world.account, open[0].row_key.clone()).unwrap();
    let justification =
        Justification::checked("key:1".to_owned(), "It is Ladore's.", world.clock.now()).unwrap();
    dismiss(world.pool(), &key, &justification).await.unwrap();
    assert_eq!(of_state(ParkedState::Dismissed).await.len(), 1);
}

#[tokio::test]
async fn an_order_that_is_withheld_is_tied_to_no_paid_order() {
    let world = world_of_one_look().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    let link = asked_for(&world).await;
    assert_eq!((link.state, link.reason.as_deref()), (LinkState::NotFound, Some(SET_ASIDE)));
    assert_eq!(world.history(id).await, ["OrderDiscovered", "OrderWithheld"]);
}

#[tokio::test]
async fn an_order_that_is_withheld_and_contested_no_more_is_read_whole_before_it_is_tied() {
    let world = world_of_one_look().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    world.mintsoft.set_client(id, CLIENT).unwrap();
    assert_eq!(asked_for(&world).await.state, LinkState::Linked);
    let history = world.history(id).await;
    assert_eq!(history, ["OrderDiscovered", "OrderWithheld", "OrderReleased", "OrderLinked"]);
}

#[tokio::test]
async fn a_paid_order_whose_warehouse_order_is_withheld_is_missing_until_that_is_released() {
    let world = world_of_one_look().await;
    let id = world.order("ladore-1");
    world.poll().await;
    let link = asked_for(&world).await;
    assert_eq!(link.state, LinkState::Linked);
    // By its number it would not be found any more.
    world.mintsoft.edit(id, |order| order.number = "ladore-9".into()).unwrap();
    for _ in 0..2 {
        world.mintsoft.set_client(id, 99).unwrap();
        world.read_whole(id).await;
        world.settle().await;
        let lost = as_it_is(&world, &link).await;
        assert_eq!((lost.state, lost.reason.as_deref()), (LinkState::NotFound, Some(SET_ASIDE)));
        assert_eq!((lost.basis, lost.linked_at), (None, None));

        world.mintsoft.set_client(id, CLIENT).unwrap();
        world.read_whole(id).await;
        world.settle().await;
        let found = as_it_is(&world, &link).await;
        assert_eq!((found.state, found.reason), (LinkState::Linked, None));
        assert_eq!(found.basis, Some(LinkBasis::Host));
    }
    assert_eq!(world.history(id).await.iter().filter(|name| *name == "OrderLinked").count(), 1);
}

#[tokio::test]
async fn a_paid_order_stays_linked_where_one_of_its_parts_is_withheld_and_another_fulfils_it() {
    let world = world_of_one_look().await;
    let id =
        world.mintsoft.create_order(OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_A", 1), ("LADORE_B", 1)]));
    world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    world.poll().await;
    let link = asked_for(&world).await;
    assert_eq!(link.state, LinkState::Linked);
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    world.settle().await;
    assert_eq!(as_it_is(&world, &link).await, link);
}

/// The shop tells of the order #1, which is looked for.
async fn paid(world: &World) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Shop { platform: ShopPlatform::Shopify, external_id: "1".into() },
        name: "#1".into(),
        order_number: None,
        requested_by: "delivery:018f".into(),
    };
    let link = world.request_link(&request).await;
    world.settle().await;
    as_it_is(world, &link).await
}

#[tokio::test]
async fn an_order_that_the_host_renames_while_its_warehouse_order_is_withheld_is_linked_once_that_is_released()
 {
    let world = world_of_one_look().await;
    let id = world.order("ladore-1");
    let link = paid(&world).await;
    assert_eq!(link.state, LinkState::Linked);
    // By its number it would not be found any more.
    world.mintsoft.edit(id, |order| order.number = "ladore-9".into()).unwrap();
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    world.settle().await;
    let named = asked_for(&world).await;
    assert_eq!((named.id, named.order_id, named.state), (link.id, 501, LinkState::NotFound));
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("501"), "it hears of it all the same");
    assert!(world.row(id, "withheld_reason").await.is_some());

    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.read_whole(id).await;
    world.settle().await;
    let found = as_it_is(&world, &link).await;
    assert_eq!((found.order_id, found.state, found.basis), (501, LinkState::Linked, Some(LinkBasis::Host)));
}

#[tokio::test]
async fn links_that_were_made_to_orders_that_are_withheld_are_set_aside_by_the_migration() {
    let world = world_of_one_look().await;
    let (id, other) = (world.order("ladore-1"), world.order("ladore-2"));
    let link = asked_for(&world).await;
    world.poll().await;
    let beside = LinkRequest {
        tenant: LADORE,
        origin: Origin::Host { order_id: 502 },
        name: "#2".into(),
        order_number: None,
        requested_by: "key:1".into(),
    };
    let beside = world.request_link(&beside).await;
    world.settle().await;
    let beside = as_it_is(&world, &beside).await;
    assert_eq!((link.state, beside.state), (LinkState::Linked, LinkState::Linked));
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    // As an earlier version left it.
    world.run("delete from jobs where kind = 'seek_survivor'").await;
    let fill = include_str!("../../../migrations/20261127031100_fill_links_set_aside.sql");
    sqlx::raw_sql(fill).execute(world.database.owner_pool()).await.unwrap();
    let set_aside = as_it_is(&world, &link).await;
    assert_eq!((set_aside.state, set_aside.reason.as_deref()), (LinkState::NotFound, Some(SET_ASIDE)));
    assert_eq!(as_it_is(&world, &beside).await, beside, "{other} is nobody else's");
    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.read_whole(id).await;
    world.settle().await;
    assert_eq!(as_it_is(&world, &link).await.state, LinkState::Linked);
}

#[tokio::test]
async fn a_prefix_shows_what_intake_would_find() {
    let world = World::shared().await;
    // A `+` in a number is no merge, unless upstream says so.
    for number in ["tumi-1+2", "tumi-3"] {
        world.mintsoft.create_order(OrderSpec::of(CLIENT, number, &[("TUMI_1", 1)]));
    }
    // This one stands in another brand's history, and stays there.
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.mintsoft.edit(id, |order| order.number = "tumi-9".into()).unwrap();
    world.poll().await;
    world.read_whole(id).await;
    let found = world.sources.preview_prefix(KALLPA, "TUMI", Some(world.account)).await.unwrap();
    let mut numbers: Vec<&str> = found.items.iter().map(|one| one.mintsoft_order_number.as_str()).collect();
    numbers.sort_unstable();
    assert_eq!((found.total, numbers), (2, vec!["tumi-1+2", "tumi-3"]));
    assert_eq!(found.examined, 3);
}
