//! What comes after a delivery that was told: a later scan refutes it, and nothing shows it as a delivery any more; and
//! whether a comment was refused, or never asked for.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::Command;
use logistics_domain::order::facts::TrackingEvent;
use logistics_ledger::access::Role;
use logistics_ledger::ledger::sealing::seal_comment;
use logistics_ledger::ledger::{Intended, OpenOrder};
use uuid::Uuid;

use super::told::{ORDER, carried_by, decide, intend, observed};
use super::world::{FIRST, ORDERS, Seen, World};
use crate::rebuild::world::{address, start};

/// What a courier writes down at that minute.
fn scanned(minute: i64, text: &str) -> Command {
    let scan = TrackingEvent {
        id: minute,
        shipment_id: None,
        status_id: None,
        status: None,
        description: Some(text.into()),
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(start() + TimeDelta::minutes(minute)),
        delivered: text == "Delivered",
    };
    Command::RecordTracking { scans: vec![scan], observed: observed(minute) }
}

/// The steps of the way, each with its state.
fn steps(page: &Seen) -> Vec<String> {
    let steps = page.between("<li class=\"", "</strong>");
    let steps = steps.iter().filter_map(|step| step.split_once('"'));
    steps
        .map(|(state, rest)| format!("{} {state}", rest.rsplit('>').next().unwrap()).trim().to_owned())
        .collect()
}

/// Stage and date of delivery in the file of the list.
fn in_file(file: &Seen) -> (String, String) {
    let line = |at: usize| -> Vec<&str> { file.text.lines().nth(at).unwrap().split(',').collect() };
    let (heads, cells) = (line(0), line(1));
    let cell = |head: &str| cells[heads.iter().position(|held| held.ends_with(head)).unwrap()].to_owned();
    (cell("Etapa"), cell("Fecha de entrega"))
}

#[tokio::test]
async fn a_delivery_that_a_later_scan_refutes_is_shown_as_none() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    let look = async || {
        let page = world.get(&cookie, &place, &[]).await;
        let list = world.get(&cookie, &format!("{ORDERS}?search=ladore-9000"), &[]).await;
        assert_eq!(list.orders().len(), 1);
        let file = world.get(&cookie, &list.exports()[0], &[]).await;
        let facts = page.between("id=\"delivery-title\"", "</section>").concat();
        let row = list.between("id=\"order-", "</tr>").concat();
        let dated = (facts.contains("<dt>Entregado</dt>"), row.contains("Entregado </span>"));
        (steps(&page), dated, in_file(&file))
    };
    decide(&world, carried_by("Another", 0)).await;
    decide(&world, scanned(10, "Delivered")).await;
    let (steps, dated, (stage, date)) = look().await;
    assert_eq!(
        steps.join(", "),
        "Recibido done, En preparación done, Despachado done, En camino done, Entregado done"
    );
    assert_eq!((dated, stage.as_str(), date.is_empty()), ((true, true), "Entregado", false));

    decide(&world, scanned(20, "Could not deliver")).await;
    let (steps, dated, file) = look().await;
    assert_eq!(
        steps.join(", "),
        "Recibido done, En preparación done, Despachado done, Entrega fallida wrong, Entregado"
    );
    assert_eq!((dated, file), ((false, false), ("En camino".to_owned(), String::new())));

    decide(&world, scanned(30, "Returned to sender")).await;
    let (steps, dated, file) = look().await;
    assert_eq!(
        steps.join(", "),
        "Recibido done, En preparación done, Despachado done, En camino done, Devuelto wrong"
    );
    assert_eq!((dated, file), ((false, false), ("Cerrado".to_owned(), String::new())));
}

