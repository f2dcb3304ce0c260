//! Lists of which only marks are read, with facets at hand: of few facets by a facet scan, of many by the ids of their orders.

use logistics_projections::orders::{OrderFilter, OrderList};

use super::facets::{all_sorts, lists, reach, sortings, told};
use super::lines::{Memory, compare};
use super::*;

/// Orders of two facets, of one status that no other order has.
fn picked() -> impl Iterator<Item = OrderRow> {
    (100..140).map(|number| OrderRow {
        status: Some("PICKED".to_owned()),
        status_id: Some(9),
        order_id: (number % 3 > 0).then_some(number),
        created_at: minute(number / 2),
        updated_at: minute(number * 7 % 40),
        ordered_at: (number % 5 > 0).then(|| minute(number / 3)),
        dispatched_at: (number % 4 > 0).then(|| minute(number / 3)),
        ..order(number)
    })
}

fn lists_of_few() -> impl Iterator<Item = OrderList> {
    let filter =
        |linked| OrderFilter { statuses: "picked".parse().unwrap(), linked, ..OrderFilter::default() };
    [None, Some(true)].into_iter().flat_map(move |linked| {
        sortings().map(move |(sort_by, sort_order)| OrderList {
            filter: filter(linked),
            sort_by,
            sort_order,
            limit: 5,
            ..OrderList::default()
        })
    })
}

#[tokio::test]
async fn marks_of_a_facet_scan_are_those_of_the_same_orders() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts().into_iter().chain(picked()).collect::<Vec<_>>()).await;
    reach(&db, 72).await;
    let facets = told(&mut db.pool().acquire().await.unwrap(), &LADORE).await;
    let memory = Memory::default();
    let mut seen = 0;
    for list in lists_of_few().chain(lists()) {
        for skip in [0, 3] {
            let mut list = OrderList { facets: Some(facets.clone()), skip, ..list.clone() };
            for _ in 0..3 {
                let page = compare(&db, &list, 0, Some(&memory)).await;
                seen += page.items.len();
                let Some(next) = page.next else { break };
                list.after = Some(next);
            }
        }
    }
    assert!(seen > 2000, "{seen}");
}
