//! The conditions of a list over HTTP, each by the orders that it leaves: what is asked under one name is looked for in that place.

use chrono::{DateTime, Utc};
use logistics_ledger::access::Role;
use logistics_projections::orders::OrderRow;
use serde_json::Value;

use super::world::{LADORE, World};

/// The day of March on which each order was placed, dispatched, first seen and last changed: no two fields sort them alike.
const DAYS: [[u32; 4]; 4] = [[1, 2, 3, 4], [2, 4, 1, 3], [3, 1, 4, 2], [4, 3, 2, 1]];

/// The fields, in the same order.
const FIELDS: [&str; 4] = ["ordered", "dispatched", "created", "updated"];

fn noon(day: u32) -> DateTime<Utc> {
    format!("2026-03-{day:02}T17:00:00Z").parse().unwrap()
}

/// Four orders of four days each.
fn four() -> Vec<OrderRow> {
    let of = |place: usize| {
        let [ordered, dispatched, created, updated] = DAYS.map(|days| noon(days[place]));
        let mut row = crate::projections::order(i64::try_from(place).unwrap() + 1);
        (row.ordered_at, row.dispatched_at) = (Some(ordered), Some(dispatched));
        (row.created_at, row.updated_at, row.observed_at) = (created, updated, updated);
        row
    };
    (0..4).map(of).collect()
}

/// The numbers of the orders that the query leaves, in their order.
async fn left(world: &World, key: &str, query: &str) -> Vec<i64> {
    let address = format!("/api/v1/logistics/orders?sort_by=mintsoft_order_number&sort_order=asc&{query}");
    let page = world.get(&address, key).await.body;
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{query}: {page}"));
    items.iter().map(|order| order["mintsoft_order_id"].as_i64().unwrap()).collect()
}

/// The orders whose day is one of those that are meant.
fn expected(days: [u32; 4], is_meant: impl Fn(u32) -> bool) -> Vec<i64> {
    (1..).zip(days).filter(|(_, day)| is_meant(*day)).map(|(number, _)| number).collect()
}

#[tokio::test]
async fn each_pair_of_days_is_looked_for_in_its_own_field() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    crate::projections::put_orders(world.database.pool(), &four()).await;
    assert_eq!(left(&world, &key, "").await, [1, 2, 3, 4]);
    for (field, days) in FIELDS.into_iter().zip(DAYS) {
        let (from, to) = (expected(days, |day| day >= 3), expected(days, |day| day <= 3));
        for (names, whole) in [(field, String::new()), ("date", format!("&date_field={field}_at"))] {
            for (query, orders) in [
                (format!("{names}_from=2026-03-03{whole}"), &from),
                (format!("{names}_to=2026-03-03{whole}"), &to),
            ] {
                assert_eq!(left(&world, &key, &query).await, *orders, "{query}");
            }
        }
    }
    let ordered = expected(DAYS[0], |day| day <= 2);
    assert_eq!(left(&world, &key, "date_to=2026-03-02").await, ordered, "placed, where nothing is said");
}

#[tokio::test]
async fn couriers_statuses_and_links_leave_the_orders_that_have_them() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let mut rows = four();
    (rows[0].courier_service, rows[0].courier_service_id) = (Some("Royal Mail".into()), Some(14));
    (rows[1].courier_service, rows[1].courier_service_id) = (Some("Tracked 24, Signed".into()), Some(15));
    (rows[2].status, rows[2].status_id) = (Some("DESPATCHED".into()), Some(4));
    (rows[3].order_id, rows[3].shop_order_name) = (Some(501), Some("#7001".into()));
    crate::projections::put_orders(world.database.pool(), &rows).await;
    for (query, orders) in [
        ("courier=royal+mail", &[1][..]),
        ("courier=14,%22Tracked+24%2C+Signed%22", &[1, 2]),
        ("courier=NEW", &[]),
        ("status=despatched", &[3]),
        ("status=1", &[1, 2, 4]),
        ("linked=true", &[4]),
        ("linked=false", &[1, 2, 3]),
        ("search=%237001", &[4]),
    ] {
        assert_eq!(left(&world, &key, query).await, orders, "{query}");
    }
    let counted = world.get("/api/v1/logistics/orders/counts?courier=14&linked=false", &key).await.body;
    assert_eq!(counted["total"], Value::from(1), "{counted}");
}
