//! Bulk writes: every column arrives where it belongs, an older row changes nothing, recipients can go.

use logistics_domain::order::facts::LinkBasis;
use logistics_domain::status::{Attention, CarrierPhase, MustAct, Promise, Tab, WarehousePhase};
use logistics_projections::orders::{Cancellation, CancellationState};
use logistics_projections::recipients::Recipient;
use serde_json::{Value, json};

use super::*;

/// The row of an order as the table has it.
async fn stored(db: &TestDatabase, row: &OrderRow) -> Value {
    sqlx::query_scalar("select to_jsonb(o) from logistics_orders o where id = $1")
        .bind(row.id.0)
        .fetch_one(db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_column_arrives_where_it_belongs() {
    let db = TestDatabase::create().await;
    let mut row = OrderRow {
        version: 4,
        order_id: Some(812),
        shop_order_name: Some("#1".into()),
        link_basis: Some(LinkBasis::OrderNumber),
        courier_service: Some("Next day".into()),
        courier_service_id: Some(55),
        tracking_number: Some("JD1".into()),
        tracking_url: Some("https://courier.example/JD1".into()),
        dispatched_at: Some(minute(11)),
        estimated_delivery: Some(minute(12)),
        delivered_at: Some(minute(13)),
        num_parcels: Some(2),
        weight_grams: Some(1_000_000_000_000_001),
        part: 2,
        number_of_parts: 3,
        vanished_at: Some(minute(14)),
        withheld_reason: Some("doubt".into()),
        cancellation: Some(Cancellation {
            request_id: Uuid::from_u128(5),
            state: CancellationState::Refused,
            message: Some("Too late".into()),
            requested_by: "user:9".into(),
            requested_at: minute(15),
        }),
        standing: Standing {
            warehouse: WarehousePhase::Dispatched,
            carrier: CarrierPhase::AttemptFail,
            must_act: MustAct::Brand,
            attention: Some(Attention::AttemptFailed),
            tab: Tab::OnTheWay,
            promise: Some(Promise::Delivery),
            due_at: Some(minute(19)),
            is_missed: true,
            mapping_version: 3,
        },
        observed_at: minute(16),
        observed_via: Source::ConnectAction,
        created_at: minute(17),
        updated_at: minute(18),
        ..order(1)
    };
    row.order_data.items = vec![item("LADORE_A")];
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    let stored = stored(&db, &row).await;
    let instant = |minutes| minute(minutes).to_rfc3339();
    let mut expected = json!({
        "id": row.id, "tenant_id": 7, "account_id": ACCOUNT, "version": 4, "order_id": 812,
        "shop_order_name": "#1", "link_basis": "order_number", "mintsoft_order_id": 1,
        "mintsoft_order_number": "ladore-1", "status": "NEW", "status_id": 1, "courier_service": "Next day",
        "courier_service_id": 55, "tracking_number": "JD1", "tracking_url": "https://courier.example/JD1",
        "dispatched_at": instant(11), "estimated_delivery": instant(12), "delivered_at": instant(13),
        "num_parcels": 2, "weight": 1_000_000_000_000.001_f64, "part": 2, "number_of_parts": 3,
        "ordered_at": instant(1), "vanished_at": instant(14), "withheld_reason": "doubt",
        "cancellation": {"request_id": Uuid::from_u128(5), "state": "refused", "message": "Too late",
                         "requested_by": "user:9", "requested_at": "2026-03-01T12:15:00Z"},
        "warehouse_phase": "dispatched", "carrier_phase": "attempt_failed", "must_act": "brand",
        "attention": "delivery_attempt_failed", "tab": "on_the_way", "due_at": instant(19), "mapping_version": 3,
        "order_data_json": row.order_data, "search_text": "ladore-1\n#1\njd1\nladore_a\n",
        "observed_at": instant(16), "observed_via": "connect_action", "created_at": instant(17),
        "updated_at": instant(18), "number_key": "ladore-1", "facet": stored["facet"],
    });
    expected["lateness_noted"] = json!(true);
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn a_row_gives_way_to_a_later_version_only() {
    let db = TestDatabase::create().await;
    let at = |version, status: &str| OrderRow { version, status: Some(status.into()), ..order(1) };
    put_orders(db.pool(), &[at(5, "PICKED"), order(2)]).await;
    put_orders(db.pool(), &[order(3), at(5, "NEW")]).await;
    put_orders(db.pool(), &[at(4, "NEW")]).await;
    assert_eq!(stored(&db, &order(1)).await["status"], "PICKED");
    put_orders(db.pool(), &[at(6, "PACKED")]).await;
    assert_eq!(stored(&db, &order(1)).await["status"], "PACKED");
}

#[tokio::test]
async fn a_recipient_comes_changes_and_goes() {
    let db = TestDatabase::create().await;
    let row = order(1);
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    let full = Recipient {
        name: Some("Rosa Quispe".into()),
        company: Some("Casa Rosa".into()),
        address_lines: vec!["Jr. Unión 12, \"B\"".into(), "Piso 3".into()],
        town: Some("Lima".into()),
        county: Some("Lima".into()),
        post_code: Some("15001".into()),
        country: Some("PERU".into()),
        phone: Some("1".into()),
        mobile: Some("2".into()),
        email: Some("rosa@example.com".into()),
        delivery_notes: Some("Timbre".into()),
        comments: Some("Regalo".into()),
    };
    let shown = async || whole(db.pool(), &LADORE, row.id).await.unwrap().recipient().unwrap();
    change_recipient(db.pool(), row.id, &put(&row, 2, full.clone())).await;
    assert_eq!(shown().await, Some(full));
    change_recipient(db.pool(), row.id, &put(&row, 3, Recipient::default())).await;
    assert_eq!(shown().await, Some(Recipient::default()));
    change_recipient(db.pool(), row.id, &Change::Keep).await;
    assert_eq!(shown().await, Some(Recipient::default()));
    change_recipient(db.pool(), row.id, &Change::Delete).await;
    assert_eq!(shown().await, None);
}
