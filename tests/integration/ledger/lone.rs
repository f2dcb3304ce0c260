//! Commands that run alone, and what a connection remembers of what it committed.

use std::time::Duration;

use logistics_domain::Source;
use tokio::time::timeout;

use super::desk::{Desk, TENANT, Toggle, address, provenance, sight};

#[tokio::test]
async fn a_caller_that_gives_up_at_any_moment_spoils_nothing_for_the_next_one() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let (user, mut given_up) = (provenance(Source::User), 0);
    for after in (0..120).map(|step| Duration::from_micros(step * 40)) {
        let toggled = desk.ledger.execute(address(1), &Toggle, &user);
        given_up += u32::from(timeout(after, toggled).await.is_err());
    }
    assert!(given_up > 0, "some were cut off");
    let last = desk.ledger.execute(address(1), &Toggle, &user).await.unwrap();
    let positions = desk.positions(TENANT).await;
    assert_eq!(
        positions,
        (0..last.version).collect::<Vec<_>>(),
        "whatever was committed stands in its place"
    );
    let behind = "select count(*) from logistics_orders o where o.version <>
                    (select max(sequence) from events e where e.aggregate_id = o.id::text)";
    assert_eq!(desk.count(behind).await, 0);
}

#[tokio::test]
async fn what_facets_stand_for_is_told_once_a_connection_and_again_over_a_new_one() {
    let desk = Desk::open().await;
    let told = "select count(*) from logistics_order_facets";
    let of_known_facets =
        "select count(*) from logistics_orders join logistics_order_facets using (tenant_id, facet)";
    for order in 1..=3 {
        desk.ledger.execute(address(order), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    }
    assert_eq!((desk.count(told).await, desk.count(of_known_facets).await), (1, 3));

    // A server that was restored knows less, and all its connections are new ones.
    let forgotten = "delete from logistics_order_facets";
    sqlx::query(forgotten).execute(desk.owner()).await.unwrap();
    let ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and query like 'with heads %'";
    assert!(desk.count(ended).await > 0);
    let later = provenance(Source::Poll);
    while desk.ledger.execute(address(4), &sight(0, 1), &later).await.is_err() {}
    assert_eq!((desk.count(told).await, desk.count(of_known_facets).await), (1, 4));
}
