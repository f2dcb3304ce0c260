//! The page of a text that is looked up. Mostly a page holds all that is found, and those orders are read whole in the statement
//! that finds them. Where they are more, it gives their ids, and another one looks for the page among them: it reads all of them by
//! their ids and sorts them, or, of thousands, goes along the list until it met a page of them.

use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{PgConnection, Row};

use super::candidates::push_found;
use crate::orders::answers::seen::JOINED;
use crate::orders::listing::conditions::{Sql, push_facets, push_more, push_shown};
use crate::orders::listing::index_scan::sort_by_change;
use crate::orders::listing::list::OrderList;
use crate::orders::listing::page::{AccessPath, page_query, push_selected, push_selected_and};
use crate::orders::listing::page_finder::is_short;
use crate::orders::listing::selection::{OF_ROW, Selection};
use crate::orders::listing::sorting::SortBy;
use crate::orders::listing::walk::{is_one_walk, push_part_sorting};
use crate::scope::TenantScope;

/// Of more orders than this a page is met along the list.
const MET_FROM: usize = 2000;

/// How many orders are passed over for each that was found. To read one by its id takes as long as to pass over twenty, so that
/// little is lost where no page is met.
const PASSED_OVER: usize = 10;

/// The rows of the page, sorted by their place if they have one and in their order if not, and what they have of each order. There is
/// neither a page nor a total where the text is not looked up, since too many orders hold it.
pub(in crate::orders) async fn text_index_rows(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, thoroughly): (&str, Option<i64>),
    selection: Selection,
) -> sqlx::Result<(Vec<PgRow>, Selection)> {
    let by_text = AccessPath::TextIndex { text, thoroughly };
    if !is_first_by_change(list) {
        let rows = page_query(scope, list, &by_text, Selection::Whole).build().fetch_all(connection).await?;
        return Ok((rows, Selection::Whole));
    }
    let mut rows = few_query(scope, list, (text, thoroughly)).build().fetch_all(&mut *connection).await?;
    let many: Option<Vec<Uuid>> = rows.first().map(|row| row.try_get("many")).transpose()?.flatten();
    let Some(found) = many else {
        sort_by_change(&mut rows, Selection::Whole, list.sort_order)?;
        return Ok((rows, Selection::Whole));
    };
    if is_one_walk(list) && list.filter.days.given().next().is_none() && found.len() > MET_FROM {
        let rows = met_query(scope, list, &found, selection).build().fetch_all(&mut *connection).await?;
        if is_short(list, &rows)?.is_none() {
            return Ok((rows, selection));
        }
    }
    let rows =
        page_query(scope, list, &AccessPath::Among(found), selection).build().fetch_all(connection).await?;
    Ok((rows, selection))
}

/// Whether the page is the first of a list by the last change, which is sorted where it arrives.
fn is_first_by_change(list: &OrderList) -> bool {
    matches!(list.sort_by, SortBy::UpdatedAt) && list.after.is_none() && list.skip == 0
}

/// All that are found, whole, if they are no more than a page, and else their ids as `many`. The total is null where they are not
/// looked up, and else less than what is shown of them, which tells how many there are.
fn few_query(scope: TenantScope, list: &OrderList, (text, thoroughly): (&str, Option<i64>)) -> Sql {
    let mut sql = Sql::new("");
    push_selected_and(&mut sql, scope, list, (Selection::Whole, ", told.many"));
    sql.push(
        "case when f.ids is not null then 0::bigint end as total, case when f.is_few then f.ids end as few, ",
    );
    sql.push("case when not f.is_few then f.ids end as many from (select f.ids, cardinality(f.ids) <= ");
    sql.push_bind(list.limit).push(" as is_few from (select ");
    push_found(&mut sql, scope, (text, thoroughly));
    // Held together, so that they are looked up once.
    sql.push(" as ids offset 0) f offset 0) f offset 0) told left join lateral (select o.*, null::bigint as place ");
    sql.push("from unnest(told.few) given(id) cross join lateral ");
    sql.push("(").push(OF_ROW).push(" where o.id = given.id offset 0) o where ");
    push_shown(&mut sql, scope);
    if !list.filter.is_of_all_facets() {
        sql.push(" and o.facet = any(array(select f.facet from (");
        push_facets(&mut sql, scope, list);
        sql.push(") f))");
    }
    push_more(&mut sql, &list.filter);
    sql.push(") o on true ").push(JOINED);
    sql
}

/// The page of what was found, met along the list, of which only the index is read. Orders that are not shown have an index of their
/// own, which is short where they are few, so that the total is exact.
fn met_query(scope: TenantScope, list: &OrderList, found: &[Uuid], selection: Selection) -> Sql {
    let direction = list.sort_order.sql();
    let passed_over = i64::try_from(found.len().saturating_mul(PASSED_OVER)).unwrap_or(i64::MAX);
    let mut sql = Sql::new("with given as materialized (select ");
    sql.push_bind(found.to_vec()).push("::uuid[] as ids) ");
    push_selected(&mut sql, scope, list, selection);
    // Asked whether it is true, so that it stays a look into what was found: it would be joined, as if that were few.
    sql.push("cardinality(given.ids) - (select count(*) from logistics_orders o where o.tenant_id = ");
    sql.push_bind(scope.tenant().0);
    sql.push(
        " and o.withheld_reason is not null and (o.id in (select unnest(ids) from given)) is true) as total ",
    );
    sql.push("from given offset 0) told left join lateral (select o.*, s.place from (");
    sql.push("select o.id, row_number() over (order by o.updated_at")
        .push(direction)
        .push(", o.id")
        .push(direction);
    sql.push(") as place from (select o.id, o.updated_at from logistics_orders o where ");
    push_shown(&mut sql, scope);
    push_part_sorting(&mut sql, list, "updated_at");
    sql.push(" limit ")
        .push_bind(passed_over)
        .push(") o where (o.id in (select unnest(ids) from given)) is true");
    push_part_sorting(&mut sql, list, "updated_at");
    sql.push(" limit ").push_bind(list.reading());
    sql.push(") s cross join lateral (");
    selection.push_row(&mut sql).push(" where o.id = s.id offset 0) o offset 0) o on true ").push(JOINED);
    sql
}
