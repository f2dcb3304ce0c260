//! Time passes, and nobody tells the ledger: what became late is noted by the look at the clock, once, and is then where
//! lists, counters and followers find it.

use chrono::TimeDelta;
use logistics_ledger::jobs::{NewJob, enqueue};
use logistics_ledger::sync::overdue::{FIND_OVERDUE, NOTE_LATE};
use serde_json::json;

use crate::support::world::{LADORE, World};

/// How many orders the counters say need attention.
const COUNTED: &str = "select coalesce(sum(c.orders), 0)::bigint from logistics_order_counted c
  join logistics_order_facets f using (tenant_id, facet)
  where c.field = 'all' and f.attention is not null";

async fn look(world: &World) {
    let mut connection = world.pool().acquire().await.unwrap();
    enqueue(&mut connection, &NewJob::due(FIND_OVERDUE, json!({}), world.clock.now())).await.unwrap();
    world.settle().await;
}

/// An order that had to leave the warehouse so many hours from now.
async fn promised(world: &World, number: &str, hours: i64) -> i64 {
    let id = world.order(number);
    let at = world.clock.now() + TimeDelta::hours(hours);
    world.mintsoft.edit(id, |order| order.required_despatch_date = Some(at)).unwrap();
    world.poll().await;
    id
}

fn missed(history: &[String]) -> usize {
    history.iter().filter(|name| *name == "PromiseMissed").count()
}

#[tokio::test]
async fn a_late_order_is_noted_once_and_needs_attention_until_the_promise_moves() {
    let world = World::shared().await;
    let late = promised(&world, "ladore-1", -50).await;
    let in_time = promised(&world, "ladore-2", 50).await;
    assert_eq!(world.row(late, "attention").await, None);
    for _ in 0..3 {
        look(&world).await;
    }
    assert_eq!(missed(&world.history(late).await), 1);
    assert_eq!(missed(&world.history(in_time).await), 0);
    assert_eq!(world.row(late, "attention").await.as_deref(), Some("late_dispatch"));
    assert_eq!(world.count(COUNTED).await, 1);
    let told = "select count(*) from events where event_type = 'PromiseMissed'
      and payload->>'promise' = 'dispatch' and metadata->>'source' = 'clock' and metadata->>'cause' like 'job:%'";
    assert_eq!(world.count(told).await, 1);

    let moved = world.clock.now() + TimeDelta::hours(50);
    world.mintsoft.edit(late, |order| order.required_despatch_date = Some(moved)).unwrap();
    world.poll().await;
    look(&world).await;
    assert_eq!(world.row(late, "attention").await, None);
    assert_eq!(world.count(COUNTED).await, 0);
    assert_eq!(missed(&world.history(late).await), 1);
}

#[tokio::test]
async fn what_the_warehouse_tells_says_more_than_that_it_is_late() {
    let world = World::shared().await;
    let id = promised(&world, "ladore-1", -50).await;
    world.mintsoft.set_status(id, 13).unwrap();
    world.poll().await;
    for _ in 0..2 {
        look(&world).await;
    }
    assert_eq!(missed(&world.history(id).await), 1, "it is noted, and is not looked at for ever");
    assert_eq!(world.row(id, "attention").await.as_deref(), Some("query_raised"));
    world.mintsoft.set_status(id, 1).unwrap();
    world.poll().await;
    assert_eq!(world.row(id, "attention").await.as_deref(), Some("late_dispatch"));
    world.mintsoft.despatch(id, None).unwrap();
    world.poll().await;
    assert_eq!(world.row(id, "attention").await, None);
}

#[tokio::test]
async fn many_late_orders_are_noted_once_each_however_many_instances_look() {
    let world = World::shared().await;
    let at = world.clock.now() - TimeDelta::hours(50);
    for number in 0..120 {
        let id = world.order(&format!("ladore-{number}"));
        world.mintsoft.edit(id, |order| order.required_delivery_date = Some(at)).unwrap();
    }
    world.poll().await;
    let mut connection = world.pool().acquire().await.unwrap();
    for _ in 0..3 {
        let job = NewJob::due(NOTE_LATE, json!({"tenant_id": LADORE}), world.clock.now());
        enqueue(&mut connection, &job).await.unwrap();
    }
    drop(connection);
    tokio::join!(world.settle(), world.settle(), world.settle());
    assert_eq!(world.count("select count(*) from events where event_type = 'PromiseMissed'").await, 120);
    assert_eq!(
        world.count("select count(*) from logistics_orders where attention = 'late_delivery'").await,
        120
    );
    assert_eq!(world.count(COUNTED).await, 120);
    assert_eq!(world.count("select count(*) from jobs where state = 'dead'").await, 0);
}
