//! Runs one case with all callers for a while, over HTTP or as SQL, and takes the measure of it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgPool};

use crate::cases::Case;
use crate::database::TestDatabase;
use crate::http::Site;
use crate::{CLIENTS, report};

/// What was measured.
pub struct Measured {
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub per_second: f64,
}

impl Measured {
    /// For a table.
    pub fn told(&self) -> [String; 3] {
        [format!("{:.1}", self.p50_ms), format!("{:.1}", self.p99_ms), report::number(self.per_second)]
    }
}

/// The case over HTTP.
pub async fn over_http(site: &Site, case: &Case, each: Duration) -> Measured {
    let callers = (0..CLIENTS).map(|caller| {
        let (site, case) = (site.clone(), case.clone());
        tokio::spawn(async move {
            let mut connection = site.caller().await;
            let mut taken = Vec::new();
            let (mut number, begun) = (caller, Instant::now());
            while begun.elapsed() < each {
                let path = (case.path)(number);
                let asked = Instant::now();
                connection.get(&path).await;
                taken.push(asked.elapsed());
                number += CLIENTS;
            }
            taken
        })
    });
    let begun = Instant::now();
    let taken = join_all(callers).await.into_iter().flat_map(Result::unwrap).collect();
    measured(taken, begun.elapsed())
}

/// The same question straight to the database, under the role and the limits of readers; none where it is asked in no plain SQL.
pub async fn as_sql(database: &TestDatabase, case: &Case, each: Duration) -> Option<Measured> {
    if (case.sql)(0).is_empty() {
        return None;
    }
    let pool = pool(database).await;
    let callers = (0..CLIENTS).map(|caller| {
        let (pool, case) = (pool.clone(), case.clone());
        tokio::spawn(async move {
            let mut taken = Vec::new();
            let (mut number, begun) = (caller, Instant::now());
            while begun.elapsed() < each {
                let asked = Instant::now();
                let mut connection = pool.acquire().await.unwrap();
                for (sql, value) in (case.sql)(number) {
                    sqlx::query(sql).bind(value).fetch_all(&mut *connection).await.unwrap();
                }
                drop(connection);
                taken.push(asked.elapsed());
                number += CLIENTS;
            }
            taken
        })
    });
    let begun = Instant::now();
    let taken = join_all(callers).await.into_iter().flat_map(Result::unwrap).collect();
    Some(measured(taken, begun.elapsed()))
}

async fn pool(database: &TestDatabase) -> PgPool {
    PgPoolOptions::new()
        .max_connections(16)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection
                    .execute("set role ledger_reader; set ledger.tenant = '7'; set jit = off")
                    .await
                    .map(drop)
            })
        })
        .connect(database.url())
        .await
        .unwrap()
}

fn measured(mut taken: Vec<Duration>, whole: Duration) -> Measured {
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() * share / 100).min(taken.len() - 1)].as_secs_f64() * 1000.0;
    let count = f64::from(u32::try_from(taken.len()).unwrap());
    Measured { p50_ms: at(50), p99_ms: at(99), per_second: count / whole.as_secs_f64() }
}
