//! Keys that many show at once are looked up together, and each is answered for itself.

use std::pin::pin;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use logistics_ledger::access::{
    AccessError, Credential, IssuedKey, KeyRequest, Proofs, Role, authenticate, issue_key, revoke_key,
};
use logistics_ledger::clock::Clock;
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::time::timeout;
use uuid::Uuid;

use super::world::start;
use crate::support::bar::Bar;
use crate::support::database::TestDatabase;
use crate::support::service::until;
use crate::support::silence::Network;

/// A database with room for one connection or more, and what those who show keys share.
struct Shared {
    database: TestDatabase,
    proofs: Proofs,
    clock: Clock,
}

impl Shared {
    async fn open() -> Self {
        Self::open_with(1).await
    }

    async fn open_with(connections: u32) -> Self {
        let database = TestDatabase::create_with(connections).await;
        Self { database, proofs: Proofs::default(), clock: Clock::manual(start()) }
    }

    async fn key(&self, days: i64) -> IssuedKey {
        let now = self.clock.now();
        let request = KeyRequest {
            tenant: None,
            role: Role::Superadmin,
            label: String::new(),
            expires_at: Some(now + TimeDelta::days(days)),
        };
        issue_key(self.database.pool(), &request, now).await.unwrap()
    }

    /// Whose key it is, or none.
    async fn shown(&self, key: &str) -> Result<Uuid, AccessError> {
        self.shown_over(self.database.pool(), key).await
    }

    async fn shown_over(&self, pool: &PgPool, key: &str) -> Result<Uuid, AccessError> {
        let asked = authenticate(pool, &self.proofs, Credential::Key(key), self.clock.now());
        asked.await.map(|principal| principal.id())
    }

    /// How many statements have looked for keys.
    async fn statements(&self) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(generic_plans + custom_plans), 0)::bigint from pg_prepared_statements \
             where statement like '%from api_keys%key_hash = any%' and statement not like '%prepared%'",
        )
        .fetch_one(self.database.pool())
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn many_at_once_are_answered_by_few_statements_each_for_itself() {
    let shared = Shared::open().await;
    let (one, two, short) = (shared.key(9).await, shared.key(9).await, shared.key(1).await);
    shared.clock.advance(TimeDelta::days(2));
    let shown = [one.text.as_str(), &two.text, &short.text, "llk_unknown"];
    let answers = join_all((0..200).map(|number| shared.shown(shown[number % 4]))).await;
    for (number, answer) in answers.into_iter().enumerate() {
        match number % 4 {
            0 => assert_eq!(answer.unwrap(), one.id),
            1 => assert_eq!(answer.unwrap(), two.id),
            _ => assert!(matches!(answer, Err(AccessError::InvalidKey)), "{number}"),
        }
    }
    let statements = shared.statements().await;
    assert!((1..=20).contains(&statements), "{statements}");
}

#[tokio::test]
async fn a_key_that_was_revoked_opens_nothing_to_whoever_asks_from_then_on() {
    let shared = Shared::open().await;
    let key = shared.key(9).await;
    for _ in 0..3 {
        assert_eq!(shared.shown(&key.text).await.unwrap(), key.id);
    }
    assert!(revoke_key(shared.database.pool(), key.id, shared.clock.now()).await.unwrap());
    assert!(matches!(shared.shown(&key.text).await, Err(AccessError::InvalidKey)));
}

#[tokio::test]
async fn a_key_that_is_revoked_while_a_statement_is_under_way_opens_nothing_to_whoever_asks_then() {
    let shared = Shared::open_with(2).await;
    let key = shared.key(9).await;
    let bar = Bar::before(&shared.database, "api_keys").await;
    let mut early = pin!(shared.shown(&key.text));
    assert!(early.as_mut().now_or_never().is_none());
    bar.is_reached().await;
    assert!(revoke_key(shared.database.owner_pool(), key.id, shared.clock.now()).await.unwrap());
    let mut late = pin!(shared.shown(&key.text));
    assert!(late.as_mut().now_or_never().is_none());
    bar.lift().await;
    let (early, late) = join(early, late).await;
    assert_eq!(early.unwrap(), key.id, "its statement had begun");
    assert!(matches!(late, Err(AccessError::InvalidKey)), "{late:?}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_fails_only_those_who_asked_over_it() {
    let shared = Shared::open().await;
    let key = shared.key(9).await;
    let network = Network::before(&shared.database).await;
    assert_eq!(shared.shown_over(&network.pool, &key.text).await.unwrap(), key.id);
    until("the connection is free again", async || network.pool.num_idle() == 1).await;
    network.swallow();
    let unknown: Vec<String> = (0..99).map(|number| format!("{}{number}", key.text)).collect();
    let all = unknown.iter().chain([&key.text]).map(|text| shared.shown_over(&network.pool, text));
    let answers = timeout(Duration::from_secs(15), join_all(all)).await.expect("each hears of it");
    let silent = |answer: &Result<Uuid, AccessError>| {
        matches!(answer, Err(AccessError::Database(sqlx::Error::PoolTimedOut)))
    };
    let (failed, told): (Vec<_>, Vec<_>) = answers.into_iter().partition(silent);
    assert_eq!((failed.len(), told.len()), (64, 36), "those of one statement fail");
    let unknown = told.iter().filter(|answer| matches!(answer, Err(AccessError::InvalidKey))).count();
    assert_eq!((unknown, told[35].as_ref().ok()), (35, Some(&key.id)), "{told:?}");

    // However many show the same key, they are one question.
    let statements = shared.statements().await;
    let same = join_all((0..200).map(|_| shared.shown(&key.text))).await;
    assert!(same.iter().all(|answer| answer.as_ref().is_ok_and(|id| *id == key.id)));
    assert!(shared.statements().await - statements <= 2);
}

#[tokio::test]
async fn who_asked_first_may_go_away_and_a_failure_leaves_nobody_waiting() {
    let shared = Shared::open().await;
    let key = shared.key(9).await;
    until("the connection is free again", async || shared.database.pool().num_idle() == 1).await;
    let at_rest = Handle::current().metrics().num_alive_tasks();
    // Asked, and given up before there could be an answer.
    assert!(shared.shown(&key.text).now_or_never().is_none());
    assert_eq!(shared.shown(&key.text).await.unwrap(), key.id);
    until("nobody serves a line in which nobody stands", async || {
        Handle::current().metrics().num_alive_tasks() <= at_rest
    })
    .await;

    shared.database.pool().close().await;
    let answers = join_all((0..20).map(|_| shared.shown(&key.text)));
    for answer in timeout(Duration::from_secs(20), answers).await.expect("each hears of it") {
        assert!(matches!(answer, Err(AccessError::Database(sqlx::Error::PoolClosed))), "{answer:?}");
    }
}
