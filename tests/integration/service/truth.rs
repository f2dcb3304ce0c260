//! The comparison: what the ledger says against what the sandbox and the day say, and the ledger against itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SubsecRound;
use cqrs_es::persist::SerializedEvent;
use logistics_domain::framework::{upcast, upcasters};
use logistics_domain::order::catalogue::entries;
use logistics_domain::{OrderEvent, OrderStreamId, Source};
use logistics_projections::Binder;
use logistics_projections::event_log::RawEvent;
use logistics_projections::orders::{self, OrderColumns, OrderRow};
use logistics_projections::tracking::{self, Scans, TrackingRow};
use logistics_projections::{EventPlace, Tables};
use serde_json::Value;
use sqlx::PgPool;

use super::moves::Day;
use super::site::Site;

/// Every order has one stream, and its row says what the sandbox says.
pub async fn orders_are_as_in_the_warehouse(site: &Site, day: &Day) {
    let known = site.count("select count(*) from order_streams").await;
    assert_eq!(usize::try_from(known).unwrap(), day.orders.len(), "streams and orders");
    let mut wrong = Vec::new();
    for moved in &day.orders {
        let order = site.mintsoft.order(moved.id).expect("nothing was merged away");
        let dispatched = order.despatch_date.map(|at| at.trunc_subsecs(6).to_rfc3339());
        let row = read_row(site, moved.id).await;
        let is_delivered = row["delivered_at"].is_string();
        let at = |name: &str| {
            row[name].as_str().map(|text| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
        };
        let found = (
            row["tenant_id"].as_i64(),
            row["status_id"].as_i64(),
            row["tracking_number"].as_str().map(str::to_owned),
            at("dispatched_at").map(|at| at.to_rfc3339()),
            (row["part"].as_i64(), row["number_of_parts"].as_i64()),
            is_delivered,
            scans_of(site, moved.id).await,
        );
        let expected = (
            Some(moved.tenant.0),
            Some(i64::from(order.status)),
            order.tracking_number.clone(),
            dispatched,
            (Some(i64::from(order.part)), Some(i64::from(order.parts))),
            moved.delivered.unwrap_or(is_delivered),
            moved.scans.iter().cloned().collect::<Vec<_>>(),
        );
        if found != expected {
            wrong.push(format!("{}:\n  ledger    {found:?}\n  warehouse {expected:?}", moved.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn read_row(site: &Site, id: i64) -> Value {
    let sql = "select to_jsonb(o) from logistics_orders o where mintsoft_order_id = $1";
    let rows: Vec<Value> = sqlx::query_scalar(sql).bind(id).fetch_all(site.pool()).await.unwrap();
    assert_eq!(rows.len(), 1, "rows of order {id}");
    rows.into_iter().next().unwrap()
}

async fn scans_of(site: &Site, id: i64) -> Vec<String> {
    let sql = "select coalesce(t.event_description, '') from logistics_tracking_events t
               join logistics_orders o on o.id = t.logistics_order_id where o.mintsoft_order_id = $1 order by 1";
    let mut scans: Vec<String> = sqlx::query_scalar(sql).bind(id).fetch_all(site.pool()).await.unwrap();
    scans.sort();
    scans
}

/// What was acknowledged is kept once, noted once, and tied to the orders that carry its number.
pub async fn paid_orders_are_kept_once_and_linked(site: &Site, day: &Day) {
    for paid in &day.paid {
        let sql = "select count(*) from inbox_deliveries where headers->>'x-shopify-webhook-id' = $1";
        let kept: i64 = sqlx::query_scalar(sql).bind(&paid.webhook_id).fetch_one(site.pool()).await.unwrap();
        assert_eq!(kept, 1, "deliveries of {paid:?}");
        let sql = "select l.state from orders o join shop_links l on l.tenant_id = o.tenant_id and l.order_id = o.id
                   where o.tenant_id = $1 and o.external_id = $2";
        let links: Vec<String> = sqlx::query_scalar(sql)
            .bind(paid.tenant.0)
            .bind(paid.shop_id.to_string())
            .fetch_all(site.pool())
            .await
            .unwrap();
        let number = day.paid_numbers.iter().find(|(_, id)| **id == paid.shop_id).map(|(number, _)| number);
        let is_there = day
            .orders
            .iter()
            .any(|moved| site.mintsoft.order(moved.id).is_some_and(|order| Some(&order.number) == number));
        assert_eq!(links, [if is_there { "linked" } else { "not_found" }], "links of {paid:?}");
    }
    let sql = "select r.mintsoft_order_number, o.external_id from logistics_orders r
               left join orders o on o.tenant_id = r.tenant_id and o.id = r.order_id";
    let tied: Vec<(String, Option<String>)> = sqlx::query_as(sql).fetch_all(site.pool()).await.unwrap();
    for (number, external_id) in tied {
        let expected = day.paid_numbers.get(&number).map(ToString::to_string);
        assert_eq!(external_id, expected, "the shop order of {number}");
    }
}

/// Positions and sequences have no gaps, and no fact stands twice in a row.
pub async fn the_log_is_dense_and_says_nothing_twice(site: &Site) {
    let gaps = "select count(*) from (select position - row_number() over (partition by tenant_id order by position) as d
                from events) p where d <> -1";
    assert_eq!(site.count(gaps).await, 0, "positions with gaps");
    let gaps = "select count(*) from (select sequence - row_number() over (partition by aggregate_id order by sequence)
                as d from events) s where d <> 0";
    assert_eq!(site.count(gaps).await, 0, "sequences with gaps");
    let heads = "select count(*) from ledger_heads h where next_position <>
                 (select count(*) from events e where e.tenant_id = h.tenant_id)";
    assert_eq!(site.count(heads).await, 0, "heads that are not the end");
    let mut last: BTreeMap<(String, String), Value> = BTreeMap::new();
    let mut recorded = BTreeSet::new();
    for (stream, name, mut payload) in events(site).await {
        let facts = payload.as_object_mut().unwrap();
        facts.remove("observed");
        // Where a change began is not what it came to.
        facts.remove("from");
        forget_seals(&mut payload);
        if let Some(scan) = payload.get("scan") {
            assert!(
                recorded.insert((stream.clone(), scan["id"].clone().to_string())),
                "a scan twice: {scan}"
            );
        }
        let before = last.insert((stream.clone(), name.clone()), payload.clone());
        assert_ne!(before, Some(payload), "{name} twice in {stream}");
    }
}

/// Every event comes of a source that the catalogue names for it. Gives the pairs.
pub async fn events_come_of_the_sources_of_the_catalogue(pool: &PgPool) -> BTreeSet<(String, String)> {
    let sql = "select distinct event_type, metadata->>'source' from events";
    let found: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    let mut pairs = BTreeSet::new();
    for (name, source) in found {
        let source: Source = source.parse().unwrap();
        let entry = entries().find(|entry| entry.name == name).unwrap();
        assert!(entry.sources.contains(&source), "{name} comes of {}", source.as_str());
        pairs.insert((name, source.as_str().to_owned()));
    }
    pairs
}

async fn events(site: &Site) -> Vec<(String, String, Value)> {
    let sql = "select aggregate_id, event_type, payload from events order by aggregate_id, sequence";
    sqlx::query_as(sql).fetch_all(site.pool()).await.unwrap()
}

/// The same content is sealed differently each time; its fingerprint tells.
fn forget_seals(value: &mut Value) {
    if let Value::Object(members) = value {
        members.remove("sealed");
        members.values_mut().for_each(forget_seals);
    }
}

/// No job is left: none running without a worker, none given up. A run whose worker was killed time and again is given
/// up and marked as failed; the next one reads what it did not.
pub async fn no_work_is_left(site: &Site) {
    let sql = "select kind, state, coalesce(last_error, '') from jobs
               where (state = 'dead' and not exists (select from sync_runs r
                        where r.id::text = payload->>'run_id' and r.state = 'failed'))
                 or (state = 'running' and lease_until < clock_timestamp() - interval '5 s')";
    let left: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(site.pool()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let waiting = "select count(*) from inbox_deliveries where state in ('received', 'dead')";
    assert_eq!(site.count(waiting).await, 0, "deliveries that nobody worked on");
}

/// The rows are what the pure folds make of the log.
pub async fn rows_equal_a_fresh_fold(site: &Site) {
    let (rows, scans) = folded(site).await;
    for (shadow, live) in [
        (Tables::Shadow.orders(), Tables::Live.orders()),
        (Tables::Shadow.tracking_events(), Tables::Live.tracking_events()),
    ] {
        let make = format!("create table {shadow} (like {live} including all)");
        sqlx::query(&make).execute(site.database.owner_pool()).await.unwrap();
    }
    let sql = orders::upsert_sql(Tables::Shadow, 1);
    let columns: OrderColumns<'_> = rows.values().collect();
    columns
        .bind(Binder::of_arrays(sqlx::query(&sql)))
        .done()
        .execute(site.database.owner_pool())
        .await
        .unwrap();
    let sql = tracking::upsert_sql(Tables::Shadow, 1);
    let columns: tracking::TrackingColumns<'_> = scans.iter().collect();
    columns
        .bind(Binder::of_arrays(sqlx::query(&sql)))
        .done()
        .execute(site.database.owner_pool())
        .await
        .unwrap();
    for table in ["logistics_orders", "logistics_tracking_events"] {
        // As JSONB, since a column of JSON text is equal to nothing.
        let rows = |of: &str| format!("select to_jsonb(r) from {of} r");
        let (live, shadow) = (rows(table), rows(&format!("{table}_shadow")));
        let sql =
            format!("select count(*) from (({live} except {shadow}) union all ({shadow} except {live})) d");
        let differing: i64 = sqlx::query_scalar(&sql).fetch_one(site.database.owner_pool()).await.unwrap();
        assert_eq!(differing, 0, "rows of {table} that differ from a fresh fold");
    }
}

async fn folded(site: &Site) -> (BTreeMap<OrderStreamId, OrderRow>, Vec<TrackingRow>) {
    let (mut rows, mut scans) = (BTreeMap::new(), BTreeMap::<OrderStreamId, Scans>::new());
    let upcasters = upcasters();
    let log: Vec<RawEvent> = sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, metadata::text \
         from events order by tenant_id, position",
    )
    .fetch_all(site.pool())
    .await
    .unwrap();
    for raw in &log {
        let place: EventPlace = raw.place().unwrap();
        let stored = SerializedEvent {
            aggregate_id: raw.aggregate_id.clone(),
            sequence: usize::try_from(raw.sequence).unwrap(),
            aggregate_type: "logistics_order".into(),
            event_type: raw.event_type.clone(),
            event_version: raw.event_version.clone(),
            payload: serde_json::from_str(&raw.payload).unwrap(),
            metadata: Value::Null,
        };
        let event: OrderEvent = serde_json::from_value(upcast(stored, &upcasters).payload).unwrap();
        let held = rows.remove(&place.stream);
        rows.extend(orders::apply(held, &place, &event).map(|row| (place.stream, row)));
        scans.entry(place.stream).or_default().take(&place, &event);
    }
    (rows, scans.into_values().flat_map(Scans::into_rows).collect())
}
