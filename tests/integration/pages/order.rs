//! What the list and the page of an order say: lateness once, steps up to where it went wrong, and instants that were.

use chrono::TimeDelta;
use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{FIRST, ORDERS, Seen, World};
use crate::support::service::until;

/// The pages of the orders of a view, one after the other.
async fn pages_of(world: &World, cookie: &str, view: &str) -> Vec<Seen> {
    let mut pages = Vec::new();
    for order in world.get(cookie, &format!("{ORDERS}?tab={view}"), &[]).await.orders() {
        pages.push(world.get(cookie, &format!("{ORDERS}/{order}"), &[]).await);
    }
    pages
}

#[tokio::test]
async fn what_is_late_says_so_once_when_the_look_at_the_clock_has_noted_it() {
    let world = World::with_orders(60).await;
    world.clock.advance(TimeDelta::days(400));
    let noted = "select count(*) from logistics_orders where tenant_id = 1 and attention like 'late_%'";
    until("the look at the clock", async || {
        let counted: i64 = sqlx::query_scalar(noted).fetch_one(world.database.pool()).await.unwrap();
        counted > 0
    })
    .await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, ORDERS, &[]).await;
    let rows = list.between("id=\"order-", "</tr>");
    let late: Vec<_> = rows.iter().filter(|row| row.contains("Atrasado")).collect();
    assert!(!late.is_empty(), "{}", list.text);
    for row in late {
        assert!(row.contains("<div class=\"small late\">Atrasado: "), "since when: {row}");
        assert_eq!(row.matches("Atrasado").count(), 1, "{row}");
        assert!(
            row.contains("<div class=\"small soft\">Le toca ") || row.contains(">Te toca a ti<"),
            "{row}"
        );
        for said in ["Debía haber", "Sin noticias del courier desde hace 30 días"] {
            assert!(!row.contains(said), "{said} stands beside the line: {row}");
        }
    }
}

#[tokio::test]
async fn what_was_cancelled_came_as_far_as_it_came() {
    let world = World::with_orders(120).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let mut cancelled = 0;
    for page in pages_of(&world, &cookie, "closed").await {
        let steps = page.between("<li class=\"", "</strong>");
        let steps: Vec<_> = steps.iter().filter_map(|step| step.split_once('"')).collect();
        let (before, last) = steps.split_at(steps.len() - 1);
        if !last[0].1.ends_with("<strong>Cancelado") {
            continue;
        }
        cancelled += 1;
        assert_eq!(last[0].0, "wrong", "{steps:?}");
        assert!(before[0].1.ends_with("<strong>Recibido"), "{steps:?}");
        assert!(before.iter().all(|(state, _)| *state == "done"), "{steps:?}");
    }
    assert!(cancelled > 0, "it was a trial");
}

#[tokio::test]
async fn nothing_is_shown_as_of_an_instant_that_has_yet_to_come() {
    let world = World::with_orders(8).await;
    // The ledger records by the database's clock, which is behind by then.
    world.clock.advance(TimeDelta::days(20_000));
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let page = world.get(&cookie, &format!("{ORDERS}/{order}?as_of=2099-01-01T10:00"), &[]).await;
    let banner = page.between("Así estaba el pedido el ", ".").remove(0);
    assert!(
        banner.ends_with(" (hora de Lima)") && page.text.contains("Cómo estaba el (hora de Lima)"),
        "{banner}"
    );
    assert!(!banner.contains("2099"), "{banner}");
    let form = page.between("id=\"as-of\"", ">").remove(0);
    let today = (world.clock.now() - TimeDelta::hours(5)).date_naive();
    let (value, latest) = (format!("value=\"{today}T"), format!("max=\"{today}T23:59\""));
    assert!(form.contains(&value) && form.contains(&latest), "{form}");
}

#[tokio::test]
async fn what_cannot_be_shown_of_an_order_leads_back_to_it() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let page = format!("{ORDERS}/{order}");
    let back = format!("class=\"button primary\" href=\"{page}\"");
    for (rest, told) in [
        ("?as_of=2001-01-01T10:00", "En ese momento el pedido aún no se conocía"),
        ("/evidence/00", "No existe esa respuesta original"),
    ] {
        let lost = world.get(&cookie, &format!("{page}{rest}"), &[]).await;
        assert_eq!(lost.status, 404);
        assert!(lost.text.contains(told) && lost.text.contains(&back), "{rest}: {}", lost.text);
    }
    let unknown = world.get(&cookie, &page.replace(&order[..8], "00000000"), &[]).await;
    assert!(!unknown.text.contains("Volver al pedido"), "{}", unknown.text);
    assert!(unknown.text.contains("class=\"button primary\" href=\"/dashboard/orders\""), "{}", unknown.text);
}

#[tokio::test]
async fn the_list_says_how_it_is_sorted_when_no_column_does() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, ORDERS, &[]).await;
    assert!(list.text.contains("<span class=\"small soft push\">Últimos cambios primero"), "{}", list.text);
    let sorted = world.get(&cookie, &format!("{ORDERS}?sort_by=status&search=1"), &[]).await;
    assert_eq!(sorted.between("class=\"small push\" href=\"", "\""), ["/dashboard/orders?search=1"]);
}

#[tokio::test]
async fn what_came_while_the_page_lay_open_is_news_to_its_reader() {
    let world = World::with_orders(12).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let page = world.get(&cookie, &format!("{ORDERS}/{order}"), &[]).await;
    let field = |name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").remove(0);
    let shown: i64 = field("seen").parse().unwrap();
    let refreshed = async |seen: &str| {
        let form = [("csrf", field("csrf")), ("seen", seen.to_owned())];
        let form = [(form[0].0, form[0].1.as_str()), (form[1].0, form[1].1.as_str())];
        let address = format!("{ORDERS}/{order}/refresh");
        world.ask(Method::POST, &cookie, &address, &[], &form).await.leads_to().to_owned()
    };
    // No account stands behind these orders, so none is read.
    let since =
        |seen: i64| format!("{ORDERS}/{order}?since={seen}&unread_at={}", world.clock.now().timestamp());
    assert_eq!(refreshed(&shown.to_string()).await, since(shown));
    assert_eq!(refreshed("0").await, since(0), "an older page, all of it news");
    assert_eq!(refreshed("99").await, since(shown), "nobody saw what is yet to come");
    let all = world.get(&cookie, &format!("{ORDERS}/{order}?since=0"), &[]).await;
    let news = all.text.matches("<span class=\"badge info full\">Nuevo</span>").count();
    assert_eq!(i64::try_from(news).unwrap(), shown);
}
