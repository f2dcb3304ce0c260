//! What a connection of each pool may do, and what a migration says when it cannot run.

use logistics_ledger::postgres::{self, DatabaseError, PoolSettings};

use crate::support::database::TestDatabase;

#[tokio::test]
async fn the_service_works_under_its_own_role_with_time_limits() {
    let database = TestDatabase::create().await;
    let (role, session, statement, lock, idle): (String, String, String, String, String) = sqlx::query_as(
        "select current_user::text, session_user::text, current_setting('statement_timeout'), \
                current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')",
    )
    .fetch_one(database.pool())
    .await
    .unwrap();
    assert_eq!((role.as_str(), session.as_str()), ("ledger_app", "ledger"));
    assert_eq!((statement.as_str(), lock.as_str(), idle.as_str()), ("30s", "10s", "1min"));
}

#[tokio::test]
async fn the_service_may_not_change_the_tables() {
    let database = TestDatabase::create().await;
    let refusal = sqlx::query("create table mine (id int)").execute(database.pool()).await.unwrap_err();
    assert_eq!(refusal.as_database_error().unwrap().code().unwrap(), "42501");
    sqlx::query("create table mine (id int)").execute(database.owner_pool()).await.unwrap();
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (one, other) = (TestDatabase::create().await, TestDatabase::create().await);
    sqlx::query("create table mine (id int)").execute(one.owner_pool()).await.unwrap();
    sqlx::query("create table mine (id int)").execute(other.owner_pool()).await.unwrap();
    assert_ne!(one.url(), other.url());
    postgres::ping(one.pool()).await.unwrap();
}

#[tokio::test]
async fn many_instances_may_migrate_at_once() {
    let url = TestDatabase::create_empty().await;
    let (mut waiting, settings) = (Vec::new(), PoolSettings::default());
    for _ in 0..4 {
        let owner = postgres::connect_as_owner(&url, &settings).await.unwrap();
        waiting.push(tokio::spawn(async move { postgres::migrate(&owner).await }));
    }
    for migration in waiting {
        migration.await.unwrap().unwrap();
    }
    let service = postgres::connect(&url, &settings).await.unwrap();
    postgres::ping(&service).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_ledger_is_refused() {
    let database = TestDatabase::create().await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (99990101000000, 'of the future', true, '', 0)",
    )
    .execute(database.owner_pool())
    .await
    .unwrap();
    let refusal = postgres::migrate(database.owner_pool()).await.unwrap_err();
    assert!(matches!(refusal, DatabaseError::Newer { version: 99_990_101_000_000 }), "{refusal}");
    assert!(refusal.to_string().contains("newer ledger"), "{refusal}");
}

#[tokio::test]
async fn a_migration_that_was_edited_is_refused() {
    let database = TestDatabase::create().await;
    sqlx::query("update _sqlx_migrations set checksum = 'other' where version = 20261123000000")
        .execute(database.owner_pool())
        .await
        .unwrap();
    let refusal = postgres::migrate(database.owner_pool()).await.unwrap_err();
    assert!(matches!(refusal, DatabaseError::Edited { version: 20_261_123_000_000 }), "{refusal}");
}

#[tokio::test]
async fn a_database_that_is_away_is_told_as_such() {
    let settings =
        PoolSettings { acquire_timeout: std::time::Duration::from_secs(1), ..PoolSettings::default() };
    let refusal =
        postgres::connect("postgres://nobody@localhost/x?host=/nowhere", &settings).await.unwrap_err();
    assert!(matches!(refusal, DatabaseError::Connect(_)), "{refusal}");
    assert!(refusal.to_string().contains("does not answer"), "{refusal}");
}
