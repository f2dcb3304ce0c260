//! Whose move it is: the list says it beside what is late since when, and the page of an order says what its reader can do.

use logistics_domain::Command;
use logistics_domain::order::facts::Status;
use logistics_domain::order::{Observation, Snapshot, Told};
use logistics_ledger::access::Role;
use logistics_ledger::ledger::sealing::seal_reason;
use logistics_ledger::ledger::{Intended, OpenOrder};
use uuid::Uuid;

use super::told::{ORDER, decide, intend, observed};
use super::world::{FIRST, ORDERS, World};
use crate::rebuild::world::address;

fn standing(id: i32, name: &str, minute: i64) -> Command {
    let snapshot = Snapshot {
        number: "ladore-9000".into(),
        status: Told::Is(Status { id, name: name.into(), external_name: None }),
        ..Snapshot::default()
    };
    let observation = Box::new(Observation { snapshot, observed: observed(minute), last_checked: None });
    Command::Observe { account_id: address(ORDER).account, mintsoft_order_id: ORDER, observation }
}

#[tokio::test]
async fn whoever_may_act_is_told_what_to_do_where_it_is_the_brands_move() {
    let world = World::with_orders(4).await;
    let ana = world.sign_in("ana", Role::Logistica, &[FIRST]).await;
    let eva = world.sign_in("eva", Role::Viewer, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(ORDER).stream());
    let notice = async |cookie: &str, language: &str| {
        let page = world.get(cookie, &place, &[("accept-language", language)]).await;
        page.between("id=\"actions\"", "class=\"order-grid\"").remove(0)
    };
    let row = async || {
        let list = world.get(&eva, &format!("{ORDERS}?search=ladore-9000"), &[]).await;
        list.between("id=\"order-", "</tr>").remove(0)
    };
    let by_writing = "Escríbele al almacén para resolverlo.";
    let stock = "Envía stock al almacén, o cancela el pedido.";
    for (minute, id, name, told) in [
        (1, 7, "HOLDING", "Pregúntale al almacén el motivo en «Escribe al almacén»."),
        (2, 10, "AWAITINGCONFIRMATION", "Confírmalo en «Escribe al almacén»."),
        (3, 14, "PACKANDHOLD", by_writing),
        (4, 9, "ONBACKORDER", stock),
    ] {
        decide(&world, standing(id, name, minute)).await;
        let seen = notice(&ana, "es").await;
        assert!(seen.contains(&format!("Te toca a ti. {told}")), "{name}: {seen}");
        let seen = notice(&eva, "es").await;
        assert!(seen.contains("Te toca a ti.</div>"), "{name}, to one who may not act: {seen}");
        assert!(row().await.contains("<div class=\"small soft\">Te toca a ti</div>"), "{name}");
    }
    assert!(notice(&ana, "en").await.contains("Your move. Send stock to the warehouse"));

    // A cancellation that was asked for is not advised again.
    let ask = |order: &OpenOrder| -> Intended {
        let reason = seal_reason(order.key.as_ref().expect("it has a key"), "Sold out");
        Command::RequestCancellation { request_id: Uuid::from_u128(1), reason, requested_by: "key:1".into() }
            .into()
    };
    intend(&world, &ask).await;
    let seen = notice(&ana, "es").await;
    assert!(seen.contains(by_writing) && !seen.contains(stock), "{seen}");

    decide(&world, standing(1, "NEW", 5)).await;
    let (seen, row) = (notice(&ana, "es").await, row().await);
    assert!(
        !seen.contains("toca") && !row.contains("toca"),
        "another's move goes without saying: {seen} {row}"
    );
}
