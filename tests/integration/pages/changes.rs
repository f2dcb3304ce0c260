//! What the history tells of a change is what another was before, and what the page tells of the recipient is all of it.

use logistics_domain::Command;
use logistics_domain::order::facts::{Courier, Item, Parcels, Part};
use logistics_domain::order::{Observation, Snapshot, Told};
use logistics_ledger::access::Role;
use logistics_ledger::ledger::sealing::seal_recipient;
use logistics_ledger::ledger::{Intended, OpenOrder};
use logistics_projections::recipients::Recipient;

use super::told::{ORDER, intend, observed};
use super::world::{FIRST, ORDERS, Seen, World};
use crate::rebuild::world::address;

/// The order as upstream shows it at that minute.
async fn see(world: &World, minute: i64, snapshot: Snapshot, recipient: Option<Recipient>) {
    let intent = move |order: &OpenOrder| -> Intended {
        let sealed = order.key.as_ref().zip(recipient.as_ref()).map(|(key, to)| seal_recipient(key, to));
        let snapshot = Snapshot { recipient: Told::always(sealed), ..snapshot.clone() };
        let command = Command::Observe {
            account_id: address(ORDER).account,
            mintsoft_order_id: ORDER,
            observation: Box::new(Observation { snapshot, observed: observed(minute), last_checked: None }),
        };
        Intended { recipient: recipient.clone(), ..command.into() }
    };
    intend(world, &intent).await;
}

fn bare() -> Snapshot {
    Snapshot { number: "ladore-9000".into(), ..Snapshot::default() }
}

fn lines(allocated: i64, quantities: &[i64]) -> Told<Vec<Item>> {
    let line = |quantity: &i64| Item {
        id: Some(*quantity),
        sku: Some(format!("SKU-{quantity}")),
        quantity: *quantity,
        allocated,
        on_back_order: 0,
    };
    Told::Is(quantities.iter().map(line).collect())
}

fn parcels(count: i32, weight_grams: i64) -> Told<Parcels> {
    Told::Is(Parcels { count: Some(count), weight_grams: Some(weight_grams) })
}

/// What the entries of the history say, newest first.
fn entries(page: &Seen) -> Vec<String> {
    let parts = page.between("<div class=\"what\">", "</div>");
    parts.iter().filter_map(|part| part.split_once("<div>")).map(|(_, said)| said.trim().to_owned()).collect()
}

async fn page(world: &World, cookie: &str) -> Seen {
    world.get(cookie, &format!("{ORDERS}/{}", address(ORDER).stream()), &[]).await
}

#[tokio::test]
async fn a_change_is_told_by_what_another_was_before() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let courier =
        |name: Option<&str>| Told::Is(Courier { service_id: Some(37), name: name.map(str::to_owned) });
    let steps = [
        (Snapshot { items: lines(0, &[1, 2]), ..bare() }, None),
        (Snapshot { items: lines(1, &[1, 2]), ..bare() }, Some("Cambió la reserva de stock")),
        (Snapshot { items: lines(1, &[2, 1]), ..bare() }, Some("Cambiaron otros datos del pedido")),
        (Snapshot { items: lines(1, &[3]), ..bare() }, Some("Cambiaron los productos: 1 línea")),
        (Snapshot { parcels: parcels(0, 1_250), ..bare() }, Some("Peso: 1.25 kg")),
        (Snapshot { parcels: parcels(1, 1_500), ..bare() }, Some("Ahora va en 1 bulto · Peso: 1.5 kg")),
        (Snapshot { parcels: parcels(1, 2_000), ..bare() }, Some("Peso: 2 kg")),
        (Snapshot { parcels: parcels(1, 501), ..bare() }, Some("Peso: 0.501 kg")),
        (Snapshot { parcels: parcels(1, 509), ..bare() }, Some("Peso: 0.509 kg")),
        (Snapshot { parcels: parcels(1, 5), ..bare() }, Some("Peso: 0.005 kg")),
        (Snapshot { parcels: parcels(1, 1_000_000), ..bare() }, Some("Peso: 1,000 kg")),
        (Snapshot { parcels: parcels(1, 0), ..bare() }, Some("El almacén ya no dice cuánto pesa")),
        (Snapshot { parcels: parcels(0, 0), ..bare() }, Some("El almacén ya no dice en cuántos bultos va")),
        (Snapshot { courier: courier(None), ..bare() }, Some("Courier asignado (servicio 37)")),
        (Snapshot { courier: courier(Some("DPD")), ..bare() }, Some("Courier asignado: DPD")),
        (Snapshot { courier: Told::Nothing, ..bare() }, Some("Se quitó el courier")),
        (
            Snapshot { external_reference: Some("gid-1".into()), ..bare() },
            Some("Cambió la referencia del pedido"),
        ),
        (
            Snapshot {
                part: Told::Is(Part { number: 1, of: 2 }),
                external_reference: Some("gid-1".into()),
                ..bare()
            },
            Some("El pedido se dividió: esta es la parte 1 de 2"),
        ),
        (
            Snapshot {
                part: Told::Is(Part { number: 1, of: 1 }),
                external_reference: Some("gid-1".into()),
                ..bare()
            },
            Some("El pedido ya no está dividido"),
        ),
    ];
    let mut told = Vec::new();
    for (minute, (snapshot, says)) in (0..).zip(steps) {
        see(&world, minute, snapshot, None).await;
        told.extend(says);
    }
    told.reverse();
    let shown = entries(&page(&world, &cookie).await);
    assert_eq!(shown[..shown.len() - 1], told, "newest first, after the discovery");
}

#[tokio::test]
async fn all_that_is_told_of_a_recipient_is_shown_without_gaps() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let recipient = Recipient {
        county: Some("Lima".into()),
        post_code: Some("15074".into()),
        mobile: Some("+51 999 888 777".into()),
        comments: Some("Dejar en portería".into()),
        ..Recipient::default()
    };
    see(&world, 0, bare(), Some(recipient)).await;
    let card = |page: &Seen| page.between("id=\"recipient-title\"", "</section>").remove(0);
    let shown = card(&page(&world, &cookie).await);
    for part in
        ["<div>Lima 15074</div>", "href=\"tel:+51 999 888 777\"", "<dt>Comentarios</dt><dd>Dejar en portería"]
    {
        assert!(shown.contains(&part.replace('+', "&#43;")) || shown.contains(part), "{part}: {shown}");
    }
    see(&world, 1, bare(), Some(Recipient { name: Some(" ".into()), ..Recipient::default() })).await;
    let shown = card(&page(&world, &cookie).await);
    assert!(shown.contains("El almacén no indicó destinatario"), "{shown}");
}
