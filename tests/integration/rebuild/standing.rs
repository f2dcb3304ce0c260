//! Where orders stand is read by a mapping: another one reads all history anew, and rows of before are brought to it.

use chrono::TimeDelta;
use logistics_domain::order::facts::{Status, TrackingEvent};
use logistics_domain::order::{Observation, Observed, Snapshot, Told};
use logistics_domain::status::mapping::WarehouseRule;
use logistics_domain::status::{Attention, Mapping, MustAct, WarehousePhase};
use logistics_domain::{Command, Provenance, Source};
use logistics_ledger::ledger::rebuild::{RebuildOptions, RebuildReport, rebuild};
use logistics_ledger::ledger::{Intended, OpenOrder};

use super::world::{World, address, start};

/// A mapping in which a printed order waits for its brand.
static ANOTHER: Mapping = Mapping::with_warehouse(77, PRINTED_WAITS);

const PRINTED_WAITS: &[WarehouseRule] = &[
    (1, "NEW", WarehousePhase::Received, MustAct::Warehouse, None),
    (2, "PRINTED", WarehousePhase::Waiting, MustAct::Brand, Some(Attention::OnHold)),
    (3, "CANCELLED", WarehousePhase::Cancelled, MustAct::Nobody, None),
    (4, "DESPATCHED", WarehousePhase::Dispatched, MustAct::Carrier, None),
    (16, "PICKINGSTARTED", WarehousePhase::Preparing, MustAct::Warehouse, None),
];

async fn rebuild_by(world: &World, mapping: &'static Mapping) -> RebuildReport {
    let options = RebuildOptions { mapping, ..RebuildOptions::default() };
    rebuild(world.owner(), &world.ring, &options).await.unwrap()
}

const PRINTED: &str = "select count(*) from logistics_orders where status_id = 2 and dispatched_at is null";

#[tokio::test]
async fn another_mapping_reads_all_history_anew() {
    let world = World::with_orders(31, 60, 6).await;
    let rows = world.rows().await;
    let printed = world.count(PRINTED).await;
    assert!(printed > 0);
    let waiting = format!(
        "{PRINTED} and warehouse_phase = 'waiting' and (tab <> 'in_warehouse' or attention = 'on_hold') \
         and mapping_version = 77"
    );
    assert_eq!(world.count(&waiting).await, 0);

    let report = rebuild_by(&world, &ANOTHER).await;
    assert_eq!(report.differences, 60, "every row says by which mapping it was read");
    assert!(report.differing_rows.iter().all(|row| row.columns.contains(&"mapping_version".to_owned())));
    assert_eq!(world.count(&waiting).await, printed);
    assert_eq!(world.count("select count(*) from logistics_orders where mapping_version <> 77").await, 0);

    assert_eq!(world.rebuild().await.differences, 60);
    assert_eq!(world.rows().await, rows, "the mapping in use gives back what it gave");
}

/// Orders whose facet is not the one that the database makes of them.
const OF_ANOTHER_FACET: &str = "select count(*) from logistics_orders where facet <> logistics_facet(status, status_id, \
     courier_service, courier_service_id, order_id is not null, tab, attention)";

