//! The tab of paid orders that are not in the warehouse: searched, gone through, taken away, and only one's own.

use logistics_ledger::access::{Right, Role};
use reqwest::Method;

use super::world::{FIRST, ORDERS, SECOND, Seen, World};
use crate::support::links::put_missing;

impl Seen {
    /// The shop orders of the list, in their order.
    pub(super) fn names(&self) -> Vec<String> {
        let rows = self.between("<tr role=\"row\" id=\"link-", "</tr>");
        let name = |row: String| row.split_once("class=\"strong\">")?.1.split('<').next().map(str::to_owned);
        rows.into_iter().filter_map(name).collect()
    }
}

async fn furnished() -> World {
    let world = World::with_orders(8).await;
    put_missing(world.database.pool(), FIRST, 1001..=1130).await;
    put_missing(world.database.pool(), SECOND, 2001..=2002).await;
    world
}

#[tokio::test]
async fn what_is_missing_is_searched_and_only_the_own_is_found() {
    let world = furnished().await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let all = world.get(&cookie, &format!("{ORDERS}?tab=missing"), &[]).await;
    assert_eq!((all.names().len(), all.names()[0].as_str()), (50, "#1130"));
    assert!(all.text.contains("130 pedidos pagados que no están"), "{}", all.text);
    assert!(all.text.contains("Pedido de la tienda o número buscado"), "what can be searched for");
    assert!(!all.text.contains("name=\"courier\""), "filters of warehouse orders have no meaning here");

    for search in ["%231042", "1042", "BRAND-1-1042"] {
        let one = world.get(&cookie, &format!("{ORDERS}?tab=missing&search={search}&status=NEW"), &[]).await;
        assert_eq!(one.names(), ["#1042"], "{search}");
        assert!(one.text.contains("name=\"status\" value=\"NEW\""), "the other views keep their filter");
        let chips = one.between("<span class=\"chip\">", "</span>");
        assert_eq!(chips.len(), 1, "{chips:?}");
        assert!(chips[0].contains("href=\"/dashboard/orders?tab=missing&status=NEW\""), "{chips:?}");
    }

    let foreign = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=2001"), &[]).await;
    assert_eq!(foreign.names(), [""; 0]);
    let told = foreign.between("<div class=\"empty\">", "</section>").join("");
    assert!(told.contains("«2001»") && told.contains("Revisa el número"), "{told}");
    assert!(told.contains("href=\"/dashboard/orders?search=2001\""), "{told}");
    assert!(told.contains("href=\"/dashboard/orders?tab=missing\""), "{told}");
    let elsewhere = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=2001&tenant_id=2"), &[]).await;
    assert_eq!(elsewhere.status, 404);
}

