//! Paid shop orders that are not in the warehouse, as looking for them in vain leaves them.

use std::ops::RangeInclusive;

use logistics_domain::TenantId;
use sqlx::PgPool;

const ORDERS: &str = "insert into orders (id, tenant_id, platform, external_id, name, created_at)
  select n, $1, 'host', n::text, '#' || n, timestamptz '2026-03-01 12:00:00Z' + n * interval '1 minute'
  from generate_series($2, $3) n";

const LINKS: &str = "insert into shop_links (id, tenant_id, order_id, order_name, candidates, from_host, state, attempts,
    reason, requested_by, created_at, updated_at)
  select gen_random_uuid(), o.tenant_id, o.id, o.name,
         jsonb_build_array(jsonb_build_object('number', t.slug || '-' || o.id, 'basis', 'name')), true, 'not_found', 11,
         'The warehouse has no order with this number yet.', 'test', o.created_at, o.created_at
  from orders o join tenants t on t.id = o.tenant_id where o.tenant_id = $1 and o.id between $2 and $3";

/// Puts links of these order numbers, each heard of a minute after the one before, and looked for behind the tenant's
/// short name.
pub async fn put_missing(pool: &PgPool, tenant: TenantId, numbers: RangeInclusive<i64>) {
    for insert in [ORDERS, LINKS] {
        let insert = sqlx::query(insert).bind(tenant.0).bind(numbers.start()).bind(numbers.end());
        insert.execute(pool).await.unwrap();
    }
}
