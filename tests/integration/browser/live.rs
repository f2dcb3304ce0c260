//! Pages that follow events, on the whole service: what happens in the warehouse shows, and nobody loses their place.

use logistics_ledger::access::{PersonRequest, Role, SessionSettings, add_person, begin_session};
use logistics_ledger::sandbox::OrderSpec;
use serde_json::json;

use super::driver::Browser;
use super::site::{LADORE, Site};
use crate::support::links::put_missing;
use crate::support::lost::lose_events;

/// The page's clock can be put forward, and it looks at the clock often, or never.
const CLOCK: &str = "const now = Date.now; window.ahead = 0; Date.now = () => now() + window.ahead; \
    const every = window.setInterval; \
    window.setInterval = (work, ms) => sessionStorage.looks ? every(work, ms / 50) : 0;";

/// What addresses are followed is kept.
const FOLLOWED: &str = "window.followed = []; const Followed = EventSource; \
    window.EventSource = class extends Followed { constructor(url) { super(url); window.followed.push(String(url)); } };";

/// Opens a page of the service itself as a person who is signed in.
async fn open(browser: &Browser, site: &Site, path: &str) {
    let (sub, email, name) = ("auth0|ana", "ana@ladore.example".to_owned(), "Ana".to_owned());
    let now = site.app.sources().clock.now();
    let person = PersonRequest { sub: sub.to_owned(), email, name, tenant: Some(LADORE), role: Role::Admin };
    // Whoever is there already stays.
    let _added = add_person(site.database.pool(), &person, "test", now).await;
    let settings = SessionSettings::default();
    let token = begin_session(site.database.pool(), settings, sub, now).await.unwrap();
    let root = format!("http://{}", site.app.address());
    browser.client.goto(&format!("{root}/dashboard/sign-in")).await.unwrap();
    browser.run(&format!("document.cookie = '{}={token}; path=/';", settings.cookie())).await;
    browser.client.goto(&format!("{root}{path}")).await.unwrap();
    browser.until("!document.querySelector('#live, #order-page')?.hidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_follows_its_orders_and_nobody_loses_their_place() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/orders?tab=in_warehouse").await;
    browser.until("!document.querySelector('#live').hidden").await;
    browser.until("document.querySelector('#found').innerText.includes('ladore-1001')").await;
    let count = "Number(document.querySelector('.tabs a[aria-current] .count').innerText)";
    let before = browser.run(&format!("return {count}")).await.as_f64().unwrap();
    browser.picture("list-live-es").await;

    // A person is in the middle of something: a menu is open, and its row has the focus.
    browser.click("details.menu:has(#date-field) summary").await;
    browser.run("document.querySelector('#date-from').focus(); window.held = document.querySelector('#date-from');").await;
    site.mintsoft.despatch(site.number_of("ladore-1001"), Some("JD0002299")).unwrap();
    browser.until("!document.querySelector('#found').innerText.includes('ladore-1001')").await;
    browser.until(&format!("{count} === {}", before - 1.0)).await;
    assert_eq!(browser.run("return document.activeElement === window.held").await, json!(true));
    assert_eq!(
        browser.run("return Boolean(document.querySelector('details.menu[open]'))").await,
        json!(true)
    );

    let order = OrderSpec::of(3, "ladore-2001", &[("LADORE_SERUM_30ML", 1)]);
    site.mintsoft.create_order(order);
    browser.until("document.querySelector('#found').innerText.includes('ladore-2001')").await;
    browser.until(&format!("{count} === {before}")).await;
    assert_eq!(browser.run("return location.search").await, json!("?tab=in_warehouse"));
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_follows_its_history_and_keeps_drafts_evidence_and_the_end_of_a_session_in_view() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/orders?search=ladore-1017").await;
    browser.click("a.order-link").await;
    browser.find("#comment").await.send_keys("Por favor, con cuidado").await.unwrap();
    browser.click(".entry:last-of-type summary").await;
    browser.run("window.talk = document.querySelector('#conversation'); window.open_entry = document.querySelector('.entry details[open]');").await;
    site.mintsoft.set_status(site.number_of("ladore-1017"), 15).unwrap();
    browser.until("document.querySelectorAll('.timeline .entry').length > 1").await;
    browser.until("document.querySelector('#order-head .badges').innerText !== ''").await;
    for (kept, what) in [
        ("document.querySelector('#comment').value === 'Por favor, con cuidado'", "the draft"),
        ("document.querySelector('#conversation') === window.talk", "the comments are not read again"),
        ("document.querySelector('.entry details[open]') === window.open_entry", "what was opened"),
    ] {
        assert_eq!(browser.run(&format!("return {kept}")).await, json!(true), "{what}");
    }

    sqlx::query("delete from sessions").execute(site.database.owner_pool()).await.unwrap();
    browser.until("!document.querySelector('#session-over').hidden").await;
    assert_eq!(
        browser.run("return document.querySelector('#comment').value").await,
        json!("Por favor, con cuidado")
    );
    assert_eq!(browser.run("return document.querySelector('#offline').hidden").await, json!(true));
    browser.picture("order-session-over-es").await;
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_in_view_of_an_order_that_is_withheld_while_it_is_looked_at() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/orders?search=ladore-1017").await;
    browser.click("a.order-link").await;
    browser.find("#order-head").await;
    // By now number and goods are another brand's, so whose it is has to be decided first.
    let id = site.number_of("ladore-1017");
    site.mintsoft.edit(id, |order| order.number = "kallpa-5017".to_owned()).unwrap();
    site.mintsoft
        .edit(id, |order| order.items.iter_mut().for_each(|item| item.sku = "KALLPA_A".into()))
        .unwrap();
    browser.until("document.querySelector('main h1')?.innerText.includes('No lo encontramos')").await;
    browser.until("!document.querySelector('#order-head') && document.readyState === 'complete'").await;
    let told = browser.text("main").await;
    assert!(told.contains("Ver los pedidos") && !told.contains("ladore-1017"), "{told}");
    browser.picture("order-withheld-es").await;
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_comment_shows_once_the_next_one_is_written() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/orders?search=ladore-1017").await;
    browser.click("a.order-link").await;
    browser.find("#comment").await.send_keys("Por favor, con cuidado").await.unwrap();
    let send = "const form = document.querySelector('#comment').form; \
        fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });";
    browser.run(send).await;
    // The history tells what became of it, while the box is not empty yet.
    browser
        .until("document.querySelector('.timeline').innerText.includes('El comentario está en el sistema')")
        .await;
    assert_eq!(browser.run("return document.querySelectorAll('.comment').length").await, json!(0));
    browser
        .run("document.querySelector('#comment').focus(); document.querySelector('#comment').value = '';")
        .await;
    let told = "document.querySelector('.comment.ours')?.innerText";
    browser.until(&format!("{told}?.includes('con cuidado') && !{told}.includes('En camino')")).await;
    assert_eq!(browser.run("return document.activeElement.id").await, "comment", "whoever writes writes on");
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_looked_for_again_with_an_answer() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/orders?tab=missing").await;
    browser
        .until("document.querySelector('#found').innerText.includes('El almacén aún no tiene un pedido')")
        .await;
    browser.click("#found tbody button[name=link_id]").await;
    browser.until("document.querySelector('#found .notice')?.innerText.includes('otra vez')").await;
    browser.picture("list-missing-es").await;
    browser.has_no_barrier("what is missing").await;
    // The search ends, and the page says so by itself.
    browser.until("document.querySelectorAll('#found tbody button[name=link_id]').length === document.querySelectorAll('#found tbody tr').length").await;
    assert!(!browser.text("#found").await.contains("Buscando"), "{}", browser.text("#found").await);
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_event_tells_is_seen_within_minutes() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    browser.run_first(CLOCK).await;
    let missing = "/dashboard/orders?tab=missing";
    let is_shown = |name: &str| format!("document.querySelector('#found').innerText.includes('{name}')");
    open(&browser, &site, missing).await;
    browser
        .until("document.querySelectorAll('#found tbody button[name=link_id]').length === 2 && !document.querySelector('[data-live-again]')")
        .await;

    // Whoever comes back to the page after long sees it as it is.
    put_missing(site.database.owner_pool(), LADORE, 2001..=2001).await;
    let away = "window.away = true; Object.defineProperty(document, 'hidden', {get: () => window.away}); \
        document.dispatchEvent(new Event('visibilitychange')); window.ahead += 10 * 60e3;";
    browser.run(away).await;
    browser.run("window.away = false; document.dispatchEvent(new Event('visibilitychange'));").await;
    browser.until(&is_shown("#2001")).await;

    // And so does whoever looks at it all the while, but nothing is read for one who does not.
    browser.run("sessionStorage.looks = 'often';").await;
    open(&browser, &site, missing).await;
    put_missing(site.database.owner_pool(), LADORE, 2002..=2002).await;
    browser.run(away).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(browser.run(&format!("return {}", is_shown("#2002"))).await, json!(false));
    browser.run("window.away = false;").await;
    browser.until(&is_shown("#2002")).await;
    let counted = "document.querySelector('.tabs a[aria-current] .count').innerText.trim() === '4'";
    browser.until(counted).await;
    browser.picture("list-missing-read-again-es").await;

    // The orders are looked at in the warehouse all the while and are as they were, so only their age is another.
    open(&browser, &site, "/dashboard/orders").await;
    let checked = "Math.max(...[...document.querySelectorAll('#found time[data-age]')].map(e => Date.parse(e.dateTime)))";
    let before = browser.run(&format!("return {checked}")).await.as_f64().unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(browser.run(&format!("return {checked}")).await.as_f64(), Some(before), "nothing happened");
    browser.run("window.ahead += 10 * 60e3;").await;
    browser.until(&format!("{checked} > {before}")).await;
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_begins_anew_where_the_ledger_lost_what_it_was_sent() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    browser.run_first(FOLLOWED).await;
    open(&browser, &site, "/dashboard/orders?tab=in_warehouse").await;
    browser.until("document.querySelector('#found').innerText.includes('ladore-1001')").await;
    let first = browser.run("return window.followed.join(' ')").await;
    assert!(first.as_str().unwrap().contains("after="), "{first}");
    lose_events(site.database.owner_pool(), LADORE, 1, 2).await;
    browser.until("window.followed.some(address => !address.includes('after='))").await;
    // And it follows what comes then.
    site.mintsoft.despatch(site.number_of("ladore-1001"), Some("JD0002299")).unwrap();
    browser.until("!document.querySelector('#found').innerText.includes('ladore-1001')").await;
    browser.close().await;
    site.close().await;
}
