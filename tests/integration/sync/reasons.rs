//! What is told of a paid order that no warehouse order is tied to: only what is so, counted once a look.

use logistics_domain::{Command, Source};
use logistics_ledger::sandbox::{Fault, OrderSpec};
use logistics_ledger::sync::Cause;
use logistics_ledger::sync::links::{LinkState, find_link};
use logistics_ledger::tenancy::ShopPlatform;

use super::links::{Said, paid, paid_in, settled, world};
use crate::support::world::CLIENT;

const NOT_THERE: &str = "The warehouse has no order with this number yet.";
const NOT_TIED: &str = "The warehouse order of this number fulfils another shop order.";
const SET_ASIDE: &str =
    "The warehouse order of this number is set aside; the platform's staff decide about it first.";

#[tokio::test]
async fn an_order_whose_owner_is_not_settled_is_set_aside_until_it_is() {
    for (skus, doubt) in [(&[("MUG", 1)][..], "sku_disagrees"), (&[][..], "no_sku")] {
        let world = world().await;
        let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "ladore-1", skus));
        let link = settled(&world, &paid(&world, "#1", None).await).await;
        assert_eq!((link.state, link.reason.as_deref()), (LinkState::NotFound, Some(SET_ASIDE)), "{doubt}");
        assert_eq!(world.parked().await, [("ladore-1".to_owned(), doubt.to_owned())]);

        sqlx::query("update parked_orders set assigned_tenant_id = 7").execute(world.pool()).await.unwrap();
        world.read_whole(id).await;
        world.settle().await;
        let link = find_link(world.pool(), link.id).await.unwrap().unwrap();
        assert_eq!((link.state, link.reason), (LinkState::Linked, None), "{doubt}");
    }
}

#[tokio::test]
async fn an_order_that_is_gone_before_it_can_be_read_is_not_there() {
    let world = world().await;
    let id = world.order("ladore-1");
    let gone = Fault::Status { code: 404 };
    world.mintsoft.fail_next(gone, 100, Some(&format!("get /api/order/{id}")));
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    assert_eq!((link.state, link.reason.as_deref()), (LinkState::NotFound, Some(NOT_THERE)));
    assert!(world.mintsoft.count_calls(&format!("get /api/order/{id}")) > 0, "it was found");
}

#[tokio::test]
async fn an_order_that_fulfils_another_is_told_as_such_and_each_look_is_counted_once() {
    let world = world().await;
    let id = world.order("ladore-1");
    assert_eq!(settled(&world, &paid(&world, "#1", None).await).await.state, LinkState::Linked);
    let second = paid_in(&world, ShopPlatform::Woocommerce, "#1", None).await;
    let second = settled(&world, &second).await;
    assert_eq!((second.state, second.reason.as_deref()), (LinkState::NotFound, Some(NOT_TIED)));
    assert_eq!(second.attempts, 4, "as often as was looked");

    world.read_whole(id).await;
    let seen =
        "select count(*) from jobs where kind = 'link_order' and (payload->>'seen')::boolean and state = ";
    let seen = async |state: &str| {
        let counted = format!("{seen}'{state}'");
        let counted: i64 = sqlx::query_scalar(&counted).fetch_one(world.pool()).await.unwrap();
        counted
    };
    assert_eq!(seen("ready").await, 1);
    world.settle().await;
    assert_eq!(seen("ready").await, 0);
    let after = find_link(world.pool(), second.id).await.unwrap().unwrap();
    assert_eq!(after, second, "a look for an order that was seen leaves the count to the search");
}

#[tokio::test]
async fn an_order_that_it_was_untied_from_is_told_as_such() {
    let world = world().await;
    let id = world.order("ladore-1");
    let link = settled(&world, &paid(&world, "#1", None).await).await;
    let cause = Cause::own(Source::User, "job:1").at(world.clock.now());
    let undo = Said(Command::UnlinkShopOrder { order_id: link.order_id, reason: "It is of another.".into() });
    world.sources.ledger.execute(world.address(id), &undo, &cause).await.unwrap();
    let link = settled(&world, &link).await;
    assert_eq!(link.state, LinkState::NotFound);
    let undone = "The link to shop order #1 was undone before; only the host or a person makes it again.";
    assert_eq!(link.reason.as_deref(), Some(undone));
}

#[tokio::test]
async fn a_job_of_the_first_versions_is_read_as_it_was_meant() {
    for (unlinked, told) in [("true", "was linked to another shop order"), ("false", "vanished")] {
        let world = world().await;
        let link = settled(&world, &paid(&world, "#1", None).await).await;
        let payload =
            format!("{{\"tenant_id\": 7, \"order_id\": {}, \"unlinked\": {unlinked}}}", link.order_id);
        let job = "insert into jobs (kind, payload, run_at, max_attempts, retry_every, tenant_id)
                   values ('seek_survivor', $1::jsonb, now() - interval '1 minute', 11, '30 seconds', 7)";
        sqlx::query(job).bind(payload).execute(world.pool()).await.unwrap();
        assert_eq!(world.worker().run_due(1).await.unwrap(), 1);
        let open = find_link(world.pool(), link.id).await.unwrap().unwrap();
        assert_eq!(open.state, LinkState::Pending);
        assert!(open.reason.as_deref().is_some_and(|reason| reason.contains(told)), "{:?}", open.reason);
    }
}
