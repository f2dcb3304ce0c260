//! Lists of some days that are sorted by the last change or by the days themselves: the same as if all orders were looked at and
//! sorted, in whatever zone, and read along those days.

use chrono::NaiveDate;
use logistics_ledger::postgres::Reader;
use logistics_projections::orders::{
    DateField, Day, DayRange, OrderFilter, OrderList, SortBy, SortOrder, list_orders, take_up_counts,
};
use sqlx::{Connection as _, PgConnection};

use super::*;

const ORDERS: i64 = 9000;
/// Orders are of so many days before the fixed instant.
const DAYS: i64 = 150;
const DAY: i64 = 24 * 60;

/// Mostly changed within days of being placed, some much later, and many at the same instant as others. Some have no date, and
/// some are withheld.
fn one_of_many(n: i64) -> OrderRow {
    let placed = -(n * 7919 % (DAYS * DAY)) / 10 * 10;
    let changed = if n % 13 == 0 { -(n % 3000) } else { placed + n % 4000 };
    let (status, status_id) = match n {
        n if n % 53 == 0 => ("ONHOLD", 7),
        n if n % 3 == 0 => ("NEW", 1),
        _ => ("DESPATCHED", 4),
    };
    OrderRow {
        ordered_at: (n % 97 != 0).then(|| minute(placed)),
        updated_at: minute(changed / 10 * 10),
        status: Some(status.into()),
        status_id: Some(status_id),
        withheld_reason: (n % 31 == 0).then(|| "two prefixes fit".to_owned()),
        ..order(n)
    }
}

/// Of some orders the notes are not taken up, among them orders that moved to another day.
async fn many() -> TestDatabase {
    let db = TestDatabase::create().await;
    run(
        &db,
        "insert into tenants (id, name, slug, timezone, created_at) values (7, 'one', 'one', 'UTC', now())",
    )
    .await;
    let rows: Vec<_> = (1..=ORDERS).map(one_of_many).collect();
    let (some, later) = rows.split_at(8000);
    for some in some.chunks(2000) {
        put_orders(db.pool(), some).await;
    }
    take_up(&db).await;
    let moved = some.iter().step_by(40).map(|row| OrderRow {
        version: 2,
        ordered_at: row.ordered_at.map(|at| at - TimeDelta::hours(31)),
        ..row.clone()
    });
    put_orders(db.pool(), &moved.chain(later.iter().cloned()).collect::<Vec<_>>()).await;
    // Another tenant's, which nobody of these sees or counts.
    let others = (1..=2000).map(|n| OrderRow {
        tenant_id: OTHER.tenant(),
        ..OrderRow { id: order(20_000 + n).id, mintsoft_order_id: 20_000 + n, ..one_of_many(n) }
    });
    put_orders(db.pool(), &others.collect::<Vec<_>>()).await;
    run(&db, "vacuum analyze logistics_orders").await;
    db
}

async fn run(db: &TestDatabase, sql: &str) {
    sqlx::raw_sql(sql).execute(db.owner_pool()).await.unwrap();
}

async fn take_up(db: &TestDatabase) {
    let mut connection = db.pool().acquire().await.unwrap();
    take_up_counts(&mut connection).await.unwrap();
}

/// A day of a zone, with where it begins or ends.
async fn day(db: &TestDatabase, zone: &str, date: NaiveDate, is_end: bool) -> Day {
    let instant = sqlx::query_scalar("select ($1::date + $2::int)::timestamp at time zone $3");
    let instant = instant.bind(date).bind(i32::from(is_end)).bind(zone);
    Day { date, instant: instant.fetch_one(db.owner_pool()).await.unwrap() }
}

/// The list as all orders tell it.
async fn naive(db: &TestDatabase, list: &OrderList) -> Vec<i64> {
    let direction = if list.sort_order == SortOrder::Asc { "asc" } else { "desc" };
    let range = list.filter.days.of(DateField::OrderedAt);
    let column = if list.sort_by == SortBy::OrderedAt { "ordered_at" } else { "updated_at" };
    sqlx::query_scalar(&format!(
        "select mintsoft_order_id from logistics_orders \
         where tenant_id = 7 and withheld_reason is null \
           and ($1::timestamptz is null or ordered_at >= $1) and ($2::timestamptz is null or ordered_at < $2) \
           and (cardinality($3::text[]) = 0 or lower(status) = any($3)) \
         order by {column} {direction} nulls last, id {direction}"
    ))
    .bind(range.from.map(|day| day.instant))
    .bind(range.to.map(|day| day.instant))
    .bind(&list.filter.statuses.names)
    .fetch_all(db.owner_pool())
    .await
    .unwrap()
}

