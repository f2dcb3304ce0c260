//! The read tables: rows written in bulk, and what lists and single reads answer from them.

mod backward;
mod daily;
mod facet_scan;
mod facets;
mod fulfilling;
mod index_scan;
mod lines;
mod list;
mod log;
mod order;
mod portions;
mod search;
mod status;
mod write;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::facts::Item;
use logistics_domain::status::Standing;
use logistics_domain::{AccountId, OrderStreamId, Source, TenantId};
use logistics_projections::Binder;
use logistics_projections::orders::{
    self, FacetColumns, OrderColumns, OrderData, OrderRow, ReadAt, ScansSeen, SearchColumns, WholeOrder,
    find_whole,
};
use logistics_projections::recipients::{self, Change, Recipient, RecipientChanges, RecipientRow};
use logistics_projections::{Tables, TenantScope};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::database::TestDatabase;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(7));
const LADORE: TenantScope = TenantScope::granted(TenantId(7));
const OTHER: TenantScope = TenantScope::granted(TenantId(8));

/// Minutes after a fixed instant.
fn minute(minutes: i64) -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// Reading at a minute, with data stale after five.
fn read_at(minutes: i64) -> ReadAt {
    ReadAt { now: minute(minutes), stale_after: TimeDelta::minutes(5) }
}

/// An order of tenant 7 that was seen once, at its own number of minutes.
pub fn order(number: i64) -> OrderRow {
    OrderRow {
        id: OrderStreamId::derive(ACCOUNT, number),
        tenant_id: LADORE.tenant(),
        account_id: ACCOUNT,
        version: 1,
        order_id: None,
        shop_order_name: None,
        link_basis: None,
        mintsoft_order_id: number,
        mintsoft_order_number: format!("ladore-{number}"),
        status: Some("NEW".into()),
        status_id: Some(1),
        courier_service: None,
        courier_service_id: None,
        tracking_number: None,
        tracking_url: None,
        dispatched_at: None,
        estimated_delivery: None,
        delivered_at: None,
        num_parcels: Some(1),
        weight_grams: Some(1250),
        part: 1,
        number_of_parts: 1,
        ordered_at: Some(minute(number)),
        vanished_at: None,
        withheld_reason: None,
        cancellation: None,
        standing: Standing::default(),
        missed: None,
        scans: ScansSeen::default(),
        order_data: OrderData::default(),
        observed_at: minute(number),
        observed_via: Source::Poll,
        created_at: minute(number),
        updated_at: minute(number),
    }
}

/// A line of one unit.
fn item(sku: &str) -> Item {
    Item { id: None, sku: Some(sku.into()), quantity: 1, allocated: 0, on_back_order: 0 }
}

/// Writes orders as the ledger does.
pub async fn put_orders(pool: &PgPool, rows: &[OrderRow]) {
    let sql = format!("with {} select 1", orders::commit_sql(1));
    let columns: OrderColumns<'_> = rows.iter().collect();
    columns.bind(Binder::of_arrays(sqlx::query(&sql))).done().execute(pool).await.unwrap();
    let (mut facets, mut searches) = (FacetColumns::default(), SearchColumns::default());
    let texts: Vec<String> = rows.iter().map(OrderRow::search_text).collect();
    for (row, text) in rows.iter().zip(&texts) {
        facets.push(row.facet(), row);
        searches.push(row.id, row.tenant_id.0, text);
    }
    facets.bind(Binder::of_arrays(sqlx::query(&orders::facets_sql(1)))).done().execute(pool).await.unwrap();
    searches
        .bind(Binder::of_arrays(sqlx::query(&orders::searches_sql(1))))
        .done()
        .execute(pool)
        .await
        .unwrap();
}

/// Writes, or deletes, the recipient of an order.
async fn change_recipient(pool: &PgPool, order: OrderStreamId, change: &Change) {
    let (upsert, removal) =
        (recipients::upsert_sql(Tables::Live, 1), recipients::removal_sql(Tables::Live, 1));
    let mut changes = RecipientChanges::default();
    changes.add(order, change);
    changes.bind_upsert(Binder::of_arrays(sqlx::query(&upsert))).done().execute(pool).await.unwrap();
    changes.bind_removal(Binder::of_arrays(sqlx::query(&removal))).done().execute(pool).await.unwrap();
}

/// The order with what stands beside it, if the tenant may see it.
async fn whole(pool: &PgPool, scope: &TenantScope, id: OrderStreamId) -> Option<WholeOrder> {
    let mut found = find_whole(pool, scope, &[id.0]).await.unwrap();
    assert!(found.len() <= 1);
    found.pop()
}

/// A recipient told of by the event of that number.
fn put(row: &OrderRow, version: i64, recipient: Recipient) -> Change {
    Change::Put(Box::new(RecipientRow {
        logistics_order_id: row.id,
        tenant_id: row.tenant_id,
        version,
        recipient,
    }))
}
