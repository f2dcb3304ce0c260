//! Comparing what people read with what the log tells, row by row and column by column. Of values nothing is told.

use std::collections::BTreeMap;

use logistics_projections::Tables;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

/// A row that does not show what the log tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The order that the row belongs to.
    pub order: Uuid,
    /// The row; in two of the tables it is known by its order.
    pub row: Uuid,
    /// How it differs.
    pub kind: DifferenceKind,
    /// The columns that differ, where the row is there.
    pub columns: Vec<String>,
}

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The log tells of it, and it is not shown.
    Missing,
    /// It is shown, and the log does not tell of it.
    Surplus,
    /// Some columns show something else.
    Altered,
}

/// What was found, each row once.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    held: BTreeMap<(&'static str, Uuid), Difference>,
    /// Rows beyond those that are held.
    more: u64,
}

impl Differences {
    /// How many rows differ.
    pub(super) fn count(&self) -> u64 {
        self.held.len() as u64 + self.more
    }

    pub(super) fn into_list(self) -> Vec<Difference> {
        self.held.into_values().collect()
    }
}

/// Names come from here alone: live, shadow, key and order of each read table.
pub(super) const TABLES: [(&str, &str, &str, &str); 3] = [
    (Tables::Live.orders(), Tables::Shadow.orders(), "id", "id"),
    (Tables::Live.recipients(), Tables::Shadow.recipients(), "logistics_order_id", "logistics_order_id"),
    (Tables::Live.tracking_events(), Tables::Shadow.tracking_events(), "id", "logistics_order_id"),
];

#[derive(sqlx::FromRow)]
struct Found {
    order_id: Uuid,
    row_id: Uuid,
    is_shown: bool,
    is_told: bool,
    columns: Vec<String>,
}

/// Compares the tables: whole, or the rows of these orders.
pub(super) async fn compare(
    connection: &mut PgConnection,
    orders: Option<&[String]>,
    into: &mut Differences,
    keep_max: usize,
) -> sqlx::Result<()> {
    for (table, shadow, key, order) in TABLES {
        // JSON that is kept as text is compared by what it says.
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select quote_ident(attname), case when atttypid = 'json'::regtype then '::jsonb' else '' end from pg_attribute \
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' \
             order by attnum",
        )
        .bind(table)
        .fetch_all(&mut *connection)
        .await?;
        let sql = comparison(table, shadow, key, order, &columns, orders.is_some());
        let mut query = sqlx::query_as::<_, Found>(&sql);
        if let Some(orders) = orders {
            query = query.bind(orders);
        }
        let mut found = query.fetch(&mut *connection);
        while let Some(row) = futures_util::TryStreamExt::try_next(&mut found).await? {
            note(into, table, row, keep_max);
        }
    }
    Ok(())
}

fn note(into: &mut Differences, table: &'static str, found: Found, keep_max: usize) {
    let key = (table, found.row_id);
    if into.held.len() >= keep_max && !into.held.contains_key(&key) {
        into.more += 1;
        return;
    }
    let (kind, columns) = match (found.is_shown, found.is_told) {
        (true, true) => (DifferenceKind::Altered, found.columns),
        (true, false) => (DifferenceKind::Surplus, vec![]),
        (false, _) => (DifferenceKind::Missing, vec![]),
    };
    let difference = Difference { table, order: found.order_id, row: found.row_id, kind, columns };
    into.held.entry(key).or_insert(difference);
}

fn comparison(
    table: &str,
    shadow: &str,
    key: &str,
    order: &str,
    columns: &[(String, String)],
    some_orders_only: bool,
) -> String {
    let each = |text: &dyn Fn(&str, &str) -> String| {
        columns.iter().map(|(name, cast)| text(name, cast)).collect::<Vec<_>>().join(", ")
    };
    let differing = each(&|name, cast| {
        format!("case when shown.{name}{cast} is distinct from told.{name}{cast} then '{name}' end")
    });
    let shown = each(&|name, cast| format!("shown.{name}{cast}"));
    let told = each(&|name, cast| format!("told.{name}{cast}"));
    let rows = |table: &str| {
        if some_orders_only {
            format!("(select * from {table} where {order} = any($1::text[]::uuid[]))")
        } else {
            table.to_owned()
        }
    };
    format!(
        "select coalesce(shown.{order}, told.{order}) as order_id, coalesce(shown.{key}, told.{key}) as row_id, \
                shown.{key} is not null as is_shown, told.{key} is not null as is_told, \
                array_remove(array[{differing}], null) as columns \
         from {} shown full join {} told on shown.{key} = told.{key} \
         where ({shown}) is distinct from ({told})",
        rows(table),
        rows(shadow)
    )
}
