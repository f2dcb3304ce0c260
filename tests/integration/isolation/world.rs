//! Orders of several tenants that lived at random, and everything beside them that a reader may select.

use logistics_domain::TenantId;
use logistics_ledger::postgres::Reader;
use sqlx::{Connection, Executor, PgConnection, PgPool};

use crate::rebuild::world::World as Rebuilt;

/// The tenants whose rows are compared; the orders are spread over four.
pub const OWN: TenantId = TenantId(1);
pub const OTHER: TenantId = TenantId(2);

/// One row a tenant in every table that the random histories do not fill.
pub const BESIDE: &str = "
  insert into tenants (id, name, slug, created_at) select n, 'T' || n, 't' || n, now() from generate_series(1, 4) n;
  insert into mintsoft_accounts (id, api_url, credentials_kind, identity, credentials_sealed, credentials_set_at,
                                 last_polled_at, created_at)
    select lpad(n::text, 32, '0')::uuid, 'https://' || n, 'login', 'i', '\\x00', now(), now(), now()
    from generate_series(1, 4) n;
  insert into logistics_config (tenant_id, account_type, api_url, api_key_encrypted, account_id, created_at, updated_at)
    select n, 'dedicated', 'https://' || n, '\\x00', lpad(n::text, 32, '0')::uuid, now(), now()
    from generate_series(1, 4) n;
  insert into shops (tenant_id, platform, webhook_secrets_sealed, set_at)
    select n, 'shopify', '\\x00', now() from generate_series(1, 4) n;
  insert into orders (id, tenant_id, platform, external_id, name, created_at)
    select 100 + n, n, 'shopify', n::text, '#' || n, now() from generate_series(1, 4) n;
  insert into shop_links (id, tenant_id, order_id, order_name, candidates, from_host, state, requested_by, created_at,
                          updated_at)
    select gen_random_uuid(), n, 100 + n, '#' || n, '[]', false, 'pending', 'system', now(), now()
    from generate_series(1, 4) n;
  insert into sync_runs (id, account_id, requested_by, state, created_at)
    select lpad(n::text, 32, '0')::uuid, lpad(n::text, 32, '0')::uuid, 'system', 'queued', now()
    from generate_series(1, 4) n;
  insert into order_checks (stream_id, tenant_id, via, asked_at, answered_at, describes_at)
    select gen_random_uuid(), n, 'recheck', now(), now(), now() from generate_series(1, 4) n;
  insert into logistics_order_counts (generation, tenant_id, field, day, facet, orders)
    select 1, n, 'all', '-infinity', 0, 1 from generate_series(1, 4) n;
  insert into logistics_order_count_changes (tenant_id, facet, step, created_at, updated_at)
    select n, 0, -1, now(), now() from generate_series(1, 4) n;
  insert into audit_checkpoints (tenant_id, size, root, note, verifier_key, sealed_at)
    select n, 1, sha256('\\x00'), 'n', 'k', now() from generate_series(1, 4) n;
  insert into audit_subtrees (tenant_id, level, index, hash)
    select n, 8, 0, sha256('\\x00') from generate_series(1, 4) n;";

/// The world, and a reader of it.
pub struct World {
    pub rebuilt: Rebuilt,
    pub reader: Reader,
}

impl World {
    pub async fn create() -> Self {
        let rebuilt = Rebuilt::with_orders(11, 24, 6).await;
        // A ledger takes up notes for the counters, which are wanted here.
        rebuilt.ledger.clone().stop().await;
        rebuilt.run(BESIDE).await;
        let reader = Reader::beside(rebuilt.database.pool());
        Self { rebuilt, reader }
    }

    pub fn owner(&self) -> &PgPool {
        self.rebuilt.owner()
    }

    /// A session under the reader's role that names no tenant.
    pub async fn nameless(&self) -> PgConnection {
        let mut connection = PgConnection::connect(self.rebuilt.database.url()).await.unwrap();
        connection.execute("set role ledger_reader").await.unwrap();
        connection
    }

    /// The tables that a reader may select something of.
    pub async fn readable(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select c.relname::text from pg_class c \
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') \
               and (has_table_privilege('ledger_reader', c.oid, 'select') \
                    or has_any_column_privilege('ledger_reader', c.oid, 'select')) \
             order by 1",
        )
        .fetch_all(self.owner())
        .await
        .unwrap()
    }
}

/// How many rows of a table a session sees.
pub async fn seen(session: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from {table}")).fetch_one(session).await.unwrap()
}
