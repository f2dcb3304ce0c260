//! What the history of an order tells: scans by the courier that carries it, and only what was known then.

use std::sync::Arc;

use chrono::TimeDelta;
use logistics_domain::order::facts::{Courier, Status, TrackingEvent};
use logistics_domain::order::{Observation, Observed, Snapshot, Told};
use logistics_domain::{Command, Provenance, Source};
use logistics_ledger::access::Role;
use logistics_ledger::ledger::sealing::seal_recipient;
use logistics_ledger::ledger::{Intended, Intent, Ledger, LedgerSettings, OpenOrder};
use logistics_projections::recipients::Recipient;
use reqwest::Method;
use serde_json::Value;

use super::world::{FIRST, ORDERS, World};
use crate::rebuild::world::{address, ring, start};

/// An order of the first brand that nobody else wrote.
pub(super) const ORDER: i64 = 9000;

/// What upstream tells so many minutes into the story.
pub(super) fn observed(minute: i64) -> Observed {
    let at = start() + TimeDelta::minutes(minute);
    Observed { asked_at: at, answered_at: at, upstream_updated_at: Some(at), raw_sha256: None }
}

/// Has a command decided on the order.
pub(super) async fn decide(world: &World, command: Command) {
    intend(world, &move |_: &OpenOrder| -> Intended { command.clone().into() }).await;
}

/// Has what is intended for the order decided on it.
pub(super) async fn intend(world: &World, intent: &dyn Intent) {
    intend_of(world, ORDER, intent).await;
}

/// The same of another order.
pub(super) async fn intend_of(world: &World, id: i64, intent: &dyn Intent) {
    let reactions = Arc::new(|_: &_, _: &_, _: &[_], _| vec![]);
    let (pool, clock) = (world.database.pool().clone(), world.clock.clone());
    let ledger = Ledger::start(pool, ring("k1"), clock, LedgerSettings::default(), reactions);
    let provenance = Provenance {
        source: Source::Poll,
        actor: "system".into(),
        correlation_id: "run:1".into(),
        cause: None,
        observed_at: start(),
    };
    ledger.execute(address(id), intent, &provenance).await.unwrap();
}

/// A despatched order as it is seen with a courier.
pub(super) fn carried_by(courier: &str, minute: i64) -> Command {
    let snapshot = Snapshot {
        number: "ladore-9000".into(),
        status: Told::Is(Status { id: 4, name: "DESPATCHED".into(), external_name: None }),
        courier: Told::Is(Courier { service_id: None, name: Some(courier.into()) }),
        ..Snapshot::default()
    };
    Command::Observe {
        account_id: address(ORDER).account,
        mintsoft_order_id: ORDER,
        observation: Box::new(Observation { snapshot, observed: observed(minute), last_checked: None }),
    }
}

/// A scan that tells no more than a code of the courier's own.
fn scan(id: i64, code: &str) -> Command {
    recorded(TrackingEvent { stage_code: Some(code.into()), ..bare_scan(id) })
}

fn bare_scan(id: i64) -> TrackingEvent {
    TrackingEvent {
        id,
        shipment_id: None,
        status_id: None,
        status: None,
        description: None,
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(start() + TimeDelta::minutes(id)),
        delivered: false,
    }
}

fn recorded(scan: TrackingEvent) -> Command {
    let observed = observed(scan.id);
    Command::RecordTracking { scans: vec![scan], observed }
}

/// A despatched order to somebody.
fn addressed(order: &OpenOrder) -> Intended {
    let recipient = Recipient { name: Some("Rosa Quispe".into()), ..Recipient::default() };
    let mut command = carried_by("Evri", 0);
    if let (Command::Observe { observation, .. }, Some(key)) = (&mut command, &order.key) {
        observation.snapshot.recipient = Told::Is(seal_recipient(key, &recipient));
    }
    Intended { recipient: Some(recipient), ..command.into() }
}

#[tokio::test]
async fn a_scan_is_told_by_the_courier_that_was_known_when_it_came() {
    let world = World::with_orders(4).await;
    decide(&world, carried_by("Evri 24", 0)).await;
    decide(&world, scan(1, "5000")).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    let told = |page: &super::world::Seen| -> Vec<String> { page.between("<div>Courier: ", "<") };
    let page = world.get(&cookie, &place, &[]).await;
    let badges = page.between("class=\"badges", "</div>").remove(0);
    assert!(badges.contains("Listo para recojo"), "{badges}");
    assert_eq!(told(&page).concat().trim(), "Listo para recojo");

    decide(&world, carried_by("Another", 2)).await;
    decide(&world, scan(3, "5000")).await;
    let page = world.get(&cookie, &place, &[]).await;
    let told: Vec<String> = told(&page).iter().map(|told| told.trim().to_owned()).collect();
    assert_eq!(told, ["Sin dato", "Listo para recojo"], "each by its own courier, newest first");
}