#[tokio::test]
async fn a_delivery_after_one_that_was_refuted_is_shown_with_its_own_date() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let stream = address(ORDER).stream();
    // Where the order's page, its row in the list, the file of the list and the API tell of that minute.
    let told_of = async |minute: i64| {
        let at = start() + TimeDelta::minutes(minute);
        let machine = format!("datetime=\"{}\"", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        let page = world.get(&cookie, &format!("{ORDERS}/{stream}"), &[]).await;
        let list = world.get(&cookie, &format!("{ORDERS}?search=ladore-9000"), &[]).await;
        let file = world.get(&cookie, &list.exports()[0].replace("csv", "jsonl"), &[]).await;
        let line: serde_json::Value = serde_json::from_str(file.text.trim()).unwrap();
        let stored: Option<DateTime<Utc>> =
            sqlx::query_scalar("select delivered_at from logistics_orders where id = $1")
                .bind(stream.0)
                .fetch_one(world.database.pool())
                .await
                .unwrap();
        let steps = page.between("<li class=\"", "</li>").concat();
        let facts = page.between("id=\"delivery-title\"", "</section>").concat();
        let row = list.between("id=\"order-", "</tr>").concat();
        let of_line = line["delivered_at"].as_str().map(|at| at.parse::<DateTime<Utc>>().unwrap());
        let shown = [steps, facts, row].map(|part| part.contains(&machine));
        [shown[0], shown[1], shown[2], of_line == Some(at), stored == Some(at)]
    };
    decide(&world, carried_by("Another", 0)).await;
    decide(&world, scanned(10, "Delivered")).await;
    assert_eq!(told_of(10).await, [true; 5]);
    decide(&world, scanned(20, "Could not deliver")).await;
    assert_eq!(told_of(10).await, [false; 5]);
    decide(&world, scanned(40, "Delivered")).await;
    assert_eq!((told_of(10).await, told_of(40).await), ([false; 5], [true; 5]));

    decide(&world, scanned(50, "Could not deliver")).await;
    let delivered_at = observed(60).answered_at;
    decide(&world, Command::ReportDelivery { delivered_at, observed: observed(60) }).await;
    assert_eq!((told_of(40).await, told_of(60).await), ([false; 5], [true; 5]), "by the warehouse's word");
}

#[tokio::test]
async fn a_parcel_that_something_happened_to_is_not_on_its_way_as_if_nothing_had() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    decide(&world, carried_by("Another", 0)).await;
    let now = async || {
        let steps = steps(&world.get(&cookie, &place, &[]).await);
        steps.into_iter().find(|step| !step.ends_with(" done")).unwrap()
    };
    assert_eq!(now().await, "Despachado now");
    for (minute, text, step) in [
        (1, "Arrived at hub", "En camino now"),
        (2, "Parcel is damaged", "Con incidencia wrong"),
        (3, "Arrived at hub", "En camino now"),
        (4, "Returned to sender", "Devuelto wrong"),
    ] {
        decide(&world, scanned(minute, text)).await;
        assert_eq!(now().await, step, "{text}");
    }
}

#[tokio::test]
async fn a_comment_that_the_warehouse_was_not_asked_for_was_not_refused_by_it() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    decide(&world, carried_by("Another", 0)).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    for (number, message, told) in [
        (1, "Order is already picked", "El almacén no aceptó el comentario"),
        (
            2,
            "The warehouse's system could not be reached in time; nothing was done. Ask again later.",
            "El comentario no llegó al almacén",
        ),
    ] {
        let request_id = Uuid::from_u128(number);
        let ask = move |order: &OpenOrder| -> Intended {
            let comment = seal_comment(order.key.as_ref().expect("it has a key"), "Ring twice");
            let requested_by = "key:1".to_owned();
            Command::RequestComment { request_id, comment, internal: false, requested_by }.into()
        };
        intend(&world, &ask).await;
        decide(&world, Command::RefuseComment { request_id, message: message.to_owned() }).await;
        let page = world.get(&cookie, &place, &[]).await;
        let newest = page.between("<div class=\"what\">", "</div>").remove(0);
        assert!(newest.contains(told), "{message}: {newest}");
    }
}
