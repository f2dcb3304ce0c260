//! One order: what its answer holds, how fresh it says it is, its scans, its recipient, and who may see them.

use logistics_domain::order::facts::TrackingEvent;
use logistics_projections::Binder;
use logistics_projections::orders::{OrderView, find_order};
use logistics_projections::recipients::Recipient;
use logistics_projections::tracking::{self, TrackingColumns, TrackingRow, tracking_of};
use serde_json::json;

use super::*;

async fn found(db: &TestDatabase, row: &OrderRow, minutes: i64) -> OrderView {
    find_order(db.pool(), &LADORE, row.id, read_at(minutes)).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_answer_has_the_columns_under_their_names() {
    let db = TestDatabase::create().await;
    let mut row = OrderRow { dispatched_at: Some(minute(2)), ..order(1) };
    row.order_data.items = vec![item("LADORE_A")];
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    let answer = serde_json::to_value(found(&db, &row, 2).await).unwrap();
    assert_eq!(answer["id"], json!(row.id));
    assert_eq!(answer["mintsoft_order_number"], "ladore-1");
    assert_eq!((&answer["status"], &answer["status_id"]), (&json!("NEW"), &json!(1)));
    assert_eq!(answer["weight"], json!(1.25));
    assert_eq!(answer["dispatched_at"], "2026-03-01T12:02:00Z");
    assert_eq!(answer["items"][0]["sku"], "LADORE_A");
    assert_eq!(answer["order_data_json"]["items"], answer["items"]);
    assert_eq!(
        answer["freshness"],
        json!({"checked_at": "2026-03-01T12:01:00Z", "via": "poll", "age_seconds": 60, "stale": false})
    );
    for absent in ["account_id", "withheld_reason", "search_text"] {
        assert!(answer.get(absent).is_none(), "{absent} is not shown");
    }
}

#[tokio::test]
async fn the_newest_of_answer_check_and_poll_says_how_fresh_an_order_is() {
    let db = TestDatabase::create().await;
    let row = OrderRow { observed_via: Source::Refresh, ..order(1) };
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    let freshness = found(&db, &row, 7).await.freshness;
    assert_eq!((freshness.via.as_str(), freshness.stale), ("refresh", true));

    sqlx::query(
        "insert into order_checks (stream_id, tenant_id, via, asked_at, answered_at, describes_at) \
             values ($1, 7, 'recheck', $2, $2, $2)",
    )
    .bind(row.id.0)
    .bind(minute(3))
    .execute(db.pool())
    .await
    .unwrap();
    let freshness = found(&db, &row, 7).await.freshness;
    assert_eq!(
        (freshness.via.as_str(), freshness.checked_at, freshness.stale),
        ("recheck", minute(3), false)
    );

    sqlx::query(
        "with tenant as (insert into tenants (id, name, slug, created_at) values (7, 'Ladore', 'ladore', $2)), \
         account as (insert into mintsoft_accounts (id, api_url, credentials_kind, identity, credentials_sealed, \
             credentials_set_at, last_polled_at, created_at) \
           values ($1, 'https://upstream.example', 'api_key', 'one', '', $2, $2, $2)) \
         insert into logistics_config (tenant_id, account_type, api_url, api_key_encrypted, account_id, created_at, updated_at) \
         values (7, 'dedicated', 'https://upstream.example', '\\x00', $1, $2, $2)",
    )
    .bind(ACCOUNT.0)
    .bind(minute(5))
    .execute(db.pool())
    .await
    .unwrap();
    let freshness = found(&db, &row, 7).await.freshness;
    assert_eq!(freshness.via, "recheck", "a poll of the account is not yet one for the tenant");

    sqlx::query("update logistics_config set last_synced_at = $1 where tenant_id = 7")
        .bind(minute(5))
        .execute(db.pool())
        .await
        .unwrap();
    let freshness = found(&db, &row, 7).await.freshness;
    assert_eq!((freshness.via.as_str(), freshness.age_seconds), ("poll", 120));

    let gone = OrderRow { version: 2, vanished_at: Some(minute(4)), ..row };
    put_orders(db.pool(), std::slice::from_ref(&gone)).await;
    let freshness = found(&db, &gone, 7).await.freshness;
    assert_eq!(freshness.via, "recheck", "no poll shows that an order is not there");
}

#[tokio::test]
async fn another_tenant_and_a_withheld_order_find_nothing() {
    let db = TestDatabase::create().await;
    let (shown, withheld) = (order(1), OrderRow { withheld_reason: Some("doubt".into()), ..order(2) });
    put_orders(db.pool(), &[shown.clone(), withheld.clone()]).await;
    for row in [&shown, &withheld] {
        let person = Recipient { name: Some("Rosa".into()), ..Recipient::default() };
        change_recipient(db.pool(), row.id, &put(row, 1, person)).await;
    }
    for (scope, row) in [(&OTHER, &shown), (&LADORE, &withheld)] {
        assert_eq!(find_order(db.pool(), scope, row.id, read_at(0)).await.unwrap(), None);
        assert_eq!(tracking_of(db.pool(), scope, row.id).await.unwrap(), None);
        assert!(whole(db.pool(), scope, row.id).await.is_none());
    }
    let both = find_whole(db.pool(), &LADORE, &[withheld.id.0, shown.id.0, Uuid::nil()]).await.unwrap();
    assert_eq!(both.iter().map(|one| one.id).collect::<Vec<_>>(), [shown.id]);
    assert!(both[0].recipient().unwrap().is_some());
}

#[tokio::test]
async fn orders_are_found_whole_together_each_with_what_is_its_own() {
    let db = TestDatabase::create().await;
    let linked = |number, order_id| OrderRow { order_id: Some(order_id), ..order(number) };
    let rows = [order(1), linked(2, 812), linked(3, 813), OrderRow { version: 9, ..order(4) }];
    put_orders(db.pool(), &rows).await;
    for (row, name) in [(&rows[0], "Rosa"), (&rows[2], "Luz")] {
        let person = Recipient { name: Some(name.into()), ..Recipient::default() };
        change_recipient(db.pool(), row.id, &put(row, 1, person)).await;
    }
    sqlx::query(
        "with tenant as (insert into tenants (id, name, slug, created_at) \
           values (7, 'Ladore', 'ladore', now()), (8, 'Kallpa', 'kallpa', now())) \
         insert into orders (id, tenant_id, platform, external_id, name, created_at) values \
           (812, 7, 'shopify', 'a', '#1', now()), (812, 8, 'host', 'b', '#1', now()), (813, 8, 'host', 'c', '#2', now())",
    )
    .execute(db.owner_pool())
    .await
    .unwrap();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let found = find_whole(db.pool(), &LADORE, &ids).await.unwrap();
    assert_eq!(found.len(), rows.len());
    for (number, row) in rows.iter().enumerate() {
        let one = found.iter().find(|one| one.id == row.id).unwrap();
        assert_eq!((one.version, one.number_of_parts), (row.version, 1));
        assert_eq!(one.view(read_at(2)).unwrap(), self::found(&db, row, 2).await);
        let name = one.recipient().unwrap().and_then(|person| person.name);
        assert_eq!(name.as_deref(), [Some("Rosa"), None, Some("Luz"), None][number]);
        // Another tenant's shop order of the same number is another one.
        let placed = [None, Some(("shopify".to_owned(), "a".to_owned())), None, None];
        assert_eq!(one.placed().unwrap(), placed[number]);
    }
}

#[tokio::test]
async fn scans_are_told_by_the_couriers_clock_once_each() {
    let db = TestDatabase::create().await;
    let row = order(1);
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    assert_eq!(tracking_of(db.pool(), &LADORE, row.id).await.unwrap(), Some(vec![]));

    let scan = |id: i64, at: Option<i64>| TrackingRow {
        id: Uuid::new_v5(&row.id.0, id.to_string().as_bytes()),
        tenant_id: row.tenant_id,
        logistics_order_id: row.id,
        event_status: Some("InTransit".into()),
        event_description: Some(format!("scan {id}")),
        event_date: at.map(minute),
        location: None,
        scan: TrackingEvent {
            id,
            shipment_id: None,
            status_id: None,
            status: Some("InTransit".into()),
            description: Some(format!("scan {id}")),
            stage_code: None,
            courier_event_id: None,
            happened_at: at.map(minute),
            delivered: false,
        },
        created_at: minute(9),
    };
    let sql = tracking::upsert_sql(Tables::Live, 1);
    for scans in
        [vec![scan(5, None), scan(7, Some(2))], vec![scan(7, Some(2)), scan(6, Some(3)), scan(9, Some(1))]]
    {
        let columns: TrackingColumns<'_> = scans.iter().collect();
        columns.bind(Binder::of_arrays(sqlx::query(&sql))).done().execute(db.pool()).await.unwrap();
    }
    let told = tracking_of(db.pool(), &LADORE, row.id).await.unwrap().unwrap();
    let ids: Vec<_> = told.iter().map(|scan| scan.raw_data_json["id"].clone()).collect();
    assert_eq!(ids, [9, 7, 6, 5]);
    assert_eq!(told[0].event_description.as_deref(), Some("scan 9"));
}
