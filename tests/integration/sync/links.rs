//! A paid shop order is looked for in the warehouse, and tied to what is found.

use futures_util::future::join;
use logistics_domain::order::Replaces;
use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::{Command, Source};
use logistics_ledger::ledger::{Intended, Intent, OpenOrder};
use logistics_ledger::sandbox::{Fault, SandboxSettings};
use logistics_ledger::sync::links::{LinkRequest, LinkRow, LinkState, Origin, find_link, request_link};
use logistics_ledger::sync::{Cause, SyncSettings};
use logistics_ledger::tenancy::ShopPlatform;

use crate::support::bar::Bar;
use crate::support::world::{LADORE, World, quick_links};

pub(super) async fn world() -> World {
    let settings = SyncSettings { links: quick_links(4), ..SyncSettings::default() };
    World::with(settings, SandboxSettings::default()).await
}

pub(super) async fn paid(world: &World, name: &str, order_number: Option<&str>) -> LinkRow {
    paid_in(world, ShopPlatform::Shopify, name, order_number).await
}

impl World {
    /// Asks for a link, as a delivery or the host does.
    pub async fn request_link(&self, request: &LinkRequest) -> LinkRow {
        let mut transaction = self.pool().begin().await.unwrap();
        let (links, now) = (&self.sources.settings.links, self.clock.now());
        let link = request_link(&mut transaction, request, links, now).await.unwrap();
        transaction.commit().await.unwrap();
        link
    }
}

pub(super) async fn paid_in(
    world: &World,
    platform: ShopPlatform,
    name: &str,
    order_number: Option<&str>,
) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Shop { platform, external_id: format!("id-of-{name}") },
        name: name.into(),
        order_number: order_number.map(str::to_owned),
        requested_by: "delivery:018f".into(),
    };
    world.request_link(&request).await
}

/// Does jobs until the link is settled.
pub(super) async fn settled(world: &World, link: &LinkRow) -> LinkRow {
    for _ in 0..200 {
        world.settle().await;
        let now = find_link(world.pool(), link.id).await.unwrap().unwrap();
        if now.state != LinkState::Pending {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the link is never settled");
}

#[tokio::test]
async fn a_paid_order_is_found_upstream_and_tied_before_any_poll() {
    let world = world().await;
    let id = world.order("ladore-1001");
    let link = settled(&world, &paid(&world, "#1001", Some("1001")).await).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1001"));
    assert_eq!(world.row(id, "link_basis").await.as_deref(), Some("name"));
    assert_eq!(world.row(id, "order_id").await, Some(link.order_id.to_string()));
    assert_eq!(world.history(id).await, ["OrderDiscovered", "OrderLinked"]);
}

#[tokio::test]
async fn a_wilder_name_is_found_by_its_order_number_and_never_by_its_digits() {
    let world = world().await;
    let (right, wrong) = (world.order("ladore-1166"), world.order("ladore-116601"));
    let link = settled(&world, &paid(&world, "#1166X01", Some("1166")).await).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(right, "link_basis").await.as_deref(), Some("order_number"));
    assert_eq!(world.row(wrong, "order_id").await, None);
}

#[tokio::test]
async fn an_order_that_is_not_there_in_time_is_listed_and_a_later_poll_still_links_it() {
    let world = world().await;
    let link = settled(&world, &paid(&world, "#1001", None).await).await;
    assert_eq!((link.state, link.attempts), (LinkState::NotFound, 4));
    assert!(link.reason.is_some());
    assert_eq!(world.count("select count(*) from jobs where state = 'dead'").await, 0, "it is an answer");
    let id = world.order("ladore-1001");
    world.poll().await;
    assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1001"));
    let link = find_link(world.pool(), link.id).await.unwrap().unwrap();
    assert_eq!(link.state, LinkState::Linked);
}

#[tokio::test]
async fn two_orders_of_one_number_are_ambiguous_and_none_is_chosen() {
    let world = world().await;
    let twins = [world.order("ladore-1"), world.order("ladore-1")];
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    assert!(link.reason.is_some_and(|reason| reason.contains("Several")));
    for id in twins {
        assert_eq!(world.row(id, "order_id").await, None);
    }
}

#[tokio::test]
async fn a_copy_is_never_tied_by_itself() {
    let world = world().await;
    let id = world.order("ladore-1");
    let copy = world.mintsoft.copy(id).unwrap();
    settled(&world, &paid(&world, "#1", None).await).await;
    world.poll().await;
    assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1"));
    assert_eq!(world.row(copy, "order_id").await, None);
}

#[tokio::test]
async fn the_survivor_of_a_merge_is_found_for_what_it_absorbed() {
    let world = world().await;
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.mintsoft.merge(kept, gone).unwrap();
    let link = settled(&world, &paid(&world, "#2", None).await).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(kept, "shop_order_name").await.as_deref(), Some("#2"));
}

