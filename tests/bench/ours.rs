//! The ledger under measurement, with everything that it does in a commit.

use std::sync::Arc;

use logistics_domain::{Command, Provenance};
use logistics_ledger::clock::Clock;
use logistics_ledger::ledger::{
    Intended, Intent, Ledger, LedgerSettings, OpenOrder, OrderAddress, RawPayload,
};
use logistics_ledger::secrets::KeyRing;
use sqlx::PgPool;

use crate::database::TestDatabase;
use crate::orders::{HISTORY, address, observe, provenance};

/// About the size of an order as upstream sends it, in bytes.
const RAW_BYTES: usize = 1500;

/// A ledger on a database of its own.
pub struct Ours {
    pub ledger: Ledger,
    pub database: TestDatabase,
}

impl Ours {
    /// A ledger in which each of `orders` has its history, and which wrote it.
    pub async fn with_orders(orders: usize) -> Self {
        Self::with_room(orders, LedgerSettings::default().order_cache_bytes_max).await
    }

    /// The same without room for orders at hand: it reads each order whole.
    pub async fn that_forgets(orders: usize) -> Self {
        Self::with_room(orders, 0).await
    }

    async fn with_room(orders: usize, order_cache_bytes_max: u64) -> Self {
        let database = TestDatabase::create_with(16).await;
        let ring: KeyRing = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".parse().unwrap();
        let ledger = Ledger::start(
            database.pool().clone(),
            Arc::new(ring),
            Clock::system(),
            LedgerSettings { order_cache_bytes_max, ..LedgerSettings::default() },
            Arc::new(|_, _, _, _| vec![]),
        );
        let ours = Self { ledger, database };
        for step in 0..HISTORY {
            let numbers: Vec<usize> = (0..orders).collect();
            for page in numbers.chunks(250) {
                ours.poll(page, step, step).await;
            }
        }
        sqlx::query("vacuum analyze").execute(ours.owner()).await.unwrap();
        ours
    }

    /// Has the server write what all set-ups left to be written: its next checkpoint would fall upon whoever is measured just
    /// then.
    pub async fn settle(&self) {
        sqlx::query("checkpoint").execute(self.owner()).await.unwrap();
    }

    pub fn owner(&self) -> &PgPool {
        self.database.owner_pool()
    }

    /// One command: the `HISTORY`th answer.
    pub async fn command(ledger: Ledger, number: usize) {
        let entry = entry(number, HISTORY, HISTORY);
        let committed = ledger.execute(entry.0, entry.1.as_ref(), &entry.2).await.unwrap();
        assert_eq!(committed.version, HISTORY + 1);
    }

    /// A page of answers; tells how many events came of it.
    pub async fn poll(&self, page: &[usize], step: i64, asked: i64) -> usize {
        let entries = page.iter().map(|number| entry(*number, step, asked)).collect();
        let outcomes = self.ledger.execute_page(entries).await;
        outcomes.into_iter().map(|outcome| outcome.unwrap().events.len()).sum()
    }
}

fn entry(number: usize, step: i64, asked: i64) -> (OrderAddress, Arc<dyn Intent>, Provenance) {
    let command = observe(number, step, asked);
    (address(number), Arc::new(Answer { command }), provenance(asked))
}

/// An answer of upstream, with its bytes.
struct Answer {
    command: Command,
}

impl Intent for Answer {
    fn command(&self, _order: &OpenOrder) -> Intended {
        let raw = RawPayload {
            sha256_hex: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            bytes: vec![b'x'; RAW_BYTES],
        };
        Intended { command: self.command.clone(), recipient: None, raw: Some(raw), jobs: vec![] }
    }
}