#[tokio::test]
async fn what_was_known_then_is_a_beginning_of_the_history_though_the_clock_was_set_back() {
    let world = World::with_orders(4).await;
    decide(&world, carried_by("Evri", 0)).await;
    decide(&world, carried_by("Another", 1)).await;
    for (sequence, second) in [(1, 30), (2, 10)] {
        let stamped = format!(
            "set session_replication_role = replica; update events set recorded_at = '2026-09-20T12:00:{second}Z' \
             where aggregate_id = '{}' and sequence = {sequence}; reset session_replication_role",
            address(ORDER).stream()
        );
        sqlx::raw_sql(&stamped).execute(world.database.owner_pool()).await.unwrap();
    }
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let history = format!("/api/v1/logistics/orders/{}/history", address(ORDER).stream());
    for (second, known) in [(9, 0), (20, 0), (30, 2)] {
        let then = format!("as_of=2026-09-20T12:00:{second:02}Z");
        let told = world.get(&cookie, &format!("{history}?{then}"), &[]).await;
        let told: Value = serde_json::from_str(&told.text).unwrap();
        assert_eq!(told["items"].as_array().map(Vec::len), Some(known), "{then}: {told}");
    }
    let page = format!("{ORDERS}/{}?as_of=2026-09-20T07:00", address(ORDER).stream());
    // To the minute, as the history and the form tell it, it is the minute's end.
    for (second, status) in [(":20", 404), (":30", 200), ("", 200)] {
        let then = world.get(&cookie, &format!("{page}{second}"), &[]).await;
        assert_eq!(then.status, status, "{}", then.text);
    }
}

#[tokio::test]
async fn who_has_no_name_is_told_as_a_person_and_not_by_an_address() {
    let world = World::with_orders(4).await;
    decide(&world, carried_by("Evri", 0)).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let reader = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let nameless = "update people set name = '' where sub = 'sergio'";
    sqlx::query(nameless).execute(world.database.owner_pool()).await.unwrap();
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    let page = world.get(&staff, &format!("{place}?tenant_id=1"), &[]).await;
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [("csrf", csrf.as_str()), ("key", "key-1"), ("comment", "Ring twice")];
    let path = format!("{place}/comments?tenant_id=1");
    assert_eq!(world.ask(Method::POST, &staff, &path, &[], &form).await.status, 303);
    for path in [place.clone(), format!("{place}/conversation")] {
        let told = world.get(&reader, &path, &[]).await;
        assert_eq!(told.status, 200, "{path}");
        assert!(told.text.contains("Una persona"), "{path}: {}", told.text);
        assert!(!told.text.contains("sergio"), "{path}: {}", told.text);
    }
}

#[tokio::test]
async fn of_whom_is_erased_nothing_is_told_as_of_an_earlier_instant_but_that() {
    let world = World::with_orders(4).await;
    intend(&world, &addressed).await;
    let signed = Some("Signed for by R Quispe".to_owned());
    decide(&world, recorded(TrackingEvent { description: signed, ..bare_scan(1) })).await;
    let stamped = format!(
        "set session_replication_role = replica; update events set recorded_at = '2026-09-20T12:00:00Z' \
         where aggregate_id = '{}'; reset session_replication_role",
        address(ORDER).stream()
    );
    sqlx::raw_sql(&stamped).execute(world.database.owner_pool()).await.unwrap();
    let cookie = world.sign_in("ana", Role::Auditor, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    let (then, history) = (
        format!("{place}?as_of=2026-09-20T07:00"),
        format!("/api/v1/logistics/orders/{}/history", address(ORDER).stream()),
    );
    let personal = |text: &str| text.contains("Rosa Quispe") || text.contains("R Quispe");
    let before = world.get(&cookie, &then, &[]).await;
    assert!(before.text.contains("Rosa Quispe") && before.text.contains("by R Quispe"), "{}", before.text);
    assert!(personal(&world.get(&cookie, &history, &[]).await.text));

    decide(&world, Command::ErasePersonalData { reason: "She asked for it.".into() }).await;
    let erased = "Los datos personales de este pedido se borraron.";
    for page in [&then, &place] {
        let told = world.get(&cookie, page, &[]).await;
        assert!(told.text.contains(erased) && !personal(&told.text), "{page}: {}", told.text);
    }
    let told = world.get(&cookie, &place, &[]).await;
    assert!(
        told.text.contains("Se borraron los datos personales") && told.text.contains("She asked for it.")
    );
    // What comes later is told without the text, as it was read with it.
    let signed = Some("Delivered, signed for by R Quispe".to_owned());
    decide(&world, recorded(TrackingEvent { description: signed, delivered: true, ..bare_scan(2) })).await;
    let told = world.get(&cookie, &place, &[]).await;
    let newest = told.between("<div>Courier: ", "<").remove(0);
    assert_eq!(newest.trim(), "Entregado");

    let told = world.get(&cookie, &history, &[]).await;
    assert!(told.text.contains("TrackingEventRecorded") && !personal(&told.text), "{}", told.text);
}
