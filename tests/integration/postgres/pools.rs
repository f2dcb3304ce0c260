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
async fn the_owner_has_no_time_limits_whatever_the_database_gives_others() {
    let database = TestDatabase::create().await;
    for limit in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
        let name = "select quote_ident(current_database())";
        let name: String = sqlx::query_scalar(name).fetch_one(database.owner_pool()).await.unwrap();
        let given = format!("alter database {name} set {limit} = '1234ms'");
        sqlx::query(&given).execute(database.owner_pool()).await.unwrap();
    }
    let owner = postgres::connect_as_owner(database.url(), &PoolSettings::default()).await.unwrap();
    let limits: Vec<String> = sqlx::query_scalar(
        "select setting from pg_settings where name ~ '^(statement|lock|idle_in_transaction_session)_timeout$'",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    assert_eq!(limits, ["0", "0", "0"]);
    owner.close().await;
}

#[tokio::test]
async fn a_database_in_whose_own_schema_the_tables_would_land_is_refused_before_anything_is_made() {
    let url = TestDatabase::create_empty().await;
    let settings = PoolSettings::default();
    // What each refusal says to do helps as it is told.
    for (make, refused) in [
        ("drop schema public", "missing or closed to the user"),
        ("create schema ledger", "the schema ledger comes first"),
    ] {
        let owner = postgres::connect_as_owner(&url, &settings).await.unwrap();
        sqlx::raw_sql(make).execute(&owner).await.unwrap();
        let refusal = postgres::migrate(&owner).await.unwrap_err().to_string();
        assert!(refusal.contains(refused), "{refusal}");
        let made =
            "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')";
        let made: i64 = sqlx::query_scalar(made).fetch_one(&owner).await.unwrap();
        assert_eq!(made, 0);
        let remedy = refusal.split('`').nth(1).unwrap();
        sqlx::raw_sql(remedy).execute(&owner).await.unwrap();
        owner.close().await;
    }
    let owner = postgres::connect_as_owner(&url, &settings).await.unwrap();
    postgres::migrate(&owner).await.unwrap();
    owner.close().await;
    let service = postgres::connect(&url, &settings).await.unwrap();
    postgres::ping(&service).await.unwrap();
    sqlx::query("select from events").execute(&service).await.unwrap();
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
