//! Lists of many orders that are looked for along an index of all orders first, and found in another way where they are not there.

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
            let Page { total, total_is_exact, next, .. } = page;
            return (seen, Page { total, total_is_exact, items: vec![], next });
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
