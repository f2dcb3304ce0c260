//! How far the ledger is sealed, beside the history of an order, and the way to the order's dossier.

use chrono::TimeDelta;
use logistics_ledger::access::Role;
use serde_json::Value;

use super::told::{ORDER, carried_by, decide};
use super::world::{FIRST, ORDERS, SECOND, World};
use crate::api::audit::seal;
use crate::rebuild::world::{address, ring};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn who_may_see_proofs_is_led_to_the_dossier_of_an_order() {
    let world = World::with_orders(4).await;
    decide(&world, carried_by("Evri", 0)).await;
    let order = address(ORDER).stream();
    let (page, file) =
        (format!("{ORDERS}/{order}"), format!("/api/v1/logistics/orders/{order}/dossier?tenant_id={FIRST}"));
    let cookie = world.sign_in("ana", Role::Auditor, &[FIRST]).await;
    let before = world.get(&cookie, &page, &[]).await;
    assert!(before.text.contains("El registro aún no está sellado."), "{}", before.text);
    assert!(!before.text.contains("/dossier"), "nothing can be had yet: {}", before.text);
    let refused = world.get(&cookie, &file, &[BROWSER]).await;
    assert_eq!((refused.status, refused.headers["content-type"].as_str()), (409, "text/html; charset=utf-8"));
    assert!(refused.text.contains("Esto aún no está sellado."), "{}", refused.text);

    let sealed = seal(world.database.pool(), &ring("k1"), &world.clock, FIRST).await;
    let link = format!("href=\"{file}\"");
    for (language, told, led) in [
        ("es", "Sellado hasta la posición", "Descargar expediente verificable"),
        ("en", "Sealed up to position", "Download the verifiable dossier"),
    ] {
        let shown = world.get(&cookie, &page, &[("accept-language", language)]).await;
        assert!(shown.text.contains(&format!("{told} {}", sealed.size - 1)), "{}", shown.text);
        assert!(shown.text.contains(&link) && shown.text.contains(led), "{}", shown.text);
    }
    let taken = world.get(&cookie, &file, &[BROWSER, ("sec-fetch-dest", "document")]).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let name = format!("attachment; filename=\"dossier-{order}.json\"");
    assert_eq!(taken.headers["content-disposition"], name);
    let dossier: Value = serde_json::from_str(&taken.text).unwrap();
    assert_eq!(dossier["order_id"], order.to_string());

    for (who, role, brand, status) in [
        ("eva", Role::Viewer, FIRST, 403),
        ("sol", Role::Ventas, FIRST, 403),
        ("luz", Role::Auditor, SECOND, 404),
    ] {
        let cookie = world.sign_in(who, role, &[brand]).await;
        assert_eq!(world.get(&cookie, &file, &[]).await.status, status, "{who}");
        let shown = world.get(&cookie, &page, &[]).await;
        assert!(!shown.text.contains("/dossier") && !shown.text.contains("Sellado hasta"), "{who}");
    }
    // Events are recorded by the database's clock.
    world.clock.advance(TimeDelta::days(400));
    let cookie = world.sign_in("eve", Role::Auditor, &[FIRST]).await;
    let past = world.get(&cookie, &format!("{page}?as_of=2027-10-01T00:00"), &[]).await;
    assert!(past.text.contains("Así estaba el pedido"), "{}", past.text);
    assert!(!past.text.contains("/dossier"), "a dossier is of now: {}", past.text);
}
