//! The counters take up what commits noted: many notes at once, and most of them cancel each other out.

use sqlx::error::DatabaseError;
use sqlx::{Connection as _, PgConnection};

/// The most notes that are taken up at once.
pub const TAKEN_UP_MAX: i64 = 20_000;

/// How the codes of what is wrong with data begin.
const DATA: &str = "22";

/// Adds notes to the counters in one transaction, and tells how many they were: [`TAKEN_UP_MAX`] where more may be waiting.
///
/// What is counted does not change by it: readers see a note in the counters or beside them. Two of these at once are
/// harmless, since the second finds the notes of the first gone. What cannot be counted, as in a zone that the server does not
/// know, is one tenant's: the notes of all others are taken up before it is told.
pub async fn take_up_counts(connection: &mut PgConnection) -> sqlx::Result<i64> {
    let of_all = take_up(connection, None).await;
    let Err(error) = &of_all else { return of_all };
    if !error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code.starts_with(DATA)) {
        return of_all;
    }
    let noted = "select distinct tenant_id from logistics_order_count_changes";
    let tenants: Vec<i64> = sqlx::query_scalar(noted).fetch_all(&mut *connection).await?;
    for tenant in tenants {
        while take_up(connection, Some(tenant)).await.is_ok_and(|taken| taken == TAKEN_UP_MAX) {}
    }
    of_all
}

async fn take_up(connection: &mut PgConnection, tenant: Option<i64>) -> sqlx::Result<i64> {
    let mut transaction = connection.begin().await?;
    // The notes come and go, so the server mostly takes them for few when it plans, and would go through all of them for each
    // one that is taken up. Joined by a hash or by sorting, they are gone through once, however many they are.
    sqlx::query("set local enable_nestloop = off").execute(&mut *transaction).await?;
    let taken = sqlx::query_scalar(
        "with noted as (delete from logistics_order_count_changes c \
           using (select ctid from logistics_order_count_changes \
                  where $2::bigint is null or tenant_id = $2 limit $1) taken \
           where c.ctid = taken.ctid returning c.*), \
         counted as (insert into logistics_order_counts as held (generation, tenant_id, field, day, facet, orders) \
           select g.generation, n.tenant_id, v.field, v.day, n.facet, sum(n.step) \
           from noted n cross join logistics_order_generation g left join tenants t on t.id = n.tenant_id \
           cross join lateral (values \
             ('all', '-infinity'::date), \
             ('ordered_at', (n.ordered_at at time zone coalesce(t.timezone, 'UTC'))::date), \
             ('dispatched_at', (n.dispatched_at at time zone coalesce(t.timezone, 'UTC'))::date), \
             ('created_at', (n.created_at at time zone coalesce(t.timezone, 'UTC'))::date), \
             ('updated_at', (n.updated_at at time zone coalesce(t.timezone, 'UTC'))::date)) v(field, day) \
           where v.day is not null \
           group by 1, 2, 3, 4, 5 having sum(n.step) <> 0 order by 1, 2, 3, 4, 5 \
           on conflict (generation, tenant_id, field, day, facet) do update set orders = held.orders + excluded.orders) \
         select count(*) from noted",
    )
    .bind(TAKEN_UP_MAX)
    .bind(tenant)
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(taken)
}
