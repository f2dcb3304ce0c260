//! Lists of orders: filters, sorting, pages, and whose orders are in them.

use logistics_domain::TenantId;
use logistics_projections::orders::{
    DateField, Day, DayRange, DayRanges, OrderFilter, OrderList, Position, SortBy, SortOrder, list_orders,
};
use logistics_projections::recipients::Recipient;

use super::*;

/// The Mintsoft ids that a filter finds, and the total.
async fn found(db: &TestDatabase, list: &OrderList) -> (Vec<i64>, i64) {
    let mut reading = db.pool().acquire().await.unwrap();
    let page = list_orders(&mut reading, &LADORE, list, read_at(0)).await.unwrap();
    assert!(page.total_is_exact, "{list:?}");
    (page.items.iter().map(|order| order.mintsoft_order_id).collect(), page.total)
}

async fn search(db: &TestDatabase, text: &str) -> Vec<i64> {
    let filter = OrderFilter { search: Some(text.into()), ..OrderFilter::default() };
    found(db, &OrderList { filter, ..OrderList::default() }).await.0
}

#[tokio::test]
async fn the_newest_change_comes_first_and_pages_meet_without_overlap() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=5).map(order).collect::<Vec<_>>()).await;
    let page = |skip| OrderList { skip, limit: 2, ..OrderList::default() };
    assert_eq!(found(&db, &page(0)).await, (vec![5, 4], 5));
    assert_eq!(found(&db, &page(2)).await, (vec![3, 2], 5));
    assert_eq!(found(&db, &page(4)).await, (vec![1], 5));
    assert_eq!(found(&db, &page(6)).await, (vec![], 5));
    assert_eq!(found(&db, &OrderList { limit: 0, ..page(0) }).await, (vec![5], 5));
}

#[tokio::test]
async fn orders_of_others_and_withheld_ones_are_in_no_list_and_no_total() {
    let db = TestDatabase::create().await;
    let foreign = OrderRow { tenant_id: TenantId(8), ..order(2) };
    let withheld = OrderRow { withheld_reason: Some("two prefixes fit".into()), ..order(3) };
    put_orders(db.pool(), &[order(1), foreign, withheld]).await;
    assert_eq!(found(&db, &OrderList::default()).await, (vec![1], 1));
    assert_eq!(found(&db, &OrderList { limit: 1, ..OrderList::default() }).await, (vec![1], 1));
    assert_eq!(search(&db, "ladore").await, [1]);
}

#[tokio::test]
async fn every_sorting_is_stable_and_puts_those_without_last_both_ways() {
    let db = TestDatabase::create().await;
    let rows = [
        OrderRow {
            dispatched_at: Some(minute(9)),
            status: Some("PICKED".into()),
            status_id: Some(17),
            ..order(1)
        },
        OrderRow { dispatched_at: Some(minute(8)), status: None, status_id: None, ..order(2) },
        OrderRow { ordered_at: None, mintsoft_order_number: "LADORE-0".into(), ..order(3) },
    ];
    put_orders(db.pool(), &rows).await;
    for (sort_by, ascending, descending) in [
        (SortBy::UpdatedAt, [1, 2, 3], [3, 2, 1]),
        (SortBy::CreatedAt, [1, 2, 3], [3, 2, 1]),
        (SortBy::OrderedAt, [1, 2, 3], [2, 1, 3]),
        (SortBy::DispatchedAt, [2, 1, 3], [1, 2, 3]),
        (SortBy::MintsoftOrderNumber, [3, 1, 2], [2, 1, 3]),
        (SortBy::Status, [3, 1, 2], [1, 3, 2]),
    ] {
        for (sort_order, expected) in [(SortOrder::Asc, ascending), (SortOrder::Desc, descending)] {
            let list = OrderList { sort_by, sort_order, ..OrderList::default() };
            assert_eq!(found(&db, &list).await, (expected.to_vec(), 3), "{sort_by:?} {sort_order:?}");
            let mut one_by_one = vec![];
            for skip in 0..3 {
                one_by_one.extend(found(&db, &OrderList { skip, limit: 1, ..list.clone() }).await.0);
            }
            assert_eq!(one_by_one, expected, "{sort_by:?} {sort_order:?}, a page an order");
            assert_eq!(walked(&db, &list).await, expected, "{sort_by:?} {sort_order:?}, by cursor");
            let few = OrderList { filter: searching("ladore"), ..list };
            assert_eq!(walked(&db, &few).await, expected, "{sort_by:?} {sort_order:?}, few, by cursor");
        }
    }
}

