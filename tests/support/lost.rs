//! A server that lost commits, as one that took over without them.

use logistics_domain::TenantId;
use sqlx::PgPool;

/// Takes back the tenant's last events, as the owner, and puts as many others as are given in their places. Whoever follows is told to look.
pub async fn lose_events(owner: &PgPool, tenant: TenantId, lost: i64, others: i64) {
    let first: i64 =
        sqlx::query_scalar("select coalesce(max(position), -1) + 1 - $2 from events where tenant_id = $1")
            .bind(tenant.0)
            .bind(lost)
            .fetch_one(owner)
            .await
            .unwrap();
    let replaced = format!(
        "begin;
         set local session_replication_role = replica;
         delete from events where tenant_id = {tenant} and position >= {first};
         insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                             tenant_id, position, recorded_at, leaf_hash)
         select 'logistics_order', '00000000-0000-0000-0000-000000000001', n + 1, 'OrderReleased', '1.0', '{{}}',
                '{{}}', {tenant}, n, now(), sha256(n::text::bytea)
         from generate_series({first}, {first} + {others} - 1) n;
         update ledger_heads set next_position = {first} + {others} where tenant_id = {tenant};
         notify ledger, '{tenant}';
         commit"
    );
    sqlx::raw_sql(&replaced).execute(owner).await.unwrap();
}
