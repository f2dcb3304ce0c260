//! What the role of readers may select at all, and which rows of it, told by the catalogue and by looking.

use logistics_domain::TenantId;
use logistics_ledger::postgres::Reader;
use sqlx::Executor;

use super::world::{OTHER, OWN, World, seen};
use crate::rules::tree::forbid;
use crate::support::database::TestDatabase;

/// Tables that a reader may see whole, with the reason; they hold nothing of a tenant.
const OPEN: [(&str, &str); 1] = [("logistics_order_generation", "one number: which counters are read")];

/// How the rows of a table that names no tenant in itself are told to be a tenant's.
fn owned_by(table: &str, tenant: TenantId) -> String {
    match table {
        "tenants" => format!("id = {tenant}"),
        "mintsoft_accounts" => {
            format!("id in (select account_id from logistics_config where tenant_id = {tenant})")
        }
        "sync_runs" => {
            format!("account_id in (select account_id from logistics_config where tenant_id = {tenant})")
        }
        _ => format!("tenant_id = {tenant}"),
    }
}

#[tokio::test]
async fn a_query_that_asks_for_no_tenant_sees_the_readers_rows_alone() {
    let world = World::create().await;
    let tables = world.readable().await;
    assert!(tables.len() >= 12, "{tables:?}");
    let mut nameless = world.nameless().await;
    for table in &tables {
        if OPEN.iter().any(|(name, _)| name == table) {
            continue;
        }
        for tenant in [OWN, OTHER] {
            let owned = owned_by(table, tenant);
            let told: i64 = sqlx::query_scalar(&format!("select count(*) from {table} where {owned}"))
                .fetch_one(world.owner())
                .await
                .unwrap();
            assert!(told > 0, "say in the world of this test how {table} gets a row of each tenant");
            let mut reading = world.reader.of(tenant).await.unwrap();
            assert_eq!(seen(&mut reading, table).await, told, "{table} as tenant {tenant} sees it");
        }
        assert_eq!(seen(&mut nameless, table).await, 0, "{table} where no tenant is named");
    }
    nameless.execute("select set_config('ledger.tenant', '', false)").await.unwrap();
    assert_eq!(seen(&mut nameless, "logistics_orders").await, 0, "an empty name is none");
    let stranger = TenantId(99);
    for table in tables.iter().filter(|table| OPEN.iter().all(|(name, _)| name != table)) {
        let mut reading = world.reader.of(stranger).await.unwrap();
        assert_eq!(seen(&mut reading, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn every_table_that_readers_may_select_is_walled() {
    let database = TestDatabase::create().await;
    let open: Vec<&str> = OPEN.map(|(name, _)| name).to_vec();
    // A view would be read with its owner's eyes, so it counts as unwalled unless it asks with the reader's.
    let unwalled: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c \
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') \
           and has_any_column_privilege('ledger_reader', c.oid, 'select') and not c.relname = any($1) \
           and not (c.relrowsecurity \
                    and exists (select from pg_policies p where p.tablename = c.relname and p.cmd = 'SELECT' \
                                and p.roles = '{ledger_reader}' \
                                and (p.qual like '%ledger.tenant%' or p.qual like '%logistics_config%')) \
                    and exists (select from pg_policies p where p.tablename = c.relname and p.cmd = 'ALL' \
                                and p.roles = '{ledger_app}')) \
           and not (c.relkind = 'v' and 'security_invoker=true' = any(c.reloptions)) \
         order by 1",
    )
    .bind(&open)
    .fetch_all(database.owner_pool())
    .await
    .unwrap();
    forbid("enable row level security with a policy for ledger_app and one for ledger_reader", &unwalled);
}

#[tokio::test]
async fn a_wall_is_for_readers_alone_and_no_policy_is_for_everybody() {
    let database = TestDatabase::create().await;
    let loose: Vec<String> = sqlx::query_scalar(
        "select tablename || ': ' || policyname from pg_policies \
         where not (roles = '{ledger_app}' or roles = '{ledger_reader}' and cmd = 'SELECT') order by 1",
    )
    .fetch_all(database.owner_pool())
    .await
    .unwrap();
    forbid("a policy names ledger_app, or ledger_reader for select", &loose);
}

#[tokio::test]
async fn a_reader_writes_nothing_and_sees_nothing_that_is_sealed() {
    let world = World::create().await;
    let writing: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' \
           and has_table_privilege('ledger_reader', c.oid, 'insert, update, delete, truncate')",
    )
    .fetch_all(world.owner())
    .await
    .unwrap();
    forbid("a reader only reads", &writing);

    let sealed: Vec<String> = sqlx::query_scalar(
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped \
           and a.attname ~ '(sealed|secret|encrypted|hash|token)' \
           and c.relname || '.' || a.attname <> all('{events.leaf_hash,audit_subtrees.hash,audit_checkpoints.sealed_at}') \
           and has_column_privilege('ledger_reader', c.oid, a.attnum, 'select')",
    )
    .fetch_all(world.owner())
    .await
    .unwrap();
    forbid("leave what is sealed out of the reader's grant", &sealed);

    let mut reading = world.reader.of(OWN).await.unwrap();
    let refused =
        sqlx::query("create temporary table mine (id int)").execute(&mut *reading).await.unwrap_err();
    assert!(refused.as_database_error().is_some(), "{refused}");
    let (role, read_only, statement): (String, String, String) = sqlx::query_as(
        "select current_user::text, current_setting('transaction_read_only'), current_setting('statement_timeout')",
    )
    .fetch_one(&mut *reading)
    .await
    .unwrap();
    assert_eq!((role.as_str(), read_only.as_str(), statement.as_str()), ("ledger_reader", "on", "30s"));
}

#[tokio::test]
async fn a_connection_that_goes_from_tenant_to_tenant_takes_nothing_along() {
    let database = TestDatabase::create_with(1).await;
    database.owner_pool().execute("insert into tenants (id, name, slug, created_at) values (1, 'a', 'a', now()), (2, 'b', 'b', now())").await.unwrap();
    let reader = Reader::beside(database.pool());
    let mut sessions = Vec::new();
    for tenant in [OWN, OTHER, OWN, TenantId(3)] {
        let mut reading = reader.of(tenant).await.unwrap();
        let (session, seen): (i32, Vec<i64>) =
            sqlx::query_as("select pg_backend_pid(), array(select id from tenants)")
                .fetch_one(&mut *reading)
                .await
                .unwrap();
        let expected: &[i64] = if tenant.0 == 3 { &[] } else { std::slice::from_ref(&tenant.0) };
        assert_eq!(seen, expected);
        sessions.push(session);
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 1, "one connection served them all");
}

#[tokio::test]
async fn the_walls_stand_after_a_rebuild() {
    let world = World::create().await;
    let mut before = Vec::new();
    for table in ["logistics_orders", "logistics_order_recipients", "logistics_tracking_events"] {
        before.push(seen(&mut world.reader.of(OWN).await.unwrap(), table).await);
    }
    assert!(world.rebuilt.rebuild().await.swapped);
    let mut nameless = world.nameless().await;
    for (table, own) in ["logistics_orders", "logistics_order_recipients", "logistics_tracking_events"]
        .into_iter()
        .zip(before)
    {
        assert!(own > 0, "{table}");
        assert_eq!(seen(&mut world.reader.of(OWN).await.unwrap(), table).await, own, "{table}");
        assert_eq!(seen(&mut nameless, table).await, 0, "{table}");
        let all: i64 = sqlx::query_scalar(&format!("select count(*) from {table}"))
            .fetch_one(world.rebuilt.database.pool())
            .await
            .unwrap();
        assert!(all > own, "the service goes on seeing every tenant's {table}");
    }
}
