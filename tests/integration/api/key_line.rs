//! Keys that many show at once are looked up together, and each is answered for itself.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use logistics_ledger::access::{
    AccessError, Credential, IssuedKey, KeyRequest, Proofs, Role, authenticate, issue_key, revoke_key,
};
use logistics_ledger::clock::Clock;
use tokio::time::timeout;

use super::world::start;
use crate::support::database::TestDatabase;

/// A database with room for one connection, and the line before it.
struct Desk {
    database: TestDatabase,
    proofs: Proofs,
    clock: Clock,
}

impl Desk {
    async fn open() -> Self {
        let database = TestDatabase::create_with(1).await;
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
    async fn shown(&self, key: &str) -> Result<uuid::Uuid, AccessError> {
        let asked = authenticate(self.database.pool(), &self.proofs, Credential::Key(key), self.clock.now());
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
    let desk = Desk::open().await;
    let (one, two, short) = (desk.key(9).await, desk.key(9).await, desk.key(1).await);
    desk.clock.advance(TimeDelta::days(2));
    let shown = [one.text.as_str(), &two.text, &short.text, "llk_unknown"];
    let answers = join_all((0..200).map(|number| desk.shown(shown[number % 4]))).await;
    for (number, answer) in answers.into_iter().enumerate() {
        match number % 4 {
            0 => assert_eq!(answer.unwrap(), one.id),
            1 => assert_eq!(answer.unwrap(), two.id),
            _ => assert!(matches!(answer, Err(AccessError::InvalidKey)), "{number}"),
        }
    }
    let statements = desk.statements().await;
    assert!((1..=20).contains(&statements), "{statements}");
}

#[tokio::test]
async fn a_key_that_was_revoked_opens_nothing_to_whoever_asks_from_then_on() {
    let desk = Desk::open().await;
    let key = desk.key(9).await;
    for _ in 0..3 {
        assert_eq!(desk.shown(&key.text).await.unwrap(), key.id);
    }
    assert!(revoke_key(desk.database.pool(), key.id, desk.clock.now()).await.unwrap());
    assert!(matches!(desk.shown(&key.text).await, Err(AccessError::InvalidKey)));
}

#[tokio::test]
async fn who_asked_first_may_go_away_and_a_failure_leaves_nobody_waiting() {
    let desk = Desk::open().await;
    let key = desk.key(9).await;
    // Asked, and given up before there could be an answer.
    assert!(desk.shown(&key.text).now_or_never().is_none());
    assert_eq!(desk.shown(&key.text).await.unwrap(), key.id);

    desk.database.pool().close().await;
    let answers = join_all((0..20).map(|_| desk.shown(&key.text)));
    for answer in timeout(Duration::from_secs(20), answers).await.expect("each hears of it") {
        assert!(matches!(answer, Err(AccessError::Database(sqlx::Error::PoolClosed))), "{answer:?}");
    }
}
