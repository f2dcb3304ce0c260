//! Lists by status: orders of one status, of however many facets, stand by when they were first observed, and then by their ids.

use chrono::NaiveDate;
use logistics_projections::orders::{
    DateField, Day, DayRange, OrderFilter, OrderList, Position, SortBy, SortOrder, list_orders, list_portion,
};
use sqlx::PgConnection;

use super::*;

/// All that a list by status may meet: two couriers in each status, one name of two numbers, and none at all.
fn of_facet(n: i64) -> OrderRow {
    let (status, status_id) = match n % 5 {
        0 => (Some("PICKED"), Some(17)),
        1 => (None, None),
        2 => (Some("NEW"), Some(1)),
        3 => (Some("NEW"), None),
        _ => (Some("NEW"), Some(24)),
    };
    OrderRow {
        status: status.map(str::to_owned),
        status_id,
        courier_service: (n % 2 == 0).then(|| "DPD".to_owned()),
        // Not in the order of their numbers, and of each status some of both couriers at the same minute.
        created_at: minute(n % 30 / 10),
        ..order(n)
    }
}

/// What the table says by itself.
async fn expected(db: &TestDatabase, sort_order: SortOrder, condition: &str) -> Vec<i64> {
    let direction = if sort_order == SortOrder::Asc { "asc" } else { "desc" };
    let sql = format!(
        "select mintsoft_order_id from logistics_orders where {condition} \
         order by status {direction} nulls last, status_id {direction} nulls last, created_at {direction}, id {direction}"
    );
    sqlx::query_scalar(&sql).fetch_all(db.owner_pool()).await.unwrap()
}

fn by_status(sort_order: SortOrder, filter: OrderFilter) -> OrderList {
    OrderList { sort_by: SortBy::Status, sort_order, filter, ..OrderList::default() }
}

/// From the begin of a day to that of another one.
fn of_days(field: DateField, from: &str, to: &str) -> OrderFilter {
    let instant = |text: &str| format!("{text}T00:00:00Z").parse().unwrap();
    let to_date: NaiveDate = to.parse().unwrap();
    let from = Some(Day { date: from.parse().unwrap(), instant: instant(from) });
    let to = Some(Day { date: to_date.pred_opt().unwrap(), instant: instant(to) });
    let mut filter = OrderFilter::default();
    filter.days.set(field, DayRange { from, to });
    filter
}

/// The list from cursor to cursor.
async fn paged(db: &TestDatabase, list: &OrderList) -> Vec<i64> {
    let mut reading = db.pool().acquire().await.unwrap();
    let (mut seen, mut list) = (vec![], list.clone());
    loop {
        let page = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        list = OrderList { after: page.next, skip: 0, ..list };
        if list.after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn orders_of_a_status_stand_by_when_they_were_first_observed_whatever_else_they_are() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=60).map(of_facet).collect::<Vec<_>>()).await;
    let searching = |text: &str| OrderFilter { search: Some(text.to_owned()), ..OrderFilter::default() };
    let statuses = OrderFilter { statuses: "new,picked".parse().unwrap(), ..OrderFilter::default() };
    let that_day = of_days(DateField::OrderedAt, "2026-03-01", "2026-03-02");
    let first_observed = of_days(DateField::CreatedAt, "2026-03-01", "2026-03-02");
    for (filter, condition) in [
        (OrderFilter::default(), "true"),
        (statuses, "status is not null"),
        (searching("ladore"), "true"),
        (searching("la"), "true"),
        (OrderFilter { search: Some("la".to_owned()), ..that_day.clone() }, "true"),
        (that_day, "true"),
        (first_observed, "true"),
    ] {
        for sort_order in [SortOrder::Asc, SortOrder::Desc] {
            let expected = expected(&db, sort_order, condition).await;
            let list = by_status(sort_order, filter.clone());
            for limit in [1, 4, 200] {
                let seen = paged(&db, &OrderList { limit, ..list.clone() }).await;
                assert_eq!(seen, expected, "{list:?}, {limit} at a time");
            }
            let skipping = OrderList { skip: 5, limit: 3, ..list };
            assert_eq!(paged(&db, &skipping).await, expected[5..], "{skipping:?}");
        }
    }
}

