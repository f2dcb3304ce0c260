//! A long list is gone through page by page, forward and back, and nothing is missed or seen twice.

use logistics_domain::status::{Attention, Standing};
use logistics_ledger::access::Role;
use logistics_projections::orders::OrderRow;
use uuid::Uuid;

use super::world::{FIRST, ORDERS, World};
use crate::projections::{order, put_orders};
use crate::support::links::put_missing;

#[tokio::test]
async fn the_pages_go_forward_and_back_over_the_same_orders() {
    let world = World::with_orders(520).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for sorting in [
        "",
        "?sort_by=mintsoft_order_number&sort_order=asc",
        "?sort_by=status",
        "?sort_by=ordered_at&sort_order=asc",
        "?sort_by=dispatched_at",
    ] {
        let (mut page, mut pages) = (world.get(&cookie, &format!("{ORDERS}{sorting}"), &[]).await, vec![]);
        let told = page.between("<nav class=\"pages\"", "</span>");
        assert_eq!(page.link("prev"), None, "{sorting}: nothing stands before the first page");
        loop {
            pages.push(page.orders());
            assert_eq!(page.between("<nav class=\"pages\"", "</span>"), told, "{sorting}: the total stays");
            match page.link("next") {
                Some(next) => page = world.get(&cookie, &next, &[]).await,
                None => break,
            }
        }
        assert!(pages.len() >= 3, "it was a trial: {}", pages.len());
        let mut all: Vec<_> = pages.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), pages.concat().len(), "{sorting}: none comes twice");
        for earlier in pages.iter().rev().skip(1) {
            page = world.get(&cookie, &page.link("prev").expect("there is a page before"), &[]).await;
            assert_eq!(&page.orders(), earlier, "{sorting}");
        }
        assert_eq!(page.link("prev"), None, "{sorting}");
    }
}

#[tokio::test]
async fn blanks_around_what_is_searched_for_lead_to_the_next_page_and_back() {
    let world = World::with_orders(320).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for search in ["search=+", "search=ladore+", "search=%09LADORE%20"] {
        let first = world.get(&cookie, &format!("{ORDERS}?{search}"), &[]).await;
        let next = world.get(&cookie, &first.link("next").expect("there are two pages"), &[]).await;
        assert!(next.status == 200 && !next.orders().is_empty(), "{search}: {}", next.text);
        let back = world.get(&cookie, &next.link("prev").expect("there is a page before"), &[]).await;
        assert_eq!(back.orders(), first.orders(), "{search}");
    }
}

#[tokio::test]
async fn what_a_mail_adds_to_an_address_changes_nothing_and_the_closed_have_a_view() {
    let world = World::with_orders(40).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, &format!("{ORDERS}?utm_source=mail&tab=closed"), &[]).await;
    assert_eq!(list.status, 200);
    assert!(list.text.contains("Cerrados"), "{}", list.text);
    let all = world.get(&cookie, ORDERS, &[]).await.orders();
    let order = world.get(&cookie, &format!("{ORDERS}/{}?utm_source=mail", all[0]), &[]).await;
    assert_eq!(order.status, 200);
}

#[tokio::test]
async fn typing_replaces_the_address_and_a_step_is_kept() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let from = |address: &'static str| {
        [("hx-request", "true"), ("hx-target", "results"), ("hx-current-url", address)]
    };
    let typed = world
        .get(&cookie, &format!("{ORDERS}?search=100"), &from("http://x/dashboard/orders?search=10"))
        .await;
    assert_eq!(typed.headers.get("hx-replace-url").map(String::as_str), Some("/dashboard/orders?search=100"));
    assert_eq!(typed.headers.get("hx-push-url"), None);
    let step = world
        .get(&cookie, &format!("{ORDERS}?tab=delivered"), &from("http://x/dashboard/orders?search=10"))
        .await;
    assert_eq!(step.headers.get("hx-push-url").map(String::as_str), Some("/dashboard/orders?tab=delivered"));
}

#[tokio::test]
async fn a_page_whose_rows_went_elsewhere_is_no_empty_list() {
    let world = World::with_orders(4).await;
    let stands = Standing { attention: Some(Attention::OnHold), ..Standing::default() };
    let held = (9001..=9051).map(|number| OrderRow { tenant_id: FIRST, standing: stands, ..order(number) });
    put_orders(world.database.pool(), &held.collect::<Vec<_>>()).await;
    put_missing(world.database.pool(), FIRST, 1001..=1050).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for (view, empty) in [("", "Aún no hay pedidos"), ("?tab=attention", "Nada requiere tu atención")] {
        let list = world.get(&cookie, &format!("{ORDERS}{view}"), &[]).await;
        let next = list.link("next").expect("there is another page");
        let page = world.get(&cookie, &next, &[]).await;
        let rest: Vec<Uuid> = page.orders().iter().map(|id| id.parse().unwrap()).collect();
        assert!(!rest.is_empty() && !page.text.contains("Esta página quedó vacía"), "{}", page.text);
        let settle = |reason: &'static str| {
            let sql = "update logistics_orders set withheld_reason = nullif($2, '') where id = any($1)";
            sqlx::query(sql).bind(rest.clone()).bind(reason).execute(world.database.owner_pool())
        };
        settle("doubt").await.unwrap();
        let left = world.get(&cookie, &next, &[]).await;
        settle("").await.unwrap();
        assert_eq!((left.status, left.orders().len()), (200, 0), "{view}");
        assert!(left.text.contains("Esta página quedó vacía") && !left.text.contains(empty), "{}", left.text);
        assert_eq!(left.between("rel=\"first\" href=\"", "\""), [format!("{ORDERS}{view}")]);
    }
    let left = world.get(&cookie, &format!("{ORDERS}?tab=missing&skip=50"), &[]).await;
    assert!(left.text.contains("Esta página quedó vacía"), "{}", left.text);
    assert!(!left.text.contains("Todo lo pagado está en el almacén"), "{}", left.text);
    assert_eq!(left.between("rel=\"first\" href=\"", "\""), [format!("{ORDERS}?tab=missing")]);
}

#[tokio::test]
async fn an_order_leads_back_to_the_list_that_it_was_opened_from() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let list = "/dashboard/orders?tab=closed&search=la+1&courier=DPD";
    for (referer, leads_to) in [
        (format!("http://ledger{list}&utm_source=mail"), list),
        (format!("http://ledger{ORDERS}/{order}?since=3"), ORDERS),
        ("http://ledger/dashboard/admin/parked?search=x".to_owned(), ORDERS),
        ("no address".to_owned(), ORDERS),
    ] {
        let page = world.get(&cookie, &format!("{ORDERS}/{order}"), &[("referer", &referer)]).await;
        let way = page.between("class=\"crumbs small\"><a class=\"row\" href=\"", "\"");
        assert_eq!(way, [leads_to], "{referer}");
    }
}
