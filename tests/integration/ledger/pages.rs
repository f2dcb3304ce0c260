//! Pages: many orders at once, the unchanged ones without a write.

use std::sync::Arc;

use logistics_domain::{Provenance, Source, TenantId};
use logistics_ledger::ledger::{Intent, LedgerError, OrderAddress};

use super::desk::{Desk, Sight, Toggle, address, address_of, provenance, sight};

fn page(
    orders: impl Iterator<Item = i64>,
    seen: &Sight,
    source: Source,
) -> Vec<(OrderAddress, Arc<dyn Intent>, Provenance)> {
    orders
        .map(|order| (address(order), Arc::new(seen.clone()) as Arc<dyn Intent>, provenance(source)))
        .collect()
}

#[tokio::test]
async fn a_page_of_changes_is_recorded_order_by_order() {
    let desk = Desk::open().await;
    for (version, seen) in [(1, sight(0, 1)), (2, sight(10, 2)), (3, sight(20, 4))] {
        for outcome in desk.ledger.execute_page(page(1..=300, &seen, Source::Poll)).await {
            assert_eq!(outcome.unwrap().version, version);
        }
    }
    assert_eq!(desk.positions(super::desk::TENANT).await, (0..900).collect::<Vec<_>>());
    let shown = desk.count("select count(*) from logistics_orders where status_id = 4 and version = 3").await;
    assert_eq!(shown, 300);
}

#[tokio::test]
async fn an_unchanged_page_writes_nothing_at_all() {
    let desk = Desk::open().await;
    desk.ledger.execute_page(page(1..=100, &sight(0, 1), Source::Poll)).await;
    let before = desk.row_versions().await;
    for minute in [15, 30, 45] {
        for outcome in desk.ledger.execute_page(page(1..=100, &sight(minute, 1), Source::Poll)).await {
            assert_eq!(outcome.unwrap().events, []);
        }
    }
    assert_eq!(desk.row_versions().await, before);
    assert_eq!(desk.count("select count(*) from order_checks").await, 0);
}

#[tokio::test]
async fn a_reread_that_changes_nothing_is_noted_as_a_check_and_the_newest_wins() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    for minute in [30, 20, 10] {
        desk.ledger.execute(address(1), &sight(minute, 1), &provenance(Source::Refresh)).await.unwrap();
    }
    let check: (String, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("select via, asked_at from order_checks").fetch_one(desk.owner()).await.unwrap();
    assert_eq!(check, ("refresh".into(), super::desk::start() + chrono::TimeDelta::minutes(30)));

    // What was asked before the check was answered is old news, though the ledger has no event of the check.
    let late = desk.ledger.execute(address(1), &sight(25, 2), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(late.events, []);
    let fresh = desk.ledger.execute(address(1), &sight(31, 2), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(fresh.events.len(), 1);
}

#[tokio::test]
async fn a_poll_that_finds_an_order_touched_but_equal_is_noted_once() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let touched = |order: &logistics_ledger::ledger::OpenOrder| {
        let mut intended = sight(10, 1).command(order);
        if let logistics_domain::Command::Observe { observation, .. } = &mut intended.command {
            observation.observed.upstream_updated_at =
                Some(super::desk::start() + chrono::TimeDelta::minutes(9));
        }
        intended
    };
    desk.ledger.execute(address(1), &touched, &provenance(Source::Poll)).await.unwrap();
    assert_eq!(desk.count("select count(*) from order_checks").await, 1);
    let before = desk.row_versions().await;
    desk.ledger.execute(address(1), &touched, &provenance(Source::Poll)).await.unwrap();
    assert_eq!(desk.row_versions().await, before);
}

#[tokio::test]
async fn of_two_answers_of_one_moment_the_same_one_is_kept_in_whichever_order_they_come() {
    let answers = |updated: [i64; 2], hashes: [&str; 2]| {
        [0, 1].map(|at| {
            let updated = super::desk::start() + chrono::TimeDelta::minutes(updated[at]);
            (updated, hashes[at].repeat(64))
        })
    };
    for [older, newer] in [answers([8, 9], ["b", "a"]), answers([9, 9], ["a", "b"])] {
        for arriving in [[&older, &newer], [&newer, &older]] {
            let desk = Desk::open().await;
            desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
            for (updated, hash) in arriving.map(Clone::clone) {
                let answer = move |order: &logistics_ledger::ledger::OpenOrder| {
                    let mut intended = sight(10, 1).command(order);
                    if let logistics_domain::Command::Observe { observation, .. } = &mut intended.command {
                        observation.observed.upstream_updated_at = Some(updated);
                        observation.observed.raw_sha256 = Some(hash.clone());
                    }
                    intended
                };
                desk.ledger.execute(address(1), &answer, &provenance(Source::Refresh)).await.unwrap();
            }
            let kept: String = sqlx::query_scalar("select raw_sha256 from order_checks")
                .fetch_one(desk.owner())
                .await
                .unwrap();
            assert_eq!(kept, newer.1, "{arriving:?}");
        }
    }
}

#[tokio::test]
async fn who_fails_in_a_page_fails_alone_and_in_its_place() {
    let desk = Desk::open().await;
    let mut entries = page(1..=3, &sight(0, 1), Source::Poll);
    entries.insert(1, (address(99), Arc::new(Toggle), provenance(Source::User)));
    let outcomes = desk.ledger.execute_page(entries).await;
    assert!(matches!(outcomes[1], Err(LedgerError::Refused(_))), "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
}

#[tokio::test]
async fn an_order_that_stands_twice_in_a_page_is_worked_on_twice() {
    let desk = Desk::open().await;
    let mut entries = page(1..=2, &sight(0, 1), Source::Poll);
    entries.extend(page(1..=2, &sight(10, 2), Source::Poll));
    for outcome in desk.ledger.execute_page(entries).await {
        outcome.unwrap();
    }
    let shown = desk.count("select count(*) from logistics_orders where status_id = 2").await;
    assert_eq!(shown, 2);
}

#[tokio::test]
async fn a_page_may_hold_orders_of_several_tenants() {
    let desk = Desk::open().await;
    let tenants = (0..100).map(|order| TenantId(order % 7));
    let entries = (0..100)
        .zip(tenants)
        .map(|(order, tenant)| {
            let intent: Arc<dyn Intent> = Arc::new(sight(0, 1));
            (address_of(tenant, order), intent, provenance(Source::Poll))
        })
        .collect();
    for outcome in desk.ledger.execute_page(entries).await {
        outcome.unwrap();
    }
    for tenant in 0..7 {
        let positions = desk.positions(TenantId(tenant)).await;
        assert_eq!(positions, (0..i64::try_from(positions.len()).unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(desk.count("select sum(next_position)::bigint from ledger_heads").await, 100);
}
