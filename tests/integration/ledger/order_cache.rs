//! The cache of orders: only what is new of them is read, and a history that is another one than before is believed.

use logistics_domain::{OrderEvent, Source};
use logistics_ledger::ledger::{Ledger, LedgerError, LedgerSettings};
use sqlx::Executor;

use super::desk::{Desk, Toggle, address, provenance, sight};

/// Changes what must never change, as a disk, a restored backup or a standby might.
async fn tamper(desk: &Desk, sql: &str) {
    let mut owner = desk.owner().acquire().await.unwrap();
    owner.execute("set session_replication_role = replica").await.unwrap();
    assert!(owner.execute(sql).await.unwrap().rows_affected() > 0, "{sql}");
    owner.execute("reset session_replication_role").await.unwrap();
}

#[tokio::test]
async fn of_a_cached_order_only_what_is_new_is_read() {
    let desk = Desk::open().await;
    let user = provenance(Source::User);
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    desk.ledger.execute(address(1), &Toggle, &user).await.unwrap();
    let other = desk.another_instance();
    other.execute(address(1), &Toggle, &user).await.unwrap();

    tamper(&desk, "update events set payload = '{}' where sequence = 1").await;
    let third = desk.ledger.execute(address(1), &Toggle, &user).await.unwrap();
    assert_eq!(third.version, 4, "what another instance wrote was read");
    assert!(matches!(third.events[..], [OrderEvent::OrderWithheld { .. }]));
    let afresh = desk.another_instance().execute(address(1), &Toggle, &user).await;
    assert!(matches!(afresh, Err(LedgerError::Corrupt { .. })), "{afresh:?}");
}

#[tokio::test]
async fn a_server_that_lost_its_last_commits_is_believed() {
    let desk = Desk::open().await;
    let (user, poll) = (provenance(Source::User), provenance(Source::Poll));
    for order in 1..=2 {
        desk.ledger.execute(address(order), &sight(0, 1), &poll).await.unwrap();
        desk.ledger.execute(address(order), &Toggle, &user).await.unwrap();
    }
    tamper(&desk, "delete from events where sequence = 2").await;
    tamper(&desk, "update logistics_orders set version = 1").await;

    let lost = desk.ledger.execute(address(1), &Toggle, &user).await.unwrap();
    assert_eq!(lost.version, 2);
    assert!(matches!(lost.events[..], [OrderEvent::OrderWithheld { .. }]), "it was not, any more");

    // Somebody else was the first to write after it.
    let other = desk.another_instance();
    assert_eq!(other.execute(address(2), &sight(1, 2), &poll).await.unwrap().version, 2);
    let replaced = desk.ledger.execute(address(2), &Toggle, &user).await.unwrap();
    assert_eq!(replaced.version, 3);
    assert!(matches!(replaced.events[..], [OrderEvent::OrderWithheld { .. }]), "it never was");
}

#[tokio::test]
async fn without_room_for_any_every_order_is_read_whole() {
    let desk = Desk::open().await;
    let settings = LedgerSettings { order_cache_bytes_max: 0, ..LedgerSettings::default() };
    let (pool, ring) = (desk.database.pool().clone(), desk.ring.clone());
    let ledger =
        Ledger::start(pool, ring, desk.clock.clone(), settings, std::sync::Arc::new(|_, _, _, _| vec![]));
    ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    for version in 2..=4 {
        let toggled = ledger.execute(address(1), &Toggle, &provenance(Source::User)).await.unwrap();
        assert_eq!(toggled.version, version);
    }
    tamper(&desk, "update events set payload = '{}' where sequence = 1").await;
    let refused = ledger.execute(address(1), &Toggle, &provenance(Source::User)).await;
    assert!(matches!(refused, Err(LedgerError::Corrupt { .. })), "{refused:?}");
}
