//! Orders of a list as JSON: the bytes are those of the order's view, whatever the row holds.

use logistics_domain::order::facts::LinkBasis;
use logistics_projections::orders::{
    AlsoFulfilled, Cancellation, CancellationState, OrderList, SortBy, list_lines, list_orders,
};

use super::*;

/// Orders with and without whatever can be there or not, and with letters that JSON writes in its own way.
fn all_sorts() -> Vec<OrderRow> {
    let odd = "\"quoted\" \\ \u{1}\u{7f} ñandú \u{2028} 🚚 </script>";
    let cancellation = Cancellation {
        request_id: Uuid::from_u128(5),
        state: CancellationState::Refused,
        message: Some(odd.to_owned()),
        requested_by: "user:1".to_owned(),
        requested_at: minute(4) + TimeDelta::milliseconds(120),
    };
    let mut full = OrderRow {
        order_id: Some(i64::MAX),
        shop_order_name: Some(odd.to_owned()),
        link_basis: Some(LinkBasis::Name),
        mintsoft_order_number: odd.to_owned(),
        status: Some(odd.to_owned()),
        courier_service: Some(odd.to_owned()),
        courier_service_id: Some(12),
        tracking_number: Some("JD1;JD2".to_owned()),
        tracking_url: Some("HTTPS://courier.example/?a=1&b=%20".to_owned()),
        dispatched_at: Some(minute(2) + TimeDelta::microseconds(1)),
        estimated_delivery: Some(minute(3) + TimeDelta::milliseconds(7)),
        delivered_at: Some("0001-01-01T00:00:00Z".parse().unwrap()),
        weight_grams: Some(1),
        cancellation: Some(cancellation),
        observed_at: minute(-3) + TimeDelta::microseconds(123_456),
        updated_at: minute(9) + TimeDelta::microseconds(999_999),
        ..order(1)
    };
    full.order_data.items = vec![item(odd), item("LADORE_A")];
    full.order_data.details.zone = Some("Europe/London".to_owned());
    full.order_data.also_fulfils =
        vec![AlsoFulfilled { order_id: 9, name: odd.to_owned(), basis: LinkBasis::Name }];
    let due = |at| Standing { due_at: Some(at), ..Standing::default() };
    vec![
        full,
        OrderRow {
            status: None,
            status_id: None,
            ordered_at: None,
            num_parcels: None,
            weight_grams: None,
            vanished_at: Some(minute(8)),
            tracking_url: Some("javascript:alert(1)".to_owned()),
            ..order(2)
        },
        OrderRow { standing: due(minute(1)), ..order(3) },
        OrderRow { standing: due(minute(100_000)), estimated_delivery: Some(minute(100_000)), ..order(4) },
    ]
}

#[tokio::test]
async fn a_line_is_written_as_the_view_of_its_order() {
    let db = TestDatabase::create().await;
    let rows = all_sorts();
    put_orders(db.pool(), &rows).await;
    let mut reading = db.pool().acquire().await.unwrap();
    for sort_by in [SortBy::UpdatedAt, SortBy::Status, SortBy::OrderedAt] {
        let list = OrderList { sort_by, ..OrderList::default() };
        let views = list_orders(&mut reading, &LADORE, &list, read_at(10)).await.unwrap();
        let lines = list_lines(&mut reading, &LADORE, &list, read_at(10)).await.unwrap();
        assert_eq!(views.items.len(), rows.len());
        assert_eq!(
            (views.total, views.total_is_exact, &views.next),
            (lines.total, lines.total_is_exact, &lines.next)
        );
        assert_eq!(views.items.len(), lines.items.len());
        for (view, line) in views.items.iter().zip(&lines.items) {
            let mut json = Vec::new();
            line.write(&mut json).unwrap();
            assert_eq!(String::from_utf8(json).unwrap(), serde_json::to_string(view).unwrap());
        }
    }
}
