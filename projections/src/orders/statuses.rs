//! Which of the statuses asked for a tenant's orders have. They are looked up before the list is planned, so
//! that the planner sees how many orders each has.

use sqlx::PgExecutor;

use super::filter::Statuses;
use crate::scope::TenantScope;

/// The statuses asked for, and the names that stand in the tenant's rows for them.
#[derive(Clone)]
pub(super) struct StatusCondition {
    /// The numbers asked for.
    pub(super) ids: Vec<i32>,
    /// The names asked for, in lower case.
    pub(super) names: Vec<String>,
    /// The names, as they stand in the table, of orders that have one of those.
    pub(super) held: Vec<String>,
}

/// Looks up the statuses asked for; `None` when none was asked for.
pub(super) async fn status_condition(
    reading: impl PgExecutor<'_>,
    scope: TenantScope,
    asked: &Statuses,
) -> sqlx::Result<Option<StatusCondition>> {
    if asked.is_empty() {
        return Ok(None);
    }
    let ids = asked.ids.clone();
    let names: Vec<String> = asked.names.iter().map(|name| name.to_lowercase()).collect();
    // Hops over the index from each status to the next one: as many steps as there are statuses.
    let held = sqlx::query_scalar(
        "with recursive held as ( \
             (select s.status, s.status_id from logistics_orders s \
              where s.withheld_reason is null and s.tenant_id = $1 and s.status is not null \
              order by s.status, s.status_id limit 1) \
             union all \
             select following.* from held, lateral ( \
                 select s.status, s.status_id from logistics_orders s \
                 where s.withheld_reason is null and s.tenant_id = $1 \
                   and (s.status, s.status_id) > (held.status, held.status_id) \
                 order by s.status, s.status_id limit 1) following) \
         select distinct status from held where status_id = any($2) or lower(status) = any($3)",
    )
    .bind(scope.tenant().0)
    .bind(&ids)
    .bind(&names)
    .fetch_all(reading)
    .await?;
    Ok(Some(StatusCondition { ids, names, held }))
}