#[tokio::test]
async fn another_brands_order_of_the_same_number_is_not_taken() {
    use logistics_ledger::sandbox::OrderSpec;
    let world = world().await;
    world.mintsoft.create_order(OrderSpec::of(5, "ladore-1", &[("NORTHWIND_1", 1)]));
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    assert_eq!(link.reason.as_deref(), Some("The warehouse has no order with this number yet."));
    assert_eq!(world.count("select count(*) from logistics_orders").await, 0);
    assert_eq!(world.parked().await, [], "a search parks nothing of others");
}

#[tokio::test]
async fn the_brands_own_order_is_found_beside_anothers_of_the_same_number() {
    use logistics_ledger::sandbox::OrderSpec;
    let world = world().await;
    world.mintsoft.create_order(OrderSpec::of(5, "ladore-1", &[("NORTHWIND_1", 1)]));
    let own = world.order("ladore-1");
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(own, "shop_order_name").await.as_deref(), Some("#1"));
    assert_eq!(world.count("select count(*) from logistics_orders").await, 1);
}

#[tokio::test]
async fn a_warehouse_that_is_down_for_a_while_costs_a_link_nothing() {
    let world = world().await;
    let id = world.order("ladore-1");
    world.mintsoft.fail_next(Fault::HtmlBadGateway, 3, None);
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1"));
}

#[tokio::test]
async fn a_linked_order_that_is_merged_away_gives_its_shop_order_to_the_survivor() {
    let world = world().await;
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    let link = settled(&world, &paid(&world, "#2", None).await).await;
    world.mintsoft.merge(kept, gone).unwrap();
    world.read_whole(gone).await;
    let link = settled(&world, &link).await;
    assert_eq!(link.state, LinkState::Linked);
    assert_eq!(world.row(kept, "shop_order_name").await.as_deref(), Some("#2"));
}

/// The host says which order it means by a name.
pub(super) async fn said_by_host(world: &World, order_id: i64, name: &str) -> LinkRow {
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Host { order_id },
        name: name.into(),
        order_number: None,
        requested_by: "key:1".into(),
    };
    world.request_link(&request).await
}

/// The shop orders that an order fulfils, the first one first.
pub(super) async fn fulfilled(world: &World, id: i64) -> Vec<String> {
    let names = "select array_remove(array[shop_order_name]
                   || array(select jsonb_path_query(order_data_json::jsonb, '$.also_fulfils[*].name') #>> '{}'), null)
                 from logistics_orders where id = $1";
    sqlx::query_scalar(names).bind(world.stream(id).0).fetch_one(world.pool()).await.unwrap()
}

/// Two orders that fulfil the shop orders #1 and #2, the second one merged into the first.
async fn merge_of_two_linked(world: &World, links: [LinkRow; 2]) -> i64 {
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    for link in &links {
        assert_eq!(settled(world, link).await.state, LinkState::Linked);
    }
    world.mintsoft.merge(kept, gone).unwrap();
    world.read_whole(gone).await;
    assert_eq!(settled(world, &links[1]).await.state, LinkState::Linked);
    assert_eq!(settled(world, &links[0]).await.state, LinkState::Linked);
    assert_eq!(fulfilled(world, kept).await, ["#1", "#2"]);
    let searched = "select count(*) from logistics_order_searches where search_text like '%#1%#2%'";
    assert_eq!(world.count(searched).await, 1, "whoever looks for either of them finds the survivor");
    assert!(!world.history(kept).await.contains(&"OrderUnlinked".to_owned()));
    world.poll().await;
    let looks = "select count(*) from jobs where kind = 'link_order' and state in ('ready', 'running')";
    assert_eq!(world.count(looks).await, 0, "nobody looks on");
    kept
}

#[tokio::test]
async fn two_orders_that_a_full_survivor_has_no_room_for_are_looked_for_once_a_sighting() {
    let world = world().await;
    let links = [paid(&world, "#1", None).await, paid(&world, "#2", None).await];
    let survivor = merge_of_two_linked(&world, links).await;
    for name in ["#1", "#2"] {
        let link = paid_in(&world, ShopPlatform::Woocommerce, name, None).await;
        assert_eq!(settled(&world, &link).await.state, LinkState::NotFound);
    }
    world.settle().await;
    world.read_whole(survivor).await;
    assert_eq!(world.worker().run_due(10).await.unwrap(), 2, "a look for each, which asks for no other");
}

#[tokio::test]
async fn the_survivor_of_two_linked_orders_fulfils_both_shop_orders() {
    let world = world().await;
    let links = [paid(&world, "#1", None).await, paid(&world, "#2", None).await];
    merge_of_two_linked(&world, links).await;
}

#[tokio::test]
async fn an_order_that_the_host_named_takes_none_from_the_survivor_that_it_was_merged_into() {
    let world = world().await;
    let links = [paid(&world, "#1", None).await, said_by_host(&world, 502, "#2").await];
    merge_of_two_linked(&world, links).await;
}

#[tokio::test]
async fn a_reopened_search_for_an_order_that_the_host_named_takes_it_from_no_other() {
    let world = world().await;
    let id = world.order("ladore-1");
    let first = settled(&world, &said_by_host(&world, 501, "#1").await).await;
    let second = said_by_host(&world, 502, "#1").await;
    assert_eq!(settled(&world, &second).await.state, LinkState::Linked);
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("502"), "the host's word replaces a link");
    let displaced = settled(&world, &first).await;
    assert_eq!(displaced.state, LinkState::NotFound, "it is paid, and not in the warehouse");
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("502"));
}

