//! Lists of many orders that are found by an index scan over all orders first, and by another access path where they are not there.

use logistics_projections::orders::{
    DateField, Day, DayRange, OrderFilter, OrderList, Page, SortBy, SortOrder, list_orders,
};

use super::*;

/// So many orders in all, those of the first day, and those of another day that are withheld.
const ORDERS: i64 = 8400;
const OF_DAY: i64 = 5600;
const WITHHELD_FROM: i64 = 6300;

/// Numbers and changes go up; the first orders are of the first of March, and others of the last.
fn one_of_many(n: i64) -> OrderRow {
    let day = if n <= OF_DAY { 0 } else { 30 * 24 * 60 };
    let withheld_reason = (n >= WITHHELD_FROM).then(|| "two prefixes fit".to_owned());
    OrderRow {
        mintsoft_order_number: format!("ladore-{n:05}"),
        ordered_at: Some(minute(day + n % 600)),
        withheld_reason,
        ..order(n)
    }
}

async fn many() -> TestDatabase {
    let db = TestDatabase::create().await;
    let rows: Vec<_> = (1..=ORDERS).map(one_of_many).collect();
    for some in rows.chunks(1400) {
        put_orders(db.pool(), some).await;
    }
    db
}

async fn pages(db: &TestDatabase, list: OrderList) -> (Vec<i64>, Page<()>) {
    let mut reading = db.pool().acquire().await.unwrap();
    let (mut list, mut seen) = (list, vec![]);
    loop {
        let page = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        if seen.len() >= 6 || page.next.is_none() {
            let Page { total, total_is_exact, next, has_common_text, had_stale_facets, .. } = page;
            let items = vec![];
            return (seen, Page { total, total_is_exact, items, next, has_common_text, had_stale_facets });
        }
        list.after = page.next;
    }
}

#[tokio::test]
async fn most_orders_are_of_those_days_and_yet_none_is_near_to_where_the_list_begins() {
    let db = many().await;
    let date = "2026-03-01".parse().unwrap();
    let instant = |text: &str| text.parse().unwrap();
    let from = Some(Day { date, instant: instant("2026-03-01T00:00:00Z") });
    let to = Some(Day { date, instant: instant("2026-03-02T00:00:00Z") });
    let mut filter = OrderFilter::default();
    filter.days.set(DateField::OrderedAt, DayRange { from, to });
    for sort_by in [SortBy::MintsoftOrderNumber, SortBy::UpdatedAt, SortBy::CreatedAt] {
        for (sort_order, expected) in [
            (SortOrder::Desc, (0..6).map(|n| OF_DAY - n).collect::<Vec<_>>()),
            (SortOrder::Asc, (1..=6).collect()),
        ] {
            let list =
                OrderList { filter: filter.clone(), sort_by, sort_order, limit: 3, ..OrderList::default() };
            let (seen, last) = pages(&db, list).await;
            assert_eq!((seen, last.total), (expected, OF_DAY), "{sort_by:?} {sort_order:?}");
            assert!(last.total_is_exact && last.next.is_some());
        }
    }
}

#[tokio::test]
async fn withheld_orders_are_passed_over_however_many_they_are() {
    let db = many().await;
    let list = OrderList { sort_by: SortBy::MintsoftOrderNumber, limit: 3, ..OrderList::default() };
    let (seen, last) = pages(&db, list.clone()).await;
    let newest: Vec<_> = (1..=6).map(|n| WITHHELD_FROM - n).collect();
    assert_eq!((seen, last.total), (newest, WITHHELD_FROM - 1));
    let (seen, _) = pages(&db, OrderList { skip: 2, sort_order: SortOrder::Asc, limit: 6, ..list }).await;
    assert_eq!(seen, [3, 4, 5, 6, 7, 8]);
}

/// Orders of 400 days, 50 a day, put beside one that is there; every third changed last in the last days.
const OF_DAYS: &str = "
  create temporary table made as
  select (jsonb_populate_record(o, jsonb_build_object('id', md5(n::text), 'mintsoft_order_id', n, 'ordered_at', ordered,
    'created_at', ordered, 'updated_at', case when n % 3 = 0 then timestamptz '2025-02-01' + n * interval '1 second' else ordered end))).*
  from logistics_orders o cross join generate_series(2, 20000) n
  cross join lateral (select timestamptz '2024-01-01' + n / 50 * interval '1 day' as ordered) d;
  alter table made drop column ordered_day;
  insert into logistics_orders select * from made;
  select recount_logistics_orders('logistics_orders', 1, null);
  delete from logistics_order_count_changes";

