//! The orders that hold the text that is searched for, where they are few: found over their pieces, and the page put together of
//! them.

use sqlx::PgConnection;
use sqlx::types::Uuid;

use crate::orders::listing::conditions::{Sql, push_more, push_shown};
use crate::orders::listing::full_sort::push_part_of;
use crate::orders::listing::list::{OrderList, SORTED_MAX};
use crate::orders::listing::page::AccessPath;
use crate::orders::listing::places::{WITHIN, push_rank};
use crate::scope::TenantScope;

/// Shorter texts have no pieces to be found by.
const LETTERS_MIN: usize = 3;

/// The most orders that are looked up where too few of them were met near the beginning of the list: they may stand at its very end, and
/// whoever goes there looks at every order.
pub(super) const THOROUGH_MAX: i64 = 200_000;

/// Whether orders can be found by the text.
pub(in crate::orders) fn has_pieces(text: &str) -> bool {
    text.chars().nth(LETTERS_MIN - 1).is_some()
}

/// The orders whose text or recipient's text holds what is searched for, however common its pieces are; none where there are too
/// many to sort, or where it is too short.
pub(in crate::orders) async fn found_by_text(
    connection: &mut PgConnection,
    scope: TenantScope,
    text: &str,
) -> sqlx::Result<Option<Vec<Uuid>>> {
    if !has_pieces(text) {
        return Ok(None);
    }
    sqlx::query_scalar("select find_orders_by_text($1, $2, $3, true)")
        .bind(scope.tenant().0)
        .bind(text)
        .bind(SORTED_MAX)
        .fetch_one(connection)
        .await
}

/// How many there are; null where they are not looked up, since there are too many.
pub(in crate::orders) const TEXT_INDEX_TOTAL: &str =
    "(select case when found.ids is not null then (select count(*) from wanted) end from found)";

/// The ids of those that are looked up: an expression, null where that is not done.
pub(in crate::orders) fn push_found(
    sql: &mut Sql,
    scope: TenantScope,
    (text, thoroughly): (&str, Option<i64>),
) {
    sql.push("find_orders_by_text(").push_bind(scope.tenant().0);
    let at_most = thoroughly.unwrap_or(i64::from(SORTED_MAX));
    sql.push(", ").push_bind(text.to_owned()).push(", ").push_bind(at_most).push("::int");
    sql.push(", ").push_bind(thoroughly.is_some()).push(")");
}

/// `found` and `wanted`, for a `with`: their ids, and what of them the list's other conditions leave, each with its place in
/// the list's sorting. `facets` are there where they leave any out.
pub(in crate::orders) fn push_text_index(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    path: &AccessPath<'_>,
) {
    sql.push("found as materialized (select ");
    if let AccessPath::TextIndex { text, thoroughly } = path {
        push_found(sql, scope, (text, *thoroughly));
    }
    if let AccessPath::Among(ids) = path {
        sql.push_bind(ids.clone());
    }
    sql.push(" as ids), wanted as materialized (select o.id, ");
    if let Some(column) = list.sort_by.column() {
        push_part_of(sql, list, column);
        sql.push(", o.").push(column);
    } else {
        sql.push("0 as part, o.").push(WITHIN).push(", ");
        push_rank(sql, list, "o.");
    }
    // Held together, so that each is read by its id, once, whatever else is asked for.
    sql.push(
        " as key, o.status, o.status_id from found cross join unnest(found.ids) given(id) cross join lateral \
         (select o.* from logistics_orders o where o.id = given.id limit 1) o where ",
    );
    push_shown(sql, scope);
    if !list.filter.is_of_all_facets() {
        sql.push(" and o.facet = any(array(select facet from facets))");
    }
    push_more(sql, &list.filter);
    sql.push(")");
}