#[tokio::test]
async fn an_order_observed_while_its_status_is_walked_is_met_where_it_stands() {
    let db = TestDatabase::create().await;
    let at = |n, minutes| OrderRow { created_at: minute(minutes), ..order(n) };
    put_orders(db.pool(), &[at(1, 10), at(2, 20), at(3, 30)]).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { limit: 2, ..by_status(SortOrder::Asc, OrderFilter::default()) };
    let page = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
    let of_dpd = |n, minutes| OrderRow { courier_service: Some("DPD".to_owned()), ..at(n, minutes) };
    put_orders(db.pool(), &[of_dpd(4, 15), of_dpd(5, 25)]).await;
    let rest = OrderList { after: page.next, ..list };
    assert_eq!(paged(&db, &rest).await, [5, 3], "what came in before the place is not ahead of it");
}

/// 1800 more of each order that is there, first observed two at the same minute, and placed days before that.
const MANY: &str = "
  create temporary table made as
  select (jsonb_populate_record(o, jsonb_build_object('id', md5(n || ' ' || o.id), 'mintsoft_order_id', n * 100 + o.mintsoft_order_id,
    'created_at', created, 'ordered_at', created - n % 3 * interval '1 day'))).*
  from logistics_orders o cross join generate_series(1, 1800) n
  cross join lateral (select timestamptz '2026-01-01' + n * 7919 % 1800 / 2 * interval '1 hour' as created) d;
  alter table made drop column ordered_day;
  insert into logistics_orders select * from made;
  select recount_logistics_orders('logistics_orders', 1, null);
  delete from logistics_order_count_changes;
  analyze logistics_orders";

async fn many() -> TestDatabase {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=10).map(of_facet).collect::<Vec<_>>()).await;
    sqlx::raw_sql(MANY).execute(db.owner_pool()).await.unwrap();
    db
}

async fn whole(reading: &mut PgConnection, mut list: OrderList) -> (Vec<i64>, Vec<Position>) {
    let (mut seen, mut places) = (vec![], vec![]);
    loop {
        let page = list_portion(reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        list.after = page.next;
        match &list.after {
            None => return (seen, places),
            Some(place) => places.push(place.clone()),
        }
    }
}

#[tokio::test]
async fn many_orders_of_some_days_stand_by_status_and_first_observation_each_once() {
    let db = many().await;
    let mut reading = db.pool().acquire().await.unwrap();
    for (filter, condition) in [
        (OrderFilter::default(), "true"),
        (
            of_days(DateField::OrderedAt, "2026-01-03", "2026-01-30"),
            "ordered_at >= '2026-01-03' and ordered_at < '2026-01-30'",
        ),
        (
            of_days(DateField::OrderedAt, "2026-01-20", "2026-02-04"),
            "ordered_at >= '2026-01-20' and ordered_at < '2026-02-04'",
        ),
        (
            of_days(DateField::CreatedAt, "2026-01-05", "2026-01-25"),
            "created_at >= '2026-01-05' and created_at < '2026-01-25'",
        ),
    ] {
        for sort_order in [SortOrder::Asc, SortOrder::Desc] {
            let expected = expected(&db, sort_order, condition).await;
            assert!(expected.len() > 5_000, "more than are always sorted: {}", expected.len());
            let (seen, _) = whole(&mut reading, by_status(sort_order, filter.clone())).await;
            assert!(seen == expected, "{condition} {sort_order:?}");
        }
    }
}

#[tokio::test]
async fn a_page_walks_each_facet_no_further_than_it_has_orders_wherever_it_begins() {
    let db = many().await;
    let mut reading = db.pool().begin().await.unwrap();
    for sort_order in [SortOrder::Asc, SortOrder::Desc] {
        let list = OrderList { limit: 7, ..by_status(sort_order, OrderFilter::default()) };
        let (_, places) = whole(&mut reading, list.clone()).await;
        let begin = [None, Some(places[1].clone()), Some(places[places.len() - 2].clone())];
        for after in begin {
            let list = OrderList { after, ..list.clone() };
            let before = walked(&mut reading).await;
            let page = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
            let steps = walked(&mut reading).await - before;
            assert_eq!(page.items.len(), 7);
            assert!((8..=8 * 10).contains(&steps), "eight of each of ten facets: {steps}, {list:?}");
        }
    }
}

async fn walked(reading: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select pg_stat_get_xact_tuples_returned('logistics_orders_facet_created'::regclass)")
        .fetch_one(reading)
        .await
        .unwrap()
}
