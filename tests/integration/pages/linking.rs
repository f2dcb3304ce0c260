//! Links by hand: a paid order is tied to the warehouse order that somebody names, and a link that is wrong is undone.

use std::time::Duration;

use logistics_domain::Command;
use logistics_domain::order::facts::{LinkBasis, Part, ShopOrder};
use logistics_domain::order::{Observation, Replaces, Snapshot, Told};
use logistics_ledger::access::Role;
use logistics_ledger::ledger::{Intended, OpenOrder};
use reqwest::Method;

use super::told::{intend_of, observed};
use super::world::{FIRST, ORDERS, SECOND, Seen, World};
use crate::rebuild::world::address;
use crate::support::links::put_missing;

const CHOOSE: &str = "/dashboard/links/choose";

/// Orders of the first brand that nobody else wrote, each with its number and part.
const SEEN: [(i64, &str, i32); 5] = [
    (9000, "brand-77", 1),
    (9004, "twin-1", 1),
    (9008, "twin-1", 1),
    (9012, "Split-5", 1),
    (9016, "Split-5", 2),
];

async fn decide(world: &World, id: i64, command: Command) {
    intend_of(world, id, &move |_: &OpenOrder| -> Intended { command.clone().into() }).await;
}

/// A world with those orders, and the paid orders #1001 to #1003 that are missing.
async fn furnished() -> World {
    let world = World::with_orders(4).await;
    put_missing(world.database.pool(), FIRST, 1001..=1003).await;
    put_missing(world.database.pool(), SECOND, 2001..=2001).await;
    for (id, number, part) in SEEN {
        let of = if number == "Split-5" { 2 } else { 1 };
        let snapshot = Snapshot {
            number: number.into(),
            part: Told::Is(Part { number: part, of }),
            ..Snapshot::default()
        };
        let observation = Box::new(Observation { snapshot, observed: observed(0), last_checked: None });
        let account_id = address(id).account;
        decide(&world, id, Command::Observe { account_id, mintsoft_order_id: id, observation }).await;
    }
    world
}

/// The form of a paid order, filled in.
async fn sent(
    world: &World,
    cookie: &str,
    page: &Seen,
    link: &str,
    number: &str,
    headers: &[(&str, &str)],
) -> Seen {
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [("csrf", csrf.as_str()), ("search", "#100"), ("link_id", link), ("number", number)];
    world.ask(Method::POST, cookie, CHOOSE, headers, &form).await
}

async fn link_of(world: &World, order_id: i64) -> String {
    let link = "select id::text from shop_links where order_id = $1";
    sqlx::query_scalar(link).bind(order_id).fetch_one(world.database.pool()).await.unwrap()
}

/// What fulfils a shop order, once so many orders do.
async fn fulfilling(world: &World, order_id: i64, wanted: usize) -> Vec<i64> {
    let tied = "select mintsoft_order_id from logistics_orders where order_id = $1 order by 1";
    let mut found = Vec::new();
    for _ in 0..500 {
        found = sqlx::query_scalar(tied).bind(order_id).fetch_all(world.database.owner_pool()).await.unwrap();
        if found.len() == wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    found
}

#[tokio::test]
async fn a_paid_order_is_tied_to_the_order_whose_number_or_page_somebody_gives() {
    let world = furnished().await;
    let cookie = world.sign_in("ana", Role::Ventas, &[FIRST]).await;
    let page = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=%23100"), &[]).await;
    assert_eq!(page.between(&format!("action=\"{CHOOSE}\""), "</form>").len(), 3, "{}", page.text);
    let place = format!("http://x{ORDERS}/{}?tenant_id=1", address(9004).stream());
    for (order_id, named, ids) in [
        (1001, " BRAND-77 ", vec![9000]),
        (1002, place.as_str(), vec![9004]),
        (1003, "split-5", vec![9012, 9016]),
    ] {
        let link = link_of(&world, order_id).await;
        for _ in 0..2 {
            let led = sent(&world, &cookie, &page, &link, named, &[]).await;
            let list = format!("{ORDERS}?tab=missing&search=%23100&looking={link}&deed=chosen");
            assert_eq!(led.leads_to(), list, "sent again, it says the same");
            assert_eq!(fulfilling(&world, order_id, ids.len()).await, ids, "{named}");
            let told = world.get(&cookie, &list, &[]).await;
            assert!(told.text.contains("con el pedido que elegiste"), "{}", told.text);
        }
    }
    let chosen =
        "select count(*) from events where event_type = 'OrderLinked' and metadata->>'actor' like 'user:%'";
    let chosen: i64 = sqlx::query_scalar(chosen).fetch_one(world.database.owner_pool()).await.unwrap();
    assert_eq!(chosen, 4);

    // A page that is older undoes nobody's link.
    let link = link_of(&world, 1001).await;
    let refused = sent(&world, &cookie, &page, &link, "split-5", &[]).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("ya se enlazó mientras tanto"), "{}", refused.text);
    assert_eq!(fulfilling(&world, 1001, 1).await, [9000]);
}