/// A person's command.
pub(super) struct Said(pub(super) Command);

impl Intent for Said {
    fn command(&self, _order: &OpenOrder) -> Intended {
        self.0.clone().into()
    }
}

#[tokio::test]
async fn a_find_that_meets_the_hosts_call_is_tied_under_the_hosts_id() {
    let world = world().await;
    let id = world.order("ladore-1");
    let link = paid(&world, "#1", None).await;
    // The host's call comes between the order being tied and the link being told.
    for sql in [
        "create function named_by_host() returns trigger language plpgsql as $$ begin
           with moved as (update shop_links set order_id = 501, from_host = true where order_id >= 1000000000)
           update orders set id = 501 where id >= 1000000000;
           return null; end $$",
        "create trigger named_by_host after insert on events for each row when (new.event_type = 'OrderLinked')
           execute function named_by_host()",
    ] {
        sqlx::query(sql).execute(world.database.owner_pool()).await.unwrap();
    }
    let link = settled(&world, &link).await;
    assert_eq!((link.state, link.order_id), (LinkState::Linked, 501));
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("501"));
}

#[tokio::test]
async fn an_order_that_the_host_names_while_it_is_looked_for_is_tied_anew_whatever_found_it() {
    let world = world().await;
    let id = world.order("ladore-1");
    world.poll().await;
    let link = paid(&world, "#1", None).await;
    let shop_order = ShopOrder { order_id: link.order_id, name: "#1".into() };
    let (basis, replaces) = (LinkBasis::Name, Replaces::Nothing);
    let command = Command::LinkShopOrder { shop_order, basis, replaces };
    let cause = Cause::own(Source::Poll, "job:1").at(world.clock.now());
    // The search was killed between the two.
    world.sources.ledger.execute(world.address(id), &Said(command), &cause).await.unwrap();
    said_by_host(&world, 501, "#1").await;
    let link = settled(&world, &link).await;
    assert_eq!((link.state, link.order_id), (LinkState::Linked, 501));
    assert_eq!(world.row(id, "order_id").await.as_deref(), Some("501"));
}

#[tokio::test]
async fn a_look_for_an_order_that_was_seen_is_made_again_where_the_database_went_away_under_it() {
    let world = world().await;
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!(link.state, LinkState::NotFound);
    let id = world.order("ladore-1");
    world.read_whole(id).await;
    let bar = Bar::before(&world.database, "logistics_config").await;
    let worker = world.worker();
    let cut = async {
        bar.is_reached().await;
        let standing =
            "select count(pg_terminate_backend(pid)) from pg_locks join pg_database d on d.oid = database
                        where datname = current_database() and locktype = 'advisory' and not granted";
        sqlx::query(standing).execute(world.database.owner_pool()).await.unwrap();
        bar.lift().await;
    };
    let (ran, ()) = join(worker.run_due(1), cut).await;
    assert_eq!(ran.unwrap(), 1);
    let state = "select state from jobs where kind = 'link_order' and payload->>'seen' = 'true'";
    let state: String = sqlx::query_scalar(state).fetch_one(world.pool()).await.unwrap();
    assert_eq!(state, "ready", "it is tried again");
    let now = find_link(world.pool(), link.id).await.unwrap().unwrap();
    assert_eq!(
        (now.attempts, now.reason),
        (link.attempts, link.reason),
        "the warehouse is not blamed for it"
    );
    sqlx::query("update jobs set run_at = now() where state = 'ready'").execute(world.pool()).await.unwrap();
    world.settle().await;
    assert_eq!(world.row(id, "shop_order_name").await.as_deref(), Some("#1"));
}