/// Three pages from the beginning, or from where some are passed over.
async fn assert_is_naive(db: &TestDatabase, reading: &mut PgConnection, mut list: OrderList) {
    let expected = naive(db, &list).await;
    let begin = usize::try_from(list.skip).unwrap();
    let (mut seen, asked) = (vec![], list.clone());
    for _ in 0..3 {
        let page = list_orders(reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        assert_eq!(
            (page.total, page.total_is_exact),
            (i64::try_from(expected.len()).unwrap(), true),
            "{asked:?}"
        );
        list.after = page.next;
        list.skip = 0;
        if list.after.is_none() {
            break;
        }
    }
    let wanted = expected.len().saturating_sub(begin).min(usize::try_from(3 * list.limit).unwrap());
    assert_eq!(seen, expected[begin.min(expected.len())..][..wanted], "{asked:?}");
}

#[tokio::test]
async fn lists_of_days_are_what_all_orders_tell_in_whatever_zone() {
    let db = many().await;
    let mut reading = db.pool().acquire().await.unwrap();
    let first = minute(-DAYS * DAY).date_naive();
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Lima", "UTC"] {
        run(&db, &format!("update tenants set timezone = '{zone}'")).await;
        for n in 0..36 {
            let from = first + TimeDelta::days(n * 41 % DAYS);
            let to = from + TimeDelta::days([0, 2, 29, 61, 90, 149][usize::try_from(n % 6).unwrap()]);
            let from = if n % 7 == 3 { None } else { Some(day(&db, zone, from, false).await) };
            let to = if n % 5 == 4 && from.is_some() { None } else { Some(day(&db, zone, to, true).await) };
            let statuses = ["", "", "new", "despatched,new", "onhold", ""][usize::try_from(n / 6).unwrap()];
            let mut filter = OrderFilter { statuses: statuses.parse().unwrap(), ..OrderFilter::default() };
            filter.days.set(DateField::OrderedAt, DayRange { from, to });
            let sort_order = if n % 4 == 1 { SortOrder::Asc } else { SortOrder::Desc };
            let (skip, limit) = ([0, 0, 30, 400][usize::try_from(n % 4).unwrap()], 1 + n * 13 % 60);
            for sort_by in [SortBy::UpdatedAt, SortBy::OrderedAt] {
                let filter = filter.clone();
                let list = OrderList { filter, sort_by, sort_order, skip, limit, ..OrderList::default() };
                assert_is_naive(&db, &mut reading, list).await;
            }
        }
    }
    take_up(&db).await;
    let mut list = OrderList::default();
    let range = DayRange { from: Some(day(&db, "UTC", first, false).await), to: None };
    list.filter.days.set(DateField::OrderedAt, range);
    assert_is_naive(&db, &mut reading, list).await;
    for (sort_order, limit) in [(SortOrder::Asc, 200), (SortOrder::Desc, 200), (SortOrder::Desc, 3)] {
        let list = OrderList { sort_by: SortBy::OrderedAt, sort_order, limit, ..OrderList::default() };
        assert_is_naive(&db, &mut reading, list).await;
    }
}

/// What was read of indexes of orders, but for the orders of pages.
async fn read_of_indexes(reading: &mut PgConnection) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select indexrelname::text, pg_stat_get_xact_tuples_returned(indexrelid) from pg_stat_user_indexes \
         where relname = 'logistics_orders' and indexrelname <> 'logistics_orders_pkey' \
           and pg_stat_get_xact_tuples_returned(indexrelid) > 0",
    )
    .fetch_all(reading)
    .await
    .unwrap()
}

#[tokio::test]
async fn only_the_first_orders_of_days_are_looked_at() {
    let db = many().await;
    let last = minute(-DAY).date_naive();
    for (statuses, sort_by, sort_order) in [
        ("", SortBy::UpdatedAt, SortOrder::Desc),
        ("", SortBy::UpdatedAt, SortOrder::Asc),
        ("despatched,new", SortBy::UpdatedAt, SortOrder::Desc),
        ("", SortBy::OrderedAt, SortOrder::Desc),
        ("", SortBy::OrderedAt, SortOrder::Asc),
    ] {
        let from = day(&db, "UTC", last - TimeDelta::days(49), false).await;
        let range = DayRange { from: Some(from), to: Some(day(&db, "UTC", last, true).await) };
        let mut list = OrderList { limit: 9, sort_by, sort_order, ..OrderList::default() };
        list.filter.statuses = statuses.parse().unwrap();
        list.filter.days.set(DateField::OrderedAt, range);
        // A connection that has read nothing yet.
        let mut reading = Reader::beside(db.pool()).of(LADORE.tenant()).await.unwrap();
        let mut transaction = reading.begin().await.unwrap();
        list_orders(&mut transaction, &LADORE, &list, read_at(0)).await.unwrap();
        let read = read_of_indexes(&mut transaction).await;
        let [(index, tuples)] = &*read else { panic!("{read:?}") };
        assert!(index == "logistics_orders_ordered_day" && *tuples < 150, "{read:?}");
    }
}