#[tokio::test]
async fn rows_from_before_the_mapping_are_filled_by_the_migration_and_made_exact_by_a_rebuild() {
    let world = World::with_orders(32, 60, 6).await;
    world
        .run(
            "create table as_folded as select id, warehouse_phase, tab, carrier_phase from logistics_orders;
             alter table logistics_orders drop column warehouse_phase cascade, drop column carrier_phase cascade,
               drop column must_act cascade, drop column attention cascade, drop column tab cascade,
               drop column due_at cascade, drop column mapping_version cascade, drop column number_key cascade,
               drop column facet, drop column ordered_day;
             drop function logistics_facet;
             drop view logistics_order_counted, logistics_order_totalled;
             drop table logistics_order_count_changes;
             drop function count_logistics_orders, recount_logistics_orders, recount_tenant_of_other_zone,
               total_logistics_orders cascade;
             drop table logistics_order_facets, logistics_order_counts, logistics_order_totals,
               logistics_order_generation;",
        )
        .await;
    world.run(include_str!("../../../migrations/20261125130000_add_order_standing.sql")).await;
    // What came later counts by what that one tells.
    world.run(include_str!("../../../migrations/20261125200000_add_order_facets.sql")).await;
    world.run(include_str!("../../../migrations/20261125210000_create_order_count_changes.sql")).await;
    world.run(include_str!("../../../migrations/20261126100000_alter_order_facets.sql")).await;
    world.run(include_str!("../../../migrations/20261126160000_create_order_totals.sql")).await;
    world.run(include_str!("../../../migrations/20261126161000_add_order_days.sql")).await;
    world.assert_beside().await;
    assert_eq!(world.count(OF_ANOTHER_FACET).await, 0);
    let other = "select count(*) from logistics_orders join as_folded f using (id) where ";
    assert_eq!(
        world.count(&format!("{other} logistics_orders.warehouse_phase <> f.warehouse_phase")).await,
        0
    );
    assert_eq!(
        world
            .count(&format!(
                "{other} f.carrier_phase in ('none', 'pending') and logistics_orders.tab <> f.tab"
            ))
            .await,
        0
    );
    assert_eq!(world.count("select count(*) from logistics_orders where mapping_version = 0").await, 60);

    assert_eq!(world.rebuild().await.differences, 60);
    assert_eq!(world.rebuild().await.differences, 0);
    assert_eq!(world.count(OF_ANOTHER_FACET).await, 0, "the service makes the same");
    assert_eq!(world.count(&format!("{other} logistics_orders.tab <> f.tab")).await, 0);
}

/// Has the command decided on the first order.
async fn decide(world: &World, command: Command) {
    let intent = move |_: &OpenOrder| -> Intended { command.clone().into() };
    let provenance = Provenance {
        source: Source::Poll,
        actor: "system".into(),
        correlation_id: "run:1".into(),
        cause: None,
        observed_at: start(),
    };
    world.ledger.execute(address(1), &intent, &provenance).await.unwrap();
}

#[tokio::test]
async fn a_scan_that_an_earlier_mapping_took_for_a_delivery_is_read_anew() {
    let world = World::open().await;
    let at = |minute| start() + TimeDelta::minutes(minute);
    let observed = |minute| Observed {
        asked_at: at(minute),
        answered_at: at(minute),
        upstream_updated_at: Some(at(minute)),
        raw_sha256: None,
    };
    let snapshot = Snapshot {
        number: "ladore-1".into(),
        status: Told::Is(Status { id: 4, name: "DESPATCHED".into(), external_name: None }),
        ..Snapshot::default()
    };
    let seen = Observation { snapshot, observed: observed(0), last_checked: None };
    let account_id = address(1).account;
    decide(&world, Command::Observe { account_id, mintsoft_order_id: 1, observation: Box::new(seen) }).await;
    let scan = TrackingEvent {
        id: 5,
        shipment_id: None,
        status_id: None,
        status: None,
        description: Some("Delivered to carrier".into()),
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(at(1)),
        delivered: true,
    };
    decide(&world, Command::RecordTracking { scans: vec![scan], observed: observed(2) }).await;
    let told = "select count(*) from events where event_type = 'OrderDelivered'";
    assert_eq!(world.count(told).await, 1, "it was a trial");

    let columns = "(carrier_phase, tab, mapping_version)";
    let as_read_then = format!("update logistics_orders set {columns} = ('delivered', 'delivered', 1)");
    world.run(&as_read_then).await;
    let report = world.rebuild().await;
    let columns = report.differing_rows.iter().map(|row| row.columns.clone()).collect::<Vec<_>>();
    assert_eq!(report.differences, 1, "{columns:?}");
    let stands = "select concat_ws(' ', carrier_phase, tab) from logistics_orders";
    let stands: String = sqlx::query_scalar(stands).fetch_one(world.owner()).await.unwrap();
    assert_eq!(stands, "in_transit on_the_way");
    assert_eq!(world.count("select count(*) from logistics_orders where delivered_at is not null").await, 0);

    decide(&world, Command::ReportDelivery { delivered_at: at(5), observed: observed(5) }).await;
    assert_eq!(world.count(told).await, 2, "the warehouse tells what no scan does");
    let stands =
        "select concat_ws(' ', carrier_phase, tab, delivered_at = timestamptz '{at}') from logistics_orders";
    let stands = stands.replace("{at}", &at(5).to_rfc3339());
    let stands: String = sqlx::query_scalar(&stands).fetch_one(world.owner()).await.unwrap();
    assert_eq!(stands, "delivered delivered t");
    assert_eq!(world.rebuild().await.differences, 0);
}
