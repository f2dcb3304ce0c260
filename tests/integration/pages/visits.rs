//! Sessions and what pages do by themselves; where one comes back to; what a refusal says.

use chrono::TimeDelta;
use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{FIRST, ORDERS, Seen, World};

const ORDER: &str = "/dashboard/orders/0b9a4c86-59d2-5c0e-9a0c-0c5d6f7a8b90";

const BY_ITSELF: [(&str, &str); 2] = [("x-by-itself", "yes"), ("hx-request", "true")];

#[tokio::test]
async fn a_page_that_is_left_open_keeps_no_session() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for _ in 0..5 {
        world.clock.advance(TimeDelta::minutes(11));
        assert_eq!(world.get(&cookie, ORDERS, &BY_ITSELF).await.status, 200);
    }
    world.clock.advance(TimeDelta::minutes(6));
    let over = world.get(&cookie, ORDERS, &BY_ITSELF).await;
    assert_eq!(
        (over.status, over.headers.get("hx-redirect")),
        (401, None),
        "nobody is led away from a draft"
    );
}

#[tokio::test]
async fn a_text_is_as_long_as_the_browser_says_that_it_is() {
    let world = World::with_orders(40).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let order = world.get(&cookie, &format!("{ORDERS}?tab=on_the_way"), &[]).await.orders().remove(0);
    let place = format!("{ORDERS}/{order}/cancel");
    let csrf = world.get(&cookie, &place, &[]).await.between("name=\"csrf\" value=\"", "\"").remove(0);
    // A line that ends counts once in a browser, which sends two letters for it. The order has left, which is looked at after
    // the text.
    for (letters, status) in [(1000, 409), (1001, 422)] {
        let reason = format!("{}{}", "x\r\n".repeat(200), "y".repeat(letters - 400));
        let form = [("csrf", csrf.as_str()), ("key", &format!("key-{letters}")), ("reason", &reason)];
        let refused = world.ask(Method::POST, &cookie, &place, &[], &form).await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
}

#[tokio::test]
async fn after_sign_in_one_comes_back_to_the_page_and_not_to_a_part_or_a_form() {
    let world = World::with_orders(8).await;
    let to = |next: &str| {
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        format!("/dashboard/sign-in?next={next}")
    };
    let page = "https://ledger.example/dashboard/orders?tab=delivered#found";
    let part = [("hx-request", "true"), ("hx-current-url", page)];
    let led = world.get("", &format!("{ORDER}/conversation"), &part).await;
    assert_eq!(led.headers["hx-redirect"], to("/dashboard/orders?tab=delivered"));
    let form = |referer: &'static str| [("referer", referer)];
    for (referer, next) in [
        ("https://ledger.example/dashboard/orders?search=1", "/dashboard/orders?search=1"),
        ("https://evil.example/elsewhere", "/dashboard"),
        ("/dashboard/\u{5c}evil", "/dashboard"),
    ] {
        let place = &format!("{ORDER}/cancel");
        let led = world.ask(Method::POST, "", place, &form(referer), &[("reason", "x")]).await;
        assert_eq!(led.leads_to(), to(next), "{referer}");
    }
}

#[tokio::test]
async fn a_refusal_says_which_field_and_an_address_says_nothing_of_its_own() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, "/dashboard/admin/tenants/1?said=anything", &[]).await;
    assert!(!page.text.contains("notice success said"), "{}", page.text);
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [("csrf", csrf.as_str()), ("name", "A"), ("slug", "Not A Slug"), ("timezone", "America/Lima")];
    let place = "/dashboard/admin/tenants/1";
    let refused = world.ask(Method::POST, &staff, place, &[("hx-request", "true")], &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("data-field=\"slug\""), "{}", refused.text);
    assert!(refused.text.contains("Revisa el nombre corto"), "{}", refused.text);
}

#[tokio::test]
async fn a_refused_form_leads_back_to_its_page_and_a_wrong_address_to_what_is_there() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let page = format!("{ORDERS}/{order}");
    let ways = |seen: &Seen| seen.between("<a class=\"button", "</a>").join(" ");

    let from = format!("http://ledger{page}");
    let old = [("csrf", "older"), ("seen", "1")];
    let outdated = world
        .ask(Method::POST, &cookie, &format!("{page}/refresh"), &[("referer", from.as_str())], &old)
        .await;
    assert_eq!(outdated.status, 403);
    assert!(outdated.text.contains("<h1>Esta página quedó desactualizada</h1>"), "{}", outdated.text);
    let first = format!(" primary\" href=\"{page}\">Abrir la página otra vez");
    assert!(ways(&outdated).starts_with(&first), "{}", ways(&outdated));

    let unreadable = world.get(&cookie, &format!("{page}?as_of=0026-11-25T10:30"), &[]).await;
    assert_eq!(unreadable.status, 404);
    let first = format!(" primary\" href=\"{page}\">Volver al pedido");
    assert!(ways(&unreadable).starts_with(&first), "{}", ways(&unreadable));

    let foreign = world.get(&cookie, &format!("{ORDERS}?tenant_id=2"), &[]).await;
    assert_eq!(foreign.status, 404);
    assert!(ways(&foreign).contains("href=\"/dashboard\">Ver los pedidos"), "{}", ways(&foreign));
}

#[tokio::test]
async fn nobody_of_the_staff_is_offered_to_switch_themselves_off() {
    let world = World::with_orders(4).await;
    world.sign_in("valeria", Role::Viewer, &[FIRST]).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let people = world.get(&staff, "/dashboard/admin/people", &[]).await;
    assert_eq!(people.text.matches("Desactivar").count(), 1, "{}", people.text);
    assert!(people.text.contains("<span>2 en total</span>"), "{}", people.text);
    let nobody = world.get(&staff, "/dashboard/admin/people?search=nadie", &[]).await;
    assert!(nobody.text.contains("Quitar búsqueda"), "{}", nobody.text);
}

#[tokio::test]
async fn what_could_not_be_read_in_the_warehouse_is_not_told_as_none() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let talk = world.get(&cookie, &format!("{ORDERS}/{order}/conversation"), &[]).await;
    assert_eq!(talk.status, 200);
    // No account is configured here, so nobody could be asked.
    assert_eq!(talk.text.matches("No pudimos leerlo del almacén").count(), 2, "{}", talk.text);
    assert!(!talk.text.contains("Aún no hay comentarios") && !talk.text.contains("no tiene documentos"));
}
