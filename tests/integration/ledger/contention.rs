//! Many commands on few orders, from several instances: conflicts are retried and end right.

use std::sync::Arc;

use futures_util::future::join_all;
use logistics_domain::{Source, TenantId};

use super::desk::{Desk, Toggle, address, provenance, sight};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_on_one_order_from_two_instances_all_count_once() {
    let desk = Arc::new(Desk::open().await);
    let other = desk.another_instance();
    for order in 1..=4 {
        desk.ledger.execute(address(order), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    }
    let tasks = (0..80).map(|task| {
        let ledger = if task % 2 == 0 { desk.ledger.clone() } else { other.clone() };
        tokio::spawn(async move {
            let user = provenance(Source::User);
            let mut positions = vec![];
            for round in 0..5 {
                let committed =
                    ledger.execute(address((task + round) % 4 + 1), &Toggle, &user).await.unwrap();
                assert_eq!(committed.events.len(), 1);
                positions.extend(committed.positions);
            }
            positions
        })
    });
    let mut told: Vec<i64> = join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    told.sort_unstable();
    assert_eq!(told, (4..404).collect::<Vec<_>>(), "each command is told a position of its own");
    assert_eq!(desk.positions(TenantId(7)).await, (0..404).collect::<Vec<_>>());
    let stale = desk
        .count(
            "select count(*) from logistics_orders o join (
               select aggregate_id, max(sequence) as version from events group by 1) e on e.aggregate_id = o.id::text
             where o.version <> e.version",
        )
        .await;
    assert_eq!(stale, 0);
}
