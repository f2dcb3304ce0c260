//! Orders that live by themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use logistics_ledger::sandbox::{Life, LivingOrder, status};
use serde_json::json;

use super::caller::{Site, site_with};

/// Life so fast that a story is told within a moment.
fn hasty(stock: u32) -> Life {
    Life {
        beat: Duration::from_millis(1),
        beats_between_orders: 20,
        beats_between_steps: 4,
        stock,
        living_at_most: 200,
    }
}

fn patient(stock: u32) -> Life {
    Life { beat: Duration::from_hours(1), ..hasty(stock) }
}

async fn living(life: Life) -> Site {
    site_with(|settings| settings.life = Some(life)).await
}

/// Status, number and client of every order.
fn picture(site: &Site) -> Vec<(i64, i32, String, String)> {
    let orders = site.world.order_ids().into_iter().map(|id| site.world.order(id).unwrap());
    orders
        .map(|order| (order.client_id, order.status, order.number, order.last_updated.to_rfc3339()))
        .collect()
}

#[tokio::test]
async fn a_stock_of_orders_in_all_phases_is_there_from_the_start() {
    let site = living(patient(40)).await;
    let mut phases: BTreeMap<i32, usize> = BTreeMap::new();
    for (_, status, _, _) in picture(&site) {
        *phases.entry(status).or_default() += 1;
    }
    for phase in
        [status::NEW, status::PRINTED, status::PICKED, status::PACKED, status::DESPATCHED, status::INVOICED]
    {
        assert!(phases.get(&phase).copied().unwrap_or(0) > 0, "no order in status {phase}: {phases:?}");
    }
    assert!(site.world.order_ids().len() >= 120);
    let events = site.get("/api/Order/Shipments/TrackingEvents/List").await.ids();
    assert!(!events.is_empty());
    let newest = site.get("/api/Order/List?Limit=1").await.json();
    assert!(newest[0]["OrderDate"].as_str().unwrap() < "2026-02-09T14:00:00");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_stock_and_another_seed_another() {
    let (first, second) = (living(patient(20)).await, living(patient(20)).await);
    assert_eq!(picture(&first), picture(&second));
    let other = site_with(|settings| {
        settings.life = Some(patient(20));
        settings.seed = 8;
    })
    .await;
    assert_ne!(picture(&first), picture(&other));
}

#[tokio::test]
async fn fresh_orders_are_told_of_with_the_shops_own_number() {
    let site = living(hasty(2)).await;
    let mut news = site.world.living_orders();
    let fresh = tokio::time::timeout(Duration::from_secs(20), news.recv()).await.unwrap().unwrap();
    assert!(!fresh.stock);
    let order = site.world.order(fresh.order_id).unwrap();
    assert_eq!(order.number, fresh.number);
    let digits = fresh.shop_name.trim_start_matches('#');
    assert_eq!(fresh.number, format!("{}-{digits}", fresh.sku_prefix.to_lowercase()));
    assert!(fresh.skus.iter().all(|sku| sku.starts_with(&format!("{}_", fresh.sku_prefix))));
    let known: Vec<LivingOrder> = site.world.living_orders_after(0);
    assert!(known.iter().filter(|order| order.stock).count() == 6 && known.contains(&fresh));
}

#[tokio::test]
async fn an_order_lives_from_new_to_invoiced_and_is_scanned_on_the_way() {
    let site = living(hasty(0)).await;
    let mut invoiced = None;
    for _ in 0..4_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let rows = site.get("/api/Order/List?OrderStatusId=5&Limit=1").await.json();
        if let Some(row) = rows.as_array().unwrap().first() {
            invoiced = Some(row.clone());
            break;
        }
    }
    let row = invoiced.expect("orders come to an end");
    assert!(row["DespatchDate"].is_string());
    assert_ne!(row["OrderNameValues"], json!([]), "the pickers left their traces");
}

#[tokio::test]
async fn a_stopped_sandbox_lives_no_more() {
    let site = living(hasty(1)).await;
    let world = site.world.clone();
    site.sandbox.stop().await;
    let then = world.order_ids();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(world.order_ids(), then);
}
