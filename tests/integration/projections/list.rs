//! Lists of orders: filters, sorting, pages, and whose orders are in them.

use logistics_domain::TenantId;
use logistics_projections::orders::{DateField, OrderFilter, SortBy, SortOrder, list_orders};
use logistics_projections::recipients::Recipient;

use super::*;

/// The Mintsoft ids that a filter finds, and the total.
async fn found(db: &TestDatabase, filter: &OrderFilter) -> (Vec<i64>, i64) {
    let page =
        list_orders(&mut db.pool().acquire().await.unwrap(), &LADORE, filter, read_at(0)).await.unwrap();
    (page.items.iter().map(|order| order.mintsoft_order_id).collect(), page.total)
}

async fn search(db: &TestDatabase, text: &str) -> Vec<i64> {
    let filter = OrderFilter { search: Some(text.into()), ..OrderFilter::default() };
    found(db, &filter).await.0
}

#[tokio::test]
async fn the_newest_change_comes_first_and_pages_meet_without_overlap() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=5).map(order).collect::<Vec<_>>()).await;
    let page = |skip| OrderFilter { skip, limit: 2, ..OrderFilter::default() };
    assert_eq!(found(&db, &page(0)).await, (vec![5, 4], 5));
    assert_eq!(found(&db, &page(2)).await, (vec![3, 2], 5));
    assert_eq!(found(&db, &page(4)).await, (vec![1], 5));
    assert_eq!(found(&db, &page(6)).await, (vec![], 5));
    assert_eq!(found(&db, &OrderFilter { limit: 0, ..page(0) }).await, (vec![5], 5));
}

#[tokio::test]
async fn orders_of_others_and_withheld_ones_are_in_no_list_and_no_total() {
    let db = TestDatabase::create().await;
    let foreign = OrderRow { tenant_id: TenantId(8), ..order(2) };
    let withheld = OrderRow { withheld_reason: Some("two prefixes fit".into()), ..order(3) };
    put_orders(db.pool(), &[order(1), foreign, withheld]).await;
    assert_eq!(found(&db, &OrderFilter::default()).await, (vec![1], 1));
    assert_eq!(found(&db, &OrderFilter { limit: 1, ..OrderFilter::default() }).await, (vec![1], 1));
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
            let filter = OrderFilter { sort_by, sort_order, ..OrderFilter::default() };
            assert_eq!(found(&db, &filter).await, (expected.to_vec(), 3), "{sort_by:?} {sort_order:?}");
            let mut one_by_one = vec![];
            for skip in 0..3 {
                one_by_one.extend(found(&db, &OrderFilter { skip, limit: 1, ..filter.clone() }).await.0);
            }
            assert_eq!(one_by_one, expected, "{sort_by:?} {sort_order:?}, a page an order");
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
        seen.extend(found(&db, &OrderFilter { skip, limit: 1, ..OrderFilter::default() }).await.0);
    }
    assert_eq!(seen, found(&db, &OrderFilter::default()).await.0);
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
        let total = i64::try_from(expected.len()).unwrap();
        assert_eq!(found(&db, &filter).await, (expected, total), "status={asked}");
    }
}

#[tokio::test]
async fn dates_include_the_first_instant_and_exclude_the_one_after_the_last() {
    let db = TestDatabase::create().await;
    let mut rows: Vec<_> = (1..=4).map(order).collect();
    rows[0].dispatched_at = Some(minute(100));
    put_orders(db.pool(), &rows).await;
    let between =
        OrderFilter { date_from: Some(minute(2)), date_before: Some(minute(4)), ..OrderFilter::default() };
    assert_eq!(found(&db, &between).await, (vec![3, 2], 2));
    let dispatched = OrderFilter {
        date_field: DateField::DispatchedAt,
        date_from: Some(minute(50)),
        ..OrderFilter::default()
    };
    assert_eq!(found(&db, &dispatched).await, (vec![1], 1));
    let updated = OrderFilter {
        date_field: DateField::UpdatedAt,
        date_before: Some(minute(2)),
        ..OrderFilter::default()
    };
    assert_eq!(found(&db, &updated).await, (vec![1], 1));
}

#[tokio::test]
async fn all_filters_together_answer_for_every_sorting() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &[order(1), order(2)]).await;
    for sort_by in [SortBy::UpdatedAt, SortBy::DispatchedAt, SortBy::Status] {
        let filter = OrderFilter {
            skip: 1,
            limit: 1,
            search: Some("ladore".into()),
            statuses: "NEW,9".parse().unwrap(),
            date_from: Some(minute(0)),
            date_before: Some(minute(9)),
            sort_by,
            sort_order: SortOrder::Asc,
            ..OrderFilter::default()
        };
        let (items, total) = found(&db, &filter).await;
        assert_eq!((items.len(), total), (1, 2), "{sort_by:?}");
    }
}