#[tokio::test]
async fn pages_tabs_and_another_look_keep_the_search() {
    let world = furnished().await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let list = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=10"), &[]).await;
    let counted = list.between("tab=missing&#38;search=10\" aria-current=\"page\"", "</a>").join("");
    assert!(counted.contains(">110<"), "its tab counts what is found, as the others do: {counted}");
    let (mut page, mut seen) = (list, Vec::new());
    loop {
        seen.extend(page.names());
        let Some(next) = page.link("next") else { break };
        assert!(next.contains("search=10&"), "{next}");
        page = world.get(&cookie, &next, &[]).await;
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 110);
    assert!(page.link("prev").is_some_and(|back| back.contains("search=10")));
    let live = page.between("data-live-address=\"", "\"").remove(0);
    assert_eq!(live, "/dashboard/orders?tab=missing&search=10&skip=100");

    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let link = page.between("name=\"link_id\" value=\"", "\"").remove(0);
    assert!(page.text.contains("<input type=\"hidden\" name=\"search\" value=\"10\">"), "{}", page.text);
    let form = [("csrf", csrf.as_str()), ("search", "10"), ("link_id", link.as_str())];
    let again = world.ask(Method::POST, &cookie, "/dashboard/links/look-again", &[], &form).await;
    let list = format!("/dashboard/orders?tab=missing&search=10&looking={link}");
    assert_eq!(again.leads_to(), list);
    // Pressed twice, or by two people: it is being looked for. What the list keeps for its other views stays.
    let from = [("referer", "http://ledger/dashboard/orders?tab=missing&search=10&status=NEW&skip=100")];
    let twice = world.ask(Method::POST, &cookie, "/dashboard/links/look-again", &from, &form).await;
    let kept = format!("/dashboard/orders?tab=missing&search=10&status=NEW&looking={link}");
    assert_eq!(twice.leads_to(), kept);
    let told = world.get(&cookie, &kept, &[]).await.between("role=\"status\">", "</div></div>").concat();
    assert!(told.contains("otra vez"), "{told}");

    let link = "select id::text from shop_links where order_name = '#1002'";
    let link: String = sqlx::query_scalar(link).fetch_one(world.database.pool()).await.unwrap();
    let list = format!("/dashboard/orders?tab=missing&search=10&looking={link}");
    // What is told of one is what is so by now.
    for (state, told) in
        [("pending", "otra vez"), ("linked", "está en el almacén y quedó enlazado"), ("not_found", "")]
    {
        let (pool, basis) = (world.database.pool(), (state == "linked").then_some("name"));
        let moved = "update shop_links set state = $1, basis = $2, reason = null where id = $3::uuid";
        sqlx::query(moved).bind(state).bind(basis).bind(&link).execute(pool).await.unwrap();
        let page = world.get(&cookie, &list, &[]).await;
        let said = page.between("role=\"status\">", "</div></div>").concat();
        assert!(if told.is_empty() { said.is_empty() } else { said.contains(told) }, "{state}: {said}");
        assert_eq!(page.between("data-live-address=\"", "\""), [list.as_str()]);
    }
}

#[tokio::test]
async fn those_that_are_being_looked_for_push_no_other_off_the_pages() {
    let world = furnished().await;
    let pending = "update shop_links set state = 'pending', attempts = 0, reason = null where order_name in ('#1001', '#1002')";
    sqlx::query(pending).execute(world.database.pool()).await.unwrap();
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let mut page = world.get(&cookie, &format!("{ORDERS}?tab=missing"), &[]).await;
    assert_eq!(page.names().len(), 52, "two above, and a whole page of the others");
    assert!(page.text.contains("128 pedidos pagados que no están en el almacén y 2 que se están buscando"));
    let mut seen = page.names();
    while let Some(next) = page.link("next") {
        page = world.get(&cookie, &next, &[]).await;
        seen.extend(page.names());
    }
    assert_eq!(seen.len(), 130);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 130, "each once");
}

#[tokio::test]
async fn while_one_types_the_address_and_the_files_follow() {
    let world = furnished().await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let typed = [
        ("hx-request", "true"),
        ("hx-target", "results"),
        ("hx-current-url", "http://x/dashboard/orders?tab=missing&search=1"),
    ];
    let part = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=112"), &typed).await;
    assert_eq!(part.headers["hx-replace-url"], "/dashboard/orders?tab=missing&search=112");
    assert!(part.text.contains("id=\"exports\" hx-swap-oob"), "{}", part.text);
    assert_eq!((part.names().len(), part.exports()[0].contains("?search=112&")), (11, true));
    let orders = world.get(&cookie, &format!("{ORDERS}?search=112"), &typed).await;
    assert!(orders.exports()[0].starts_with("/api/v1/logistics/orders/export?search=112&"));
}

#[tokio::test]
async fn the_files_of_the_view_hold_what_is_shown() {
    let world = furnished().await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, &format!("{ORDERS}?tab=missing&search=1042"), &[]).await;
    let exports = list.exports();
    let file = |format| {
        format!("/api/v1/logistics/links/export?search=1042&state=not_linked&format={format}&tenant_id=1")
    };
    assert_eq!(exports, [file("csv"), file("xlsx")]);
    let csv = world.get(&cookie, &exports[0], &[]).await;
    assert_eq!((csv.status, csv.text.lines().count()), (200, 2), "{}", csv.text);
    assert!(csv.text.contains("#1042"), "{}", csv.text);
    // A role that may see the list and not take it away would see no files; today there is none.
    for role in Role::ALL {
        assert_eq!(role.may(Right::ReadOrders), role.may(Right::ExportOrders), "{role}");
    }
}
