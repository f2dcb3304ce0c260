//! Lists read from their end: every list backwards is the list itself from its last order to its first, those without what it is sorted
//! by among them.

use logistics_projections::orders::{OrderList, list_orders, list_portion};
use sqlx::PgConnection;

use super::facets::{all_sorts, filters, sortings};
use super::*;

/// The orders of a list, a page after the other.
async fn paged(reading: &mut PgConnection, mut list: OrderList) -> Vec<i64> {
    let mut seen = vec![];
    loop {
        let page = list_orders(reading, &LADORE, &list, read_at(0)).await.unwrap();
        seen.extend(page.items.iter().map(|order| order.mintsoft_order_id));
        list.after = page.next;
        if list.after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn every_list_is_met_backwards_as_it_stands() {
    let db = TestDatabase::create().await;
    let mut rows = all_sorts();
    // Some are without any of what they can be without.
    rows.iter_mut().step_by(7).for_each(|row| row.ordered_at = None);
    put_orders(db.pool(), &rows).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let mut compared = 0;
    for (sort_by, sort_order) in sortings() {
        for filter in filters() {
            let list = OrderList { filter, sort_by, sort_order, limit: 11, ..OrderList::default() };
            let whole = list_portion(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
            let mut backwards: Vec<i64> =
                whole.items.iter().rev().map(|order| order.mintsoft_order_id).collect();
            assert_eq!(paged(&mut reading, list.clone().reversed()).await, backwards, "{list:?}");
            // From each page on the way back to the first order.
            let first = list_orders(&mut reading, &LADORE, &list, read_at(0)).await.unwrap();
            let Some(place) = first.next else { continue };
            let before = OrderList { after: Some(place), ..list.clone().reversed() };
            let ahead = backwards.split_off(backwards.len() - 10);
            assert_eq!(paged(&mut reading, before).await, ahead, "{list:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "it was a trial: {compared}");
}