#[tokio::test]
async fn days_of_too_many_orders_to_be_few_are_found_without_a_walk_to_them() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &[order(1)]).await;
    sqlx::raw_sql(OF_DAYS).execute(db.owner_pool()).await.unwrap();
    let day = |text: &str| Day {
        date: text.parse().unwrap(),
        instant: format!("{text}T00:00:00Z").parse().unwrap(),
    };
    let far_and_near =
        [("2024-03-01", "2024-07-01"), ("2024-10-01", "2025-01-29"), ("2024-10-07", "2025-02-07")];
    let sortings = [
        (SortBy::UpdatedAt, "updated_at"),
        (SortBy::CreatedAt, "created_at"),
        (SortBy::Status, "status desc, status_id desc, created_at"),
    ];
    for ((from, to), (sort_by, column)) in
        far_and_near.into_iter().flat_map(|days| sortings.map(|by| (days, by)))
    {
        let mut list = OrderList { sort_by, limit: 7, ..OrderList::default() };
        let range = DayRange { from: Some(day(from)), to: Some(day(to)) };
        list.filter.days.set(DateField::OrderedAt, range);
        let mut transaction = db.pool().begin().await.unwrap();
        let mut seen: Vec<i64> = vec![];
        for _ in 0..3 {
            let page = list_orders(&mut transaction, &LADORE, &list, read_at(0)).await.unwrap();
            seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
            assert!(page.total > 5000 && page.total_is_exact, "{}", page.total);
            list.after = page.next;
        }
        let walked: i64 = sqlx::query_scalar(
            "select pg_stat_get_xact_tuples_returned('logistics_orders_updated'::regclass)",
        )
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        // Each page is looked for among the first 2000.
        assert!(walked < 3 * 2100, "{from}: {walked}");
        let expected: Vec<i64> = sqlx::query_scalar(&format!(
            "select mintsoft_order_id from logistics_orders where ordered_at >= $1 and ordered_at < $2 \
             order by {column} desc, id desc limit 21"
        ))
        .bind(day(from).instant)
        .bind(day(to).instant)
        .fetch_all(db.owner_pool())
        .await
        .unwrap();
        assert_eq!(seen, expected, "{from} {column}");
    }
}

#[tokio::test]
async fn orders_without_the_instant_that_a_list_is_sorted_by_are_walked_too() {
    let db = TestDatabase::create().await;
    let dispatched = |n| (n % 100 == 0).then(|| minute(n));
    let rows: Vec<_> = (1..=3000).map(|n| OrderRow { dispatched_at: dispatched(n), ..order(n) }).collect();
    put_orders(db.pool(), &rows).await;
    sqlx::raw_sql("vacuum analyze logistics_orders").execute(db.owner_pool()).await.unwrap();
    for (sort_order, direction) in [(SortOrder::Asc, "asc"), (SortOrder::Desc, "desc")] {
        let list = OrderList { sort_by: SortBy::DispatchedAt, sort_order, limit: 50, ..OrderList::default() };
        let mut transaction = db.pool().begin().await.unwrap();
        let first = list_orders(&mut transaction, &LADORE, &list, read_at(0)).await.unwrap();
        let next = OrderList { after: first.next, ..list };
        let second = list_orders(&mut transaction, &LADORE, &next, read_at(0)).await.unwrap();
        let seen: Vec<_> =
            first.items.iter().chain(&second.items).map(|order| order.mintsoft_order_id).collect();
        let read: i64 = sqlx::query_scalar(
            "select pg_stat_get_xact_tuples_returned('logistics_orders_facet_dispatched'::regclass)",
        )
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        // Of those with it and of those without it each page reads no more than it has.
        assert!(read < 200, "{direction}: {read}");
        let expected: Vec<i64> = sqlx::query_scalar(&format!(
            "select mintsoft_order_id from logistics_orders \
             order by dispatched_at {direction} nulls last, id {direction} limit 100"
        ))
        .fetch_all(db.owner_pool())
        .await
        .unwrap();
        assert_eq!(seen, expected, "{direction}");
    }
}