#[tokio::test]
async fn what_names_no_order_for_certain_is_refused_beside_its_field_and_says_what_to_do() {
    let world = furnished().await;
    let gone = Command::ReportVanished { observed: observed(1), last_checked: None };
    decide(&world, 9000, gone).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let page = world.get(&cookie, &format!("{ORDERS}?tab=missing"), &[]).await;
    let link = link_of(&world, 1001).await;
    let foreign = address(9001).stream().to_string();
    let unknown = "Escríbelo completo, como sale en «Todos»";
    let gone_page = address(9000).stream().to_string();
    for (number, status, told) in [
        ("nada", 422, unknown),
        (" \0 ", 422, unknown),
        (foreign.as_str(), 422, unknown),
        ("twin-1", 422, "pega aquí la dirección de su página"),
        ("brand-77", 409, "Elige el que lo reemplazó"),
        (gone_page.as_str(), 409, "Elige el que lo reemplazó"),
    ] {
        let refused = sent(&world, &cookie, &page, &link, number, &[]).await;
        assert_eq!(refused.status, status, "{number}: {}", refused.text);
        assert!(refused.text.contains(told), "{number}: {}", refused.text);
        let part = sent(&world, &cookie, &page, &link, number, &[("hx-request", "true")]).await;
        assert!(part.text.contains("data-field=\"number\"") && part.text.contains(told), "{}", part.text);
    }
    let english = sent(&world, &cookie, &page, &link, "nada", &[("accept-language", "en")]).await;
    assert!(english.text.contains("Give the whole number"), "{}", english.text);
    let foreign = link_of(&world, 2001).await;
    assert_eq!(sent(&world, &cookie, &page, &foreign, "twin-1", &[]).await.status, 404);
    let asked = "select count(*) from jobs where kind = 'link_order'";
    let asked: i64 = sqlx::query_scalar(asked).fetch_one(world.database.owner_pool()).await.unwrap();
    assert_eq!(asked, 0, "what is refused leaves nothing behind");
}

#[tokio::test]
async fn a_link_is_undone_on_the_page_of_its_order_and_is_then_missing() {
    let world = furnished().await;
    let shop_order = ShopOrder { order_id: 1001, name: "#1001".into() };
    let (basis, replaces) = (LinkBasis::Name, Replaces::Nothing);
    decide(&world, 9000, Command::LinkShopOrder { shop_order, basis, replaces }).await;
    let linked =
        "update shop_links set state = 'linked', basis = 'name', reason = null where order_id = 1001";
    sqlx::query(linked).execute(world.database.pool()).await.unwrap();
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let place = format!("{ORDERS}/{}", address(9000).stream());
    let page = world.get(&cookie, &place, &[]).await;
    assert!(page.text.contains("Quitar el enlace con #1001"), "{}", page.text);
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [("csrf", csrf.as_str()), ("order_id", "1001")];
    let elsewhere = format!("{ORDERS}/{}/unlink", address(9004).stream());
    let refused = world.ask(Method::POST, &cookie, &elsewhere, &[], &form).await;
    assert_eq!(refused.status, 409, "another page undoes nothing of it: {}", refused.text);

    let list =
        format!("{ORDERS}?tab=missing&search=%231001&looking={}&deed=undone", link_of(&world, 1001).await);
    for _ in 0..2 {
        let led = world.ask(Method::POST, &cookie, &format!("{place}/unlink"), &[], &form).await;
        assert_eq!(led.leads_to(), list);
    }
    let told = world.get(&cookie, &list, &[]).await;
    assert_eq!(told.names(), ["#1001"]);
    assert_eq!(told.between("data-live-address=\"", "\""), [list.as_str()], "read anew, it tells the same");
    let ways = told.between("<nav class=\"tabs\"", "</nav>").concat();
    assert!(ways.contains("tab=closed") && !ways.contains("deed="), "no other view tells it: {ways}");
    for part in ["Quitaste el enlace de #1001", "Se quitó el enlace. Di qué pedido", "Enlazar a mano"] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    let page = world.get(&cookie, &place, &[]).await;
    assert!(!page.text.contains("Quitar el enlace con"), "{}", page.text);
    let history = page.between("id=\"timeline\"", "id=\"order-facts\"").join("");
    assert!(history.contains("Se quitó el enlace con #1001") && history.contains("ana"), "{history}");
}

#[tokio::test]
async fn who_may_not_link_is_shown_no_form_and_refused() {
    let world = furnished().await;
    let shop_order = ShopOrder { order_id: 1001, name: "#1001".into() };
    let (basis, replaces) = (LinkBasis::Name, Replaces::Nothing);
    decide(&world, 9000, Command::LinkShopOrder { shop_order, basis, replaces }).await;
    let link = link_of(&world, 1002).await;
    let place = format!("{ORDERS}/{}", address(9000).stream());
    for role in [Role::Viewer, Role::Auditor, Role::Logistica] {
        let cookie = world.sign_in(role.as_str(), role, &[FIRST]).await;
        let page = world.get(&cookie, &format!("{ORDERS}?tab=missing"), &[]).await;
        let order = world.get(&cookie, &place, &[]).await;
        assert!(!page.text.contains(CHOOSE) && !order.text.contains("/unlink"), "{role}");
        let csrf = order.between("name=\"csrf\" value=\"", "\"").remove(0);
        for (place, fields) in [
            (CHOOSE.to_owned(), vec![("link_id", link.as_str()), ("number", "brand-77")]),
            (format!("{place}/unlink"), vec![("order_id", "1001")]),
        ] {
            let form = [vec![("csrf", csrf.as_str())], fields].concat();
            assert_eq!(
                world.ask(Method::POST, &cookie, &place, &[], &form).await.status,
                403,
                "{role} {place}"
            );
        }
    }
    assert_eq!(fulfilling(&world, 1001, 1).await, [9000]);
}