#[tokio::test]
async fn equal_orders_keep_one_sequence_over_all_pages() {
    let db = TestDatabase::create().await;
    let rows: Vec<_> = (1..=6).map(|n| OrderRow { updated_at: minute(0), ..order(n) }).collect();
    put_orders(db.pool(), &rows).await;
    let mut seen = vec![];
    for skip in 0..6 {
        seen.extend(found(&db, &OrderList { skip, limit: 1, ..OrderList::default() }).await.0);
    }
    assert_eq!(seen, found(&db, &OrderList::default()).await.0);
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_search_looks_in_numbers_names_skus_and_the_recipient() {
    let db = TestDatabase::create().await;
    let mut with_item = order(4);
    with_item.order_data.items = vec![item("LADORE_SERUM%30")];
    let rows = [
        order(1),
        OrderRow { shop_order_name: Some("#PE-1001".into()), ..order(2) },
        OrderRow { tracking_number: Some("JD0002AB".into()), ..order(3) },
        with_item,
        order(5),
        order(6),
    ];
    put_orders(db.pool(), &rows).await;
    let person = Recipient {
        name: Some("ÁNGELA Ñahui".into()),
        email: Some("Angela@Example.com".into()),
        ..Recipient::default()
    };
    change_recipient(db.pool(), rows[4].id, &put(&rows[4], 1, person)).await;
    assert_eq!(search(&db, "LADORE-1").await, [1]);
    assert_eq!(search(&db, "pe-10").await, [2]);
    assert_eq!(search(&db, "jd0002").await, [3]);
    assert_eq!(search(&db, "serum%").await, [4]);
    assert_eq!(search(&db, "ángela ñ").await, [5]);
    assert_eq!(search(&db, "angela@example").await, [5]);
    assert_eq!(search(&db, "adore_1").await, [] as [i64; 0], "an underscore is no wildcard");
    assert_eq!(search(&db, "\0").await, [] as [i64; 0]);
}

#[tokio::test]
async fn statuses_are_found_by_name_in_any_case_and_by_number() {
    let db = TestDatabase::create().await;
    let in_status =
        |n, id, name: &str| OrderRow { status: Some(name.into()), status_id: Some(id), ..order(n) };
    let rows = [
        in_status(1, 1, "NEW"),
        in_status(2, 4, "DESPATCHED"),
        in_status(3, 24, "STATUS 24"),
        in_status(4, 24, "REBOXED"),
        OrderRow { status: None, status_id: None, ..order(5) },
    ];
    put_orders(db.pool(), &rows).await;
    for (asked, expected) in [
        ("despatched", vec![2]),
        ("4,NEW", vec![2, 1]),
        ("24", vec![4, 3]),
        ("reboxed", vec![4]),
        ("nonsense", vec![]),
        ("", vec![5, 4, 3, 2, 1]),
    ] {
        let filter = OrderFilter { statuses: asked.parse().unwrap(), ..OrderFilter::default() };
        let list = OrderList { filter, ..OrderList::default() };
        let total = i64::try_from(expected.len()).unwrap();
        assert_eq!(found(&db, &list).await, (expected, total), "status={asked}");
    }
}

/// Days are of UTC here: tenants that nobody described have no other zone.
fn day(date: &str, end: bool) -> Day {
    let date: chrono::NaiveDate = date.parse().unwrap();
    let instant = if end { date.succ_opt().unwrap() } else { date };
    Day { date, instant: instant.and_hms_opt(0, 0, 0).unwrap().and_utc() }
}

fn days(ranges: &[(DateField, &str, &str)]) -> DayRanges {
    let mut days = DayRanges::default();
    for (field, from, to) in ranges {
        let from = (!from.is_empty()).then(|| day(from, false));
        let to = (!to.is_empty()).then(|| day(to, true));
        days.set(*field, DayRange { from, to });
    }
    days
}

fn searching(text: &str) -> OrderFilter {
    OrderFilter { search: Some(text.into()), ..OrderFilter::default() }
}

/// The whole list, an order a page, from cursor to cursor.
async fn walked(db: &TestDatabase, list: &OrderList) -> Vec<i64> {
    let mut reading = db.pool().acquire().await.unwrap();
    let (mut seen, mut after): (Vec<i64>, Option<Position>) = (vec![], None);
    loop {
        let list = OrderList { after, limit: 1, ..list.clone() };
        let page = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

const DAY: i64 = 24 * 60;

#[tokio::test]
async fn dates_include_the_first_day_and_the_last_and_ranges_combine() {
    let db = TestDatabase::create().await;
    // Placed at noon of the first to the fourth of March; one was dispatched on the fifth.
    let mut rows: Vec<_> = (1..=4)
        .map(|n| OrderRow {
            ordered_at: Some(minute((n - 1) * DAY)),
            created_at: minute((n - 1) * DAY),
            updated_at: minute((n - 1) * DAY),
            ..order(n)
        })
        .collect();
    rows[0].dispatched_at = Some(minute(4 * DAY));
    put_orders(db.pool(), &rows).await;
    let (ordered, dispatched) = (DateField::OrderedAt, DateField::DispatchedAt);
    let (created, updated) = (DateField::CreatedAt, DateField::UpdatedAt);
    for (ranges, expected) in [
        (days(&[(ordered, "2026-03-02", "2026-03-03")]), vec![3, 2]),
        (days(&[(created, "2026-03-02", "2026-03-03")]), vec![3, 2]),
        (days(&[(updated, "", "2026-03-01")]), vec![1]),
        (days(&[(dispatched, "2026-03-02", "")]), vec![1]),
        (days(&[(dispatched, "2026-03-06", "")]), vec![]),
        (days(&[(ordered, "2026-03-01", "2026-03-03"), (created, "2026-03-03", "")]), vec![3]),
        (days(&[(ordered, "", "2026-03-03"), (dispatched, "", "2026-03-05")]), vec![1]),
    ] {
        let filter = OrderFilter { days: ranges, ..OrderFilter::default() };
        for sort_by in
            [SortBy::UpdatedAt, SortBy::OrderedAt, SortBy::DispatchedAt, SortBy::MintsoftOrderNumber]
        {
            let list = OrderList { filter: filter.clone(), sort_by, ..OrderList::default() };
            let (mut items, total) = found(&db, &list).await;
            assert_eq!(walked(&db, &list).await, items, "{ranges:?} {sort_by:?}");
            items.sort_unstable();
            items.reverse();
            assert_eq!((&items, total), (&expected, i64::try_from(expected.len()).unwrap()), "{ranges:?}");
        }
    }
}

#[tokio::test]
async fn couriers_and_links_narrow_the_list() {
    let db = TestDatabase::create().await;
    let by = |n, id, name: &str| OrderRow {
        courier_service: Some(name.into()),
        courier_service_id: Some(id),
        ..order(n)
    };
    let linked =
        OrderRow { order_id: Some(9), shop_order_name: Some("#9".into()), ..by(3, 12, "Royal Mail 24") };
    put_orders(db.pool(), &[by(1, 12, "Royal Mail 24"), by(2, 14, "DPD"), linked, order(4)]).await;
    for (couriers, linked, expected) in [
        ("royal mail 24", None, vec![3, 1]),
        ("14", None, vec![2]),
        ("12,dpd", None, vec![3, 2, 1]),
        ("12", Some(true), vec![3]),
        ("12", Some(false), vec![1]),
        ("", Some(false), vec![4, 2, 1]),
        ("nobody", None, vec![]),
    ] {
        let filter = OrderFilter { couriers: couriers.parse().unwrap(), linked, ..OrderFilter::default() };
        for filter in [filter.clone(), OrderFilter { search: Some("ladore".into()), ..filter }] {
            let list = OrderList { filter, ..OrderList::default() };
            let total = i64::try_from(expected.len()).unwrap();
            assert_eq!(found(&db, &list).await, (expected.clone(), total), "{list:?}");
        }
    }
}

#[tokio::test]
async fn a_cursor_goes_on_from_its_place_while_orders_move() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=6).map(order).collect::<Vec<_>>()).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let first = OrderList { limit: 2, ..OrderList::default() };
    let page = list_orders(&mut reading, &LADORE, &first, read_at(0)).await.unwrap();
    // The order that the cursor names moves to the front, and so does one that was still ahead.
    let moved = |n| OrderRow { version: 2, updated_at: minute(100 + n), ..order(n) };
    put_orders(db.pool(), &[moved(5), moved(2)]).await;
    let rest = OrderList { after: page.next, limit: 10, ..OrderList::default() };
    assert_eq!(
        found(&db, &rest).await,
        (vec![4, 3, 1], 6),
        "nothing twice, and nothing passed over that stayed"
    );
}

#[tokio::test]
async fn all_filters_together_answer_for_every_sorting() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &[order(1), order(2)]).await;
    for sort_by in [SortBy::UpdatedAt, SortBy::DispatchedAt, SortBy::Status] {
        let filter = OrderFilter {
            search: Some("ladore".into()),
            statuses: "NEW,9".parse().unwrap(),
            days: days(&[(DateField::OrderedAt, "2026-03-01", "2026-03-01")]),
            ..OrderFilter::default()
        };
        let list = OrderList {
            filter,
            skip: 1,
            limit: 1,
            sort_by,
            sort_order: SortOrder::Asc,
            ..OrderList::default()
        };
        let (items, total) = found(&db, &list).await;
        assert_eq!((items.len(), total), (1, 2), "{sort_by:?}");
    }
}
