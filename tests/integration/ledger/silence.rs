//! A database host that vanishes without a word: the ledger's tasks give up what hangs and go on with new connections.

use std::sync::Arc;
use std::time::Duration;

use logistics_domain::Source;
use logistics_ledger::ledger::{Ledger, LedgerSettings};
use logistics_ledger::postgres;
use tokio::time::{sleep, timeout};

use super::desk::{Desk, TENANT, Toggle, address, provenance, sight};
use crate::support::silence::Network;

/// Longer than every wait on the way together.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn readers_and_counters_outlive_a_network_that_swallows_everything() {
    let desk = Desk::open().await;
    let network = Network::before(&desk.database).await;
    let settings = LedgerSettings { commit_wait: Duration::from_secs(1), ..LedgerSettings::default() };
    let (ring, clock) = (Arc::clone(&desk.ring), desk.clock.clone());
    let ledger = Ledger::start(network.pool.clone(), ring, clock, settings, Arc::new(|_, _, _, _| vec![]));
    ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    // A connection waits in the pool, for the counters to be taken up over.
    postgres::ping(&network.pool).await.unwrap();
    network.swallow();

    let opened = async { while ledger.open(address(1)).await.is_err() {} };
    timeout(PATIENCE, opened).await.expect("the order is read over a new connection");
    let executed =
        async { while ledger.execute(address(1), &Toggle, &provenance(Source::User)).await.is_err() {} };
    timeout(PATIENCE, executed).await.expect("a command is committed over a new connection");
    let noted = || desk.count("select count(*) from logistics_order_count_changes");
    let taken_up = async {
        while noted().await > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, taken_up).await.expect("the counters are taken up over a new connection");
    timeout(PATIENCE, ledger.stop()).await.expect("the ledger stops");
}

#[tokio::test]
async fn a_tenants_reader_outlives_it_too() {
    let desk = Desk::open().await;
    let network = Network::before(&desk.database).await;
    let reader = postgres::Reader::beside(&network.pool);
    drop(reader.of(TENANT).await.unwrap());
    // Given back.
    while reader.usage().idle == 0 {
        tokio::task::yield_now().await;
    }
    network.swallow();
    let answered = async { while reader.of(TENANT).await.is_err() {} };
    timeout(PATIENCE, answered).await.expect("the next connection is a new one");
}
