//! The courier services that a tenant's orders have or had, to choose from.

use sqlx::PgExecutor;

use crate::scope::TenantScope;

/// The most services that are answered.
const COURIERS_MAX: i64 = 100;

/// The names of the services, in their order.
pub async fn couriers_of(executor: impl PgExecutor<'_>, scope: &TenantScope) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select distinct courier_service from logistics_order_facets \
         where tenant_id = $1 and courier_service is not null order by courier_service limit $2",
    )
    .bind(scope.tenant().0)
    .bind(COURIERS_MAX)
    .fetch_all(executor)
    .await
}
