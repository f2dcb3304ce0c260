//! Which order a shipment is of is kept by several readers of one account at once, and none waits for another in a circle.

use sqlx::{Connection, PgConnection};

use crate::support::world::World;

const RECORDED: &str = "select count(*) from logistics_tracking_events";

impl World {
    /// Orders that have left, with their shipments, and whose scans nobody has read.
    async fn underway(&self, orders: usize) -> Vec<(i64, i64)> {
        let shipped = (1..=orders).map(|number| {
            let (id, tracking) = (self.order(&format!("ladore-{number}")), format!("JD{number}"));
            self.mintsoft.despatch(id, Some(&tracking)).unwrap();
            (self.mintsoft.add_shipment(id, &tracking, true).unwrap(), id)
        });
        let shipped: Vec<(i64, i64)> = shipped.collect();
        self.poll().await;
        for (_, id) in &shipped {
            self.mintsoft.add_tracking_event(*id, "InTransit").unwrap();
        }
        shipped
    }

    /// Keeps that a shipment is of an order, as another reader does.
    async fn keep_shipment(&self, reader: &mut PgConnection, (shipment, order): (i64, i64)) {
        sqlx::query(
            "insert into known_shipments (account_id, shipment_id, mintsoft_order_id) values ($1, $2, $3)",
        )
        .bind(self.account.0)
        .bind(shipment)
        .bind(order)
        .execute(reader)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn shipments_that_are_kept_already_wait_for_nobody() {
    let world = World::shared().await;
    let shipped = world.underway(2).await;
    world.run("delete from known_shipments").await;
    let mut reader = world.pool().acquire().await.unwrap();
    for told in &shipped {
        world.keep_shipment(&mut reader, *told).await;
    }
    let mut other = reader.begin().await.unwrap();
    sqlx::query("select from known_shipments for update").execute(&mut *other).await.unwrap();
    assert_eq!((world.poll().await.state.as_str(), world.count(RECORDED).await), ("done", 2));
}

#[tokio::test]
async fn two_who_keep_the_same_shipments_come_one_after_the_other() {
    let world = World::shared().await;
    let mut shipped = world.underway(20).await;
    shipped.sort_unstable();
    world.run("delete from known_shipments").await;
    let mut reader = world.pool().acquire().await.unwrap();
    let mut other = reader.begin().await.unwrap();
    world.keep_shipment(&mut other, shipped[0]).await;
    let (run, ()) = tokio::join!(world.poll(), async {
        world.somebody_waits().await;
        // It waits at the first of them, and holds none of the others.
        for told in &shipped[1..] {
            world.keep_shipment(&mut other, *told).await;
        }
        other.commit().await.unwrap();
    });
    assert_eq!((run.state.as_str(), world.count(RECORDED).await), ("done", 20));
}
