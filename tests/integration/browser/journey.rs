//! A day of somebody who works in logistics, through everything that runs in earnest: signs in, finds an order, sees one
//! move, writes to the warehouse, cancels, refreshes, and leaves.

use logistics_ledger::sandbox::status;
use serde_json::json;

use super::demo::{Demo, LUCIA};
use super::driver::Browser;
use crate::support::service::until;

/// What the row of an order says.
fn row_of(number: &str) -> String {
    format!(
        "[...document.querySelectorAll('tbody tr')].find(row => row.innerText.includes('{number}'))?.innerText"
    )
}

/// Waits until the page hears what happens.
async fn follows(browser: &Browser) {
    let live = "document.querySelector('#live')";
    let other = "document.querySelector(`script[src*='live.js']`)";
    browser.until(&format!("{live}.hasAttribute('data-on') || {other} && !{live}.hidden")).await;
}

async fn open_order(browser: &Browser, demo: &Demo, number: &str) {
    let path = demo.order_page(number).await;
    browser.open_page(&demo.page(&path)).await;
    browser.find(".timeline .entry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_logistics_goes_through_a_day() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    browser.open_page(&demo.page("/dashboard")).await;
    browser.until("location.pathname === '/dashboard/sign-in'").await;
    assert_eq!(browser.text("h1").await, "Inicia sesión");
    browser.picture("journey-1-sign-in-es").await;
    browser.has_no_barrier("the page before sign-in").await;
    browser.click("a.button.primary").await;
    browser.until("location.pathname === '/openid/authorize'").await;
    browser.picture("journey-2-provider").await;
    browser.has_no_barrier("the provider's page").await;
    browser.click_words(LUCIA).await;
    browser.find("table.table tbody tr").await;
    assert_eq!(browser.text(".side .brand-button:not(summary), .side .row.strong").await.trim(), "Ladore");

    // Found by what the customer was given.
    let tracking = demo.mintsoft.order(demo.number_of("ladore-1003")).unwrap().tracking_number.unwrap();
    browser.press("/").await;
    browser.until("document.activeElement.id === 'search'").await;
    browser.press(&tracking).await;
    browser.until("document.querySelectorAll('tbody tr').length === 1").await;
    assert!(browser.text("tbody").await.contains("ladore-1003"));
    browser.picture("journey-3-found-by-tracking-es").await;
    browser.click(".chip a").await;
    browser.until("document.querySelectorAll('tbody tr').length > 10").await;

    // The warehouse moves an order; the open page tells it.
    browser.until(&format!("{}.includes('Recibido')", row_of("ladore-1001"))).await;
    follows(&browser).await;
    browser.run("window.stayed = true;").await;
    demo.mintsoft.despatch(demo.number_of("ladore-1001"), Some("JD000229900001")).unwrap();
    browser.until(&format!("/Despachado|Esperando al courier/.test({})", row_of("ladore-1001"))).await;
    browser.until(&format!("{}.includes('JD000229900001')", row_of("ladore-1001"))).await;
    assert_eq!(browser.run("return window.stayed;").await, json!(true), "the page was loaded anew");
    browser.picture("journey-4-row-moved-es").await;

    // What is written in the page stands in the warehouse's system.
    let id = demo.number_of("ladore-1003");
    open_order(&browser, &demo, "ladore-1003").await;
    browser.find("#comment").await.send_keys("Confirmar dirección antes de entregar").await.unwrap();
    browser.click("#conversation form button").await;
    browser.until("document.querySelector('.comment.ours')?.innerText.includes('Confirmar dirección')").await;
    until("the comment is upstream", async || {
        demo.mintsoft.comments(id).iter().any(|(text, _)| text.contains("Confirmar dirección"))
    })
    .await;
    assert!(browser.text(".comment.ours").await.contains(LUCIA));
    browser.picture("journey-5-commented-es").await;

    let id = demo.number_of("ladore-1017");
    open_order(&browser, &demo, "ladore-1017").await;
    browser.click("[data-opens=cancel-dialog]").await;
    browser.find("#reason").await.send_keys("El cliente se arrepintió").await.unwrap();
    browser.click("#cancel-dialog .danger.primary").await;
    browser.until("document.querySelector('#actions')?.innerText.includes('Cancelado: lo pidió')").await;
    assert_eq!(demo.mintsoft.order(id).unwrap().status, status::CANCELLED);
    browser.until("document.querySelector('.timeline').innerText.includes('El cliente se arrepintió')").await;
    browser.picture("journey-6-cancelled-es").await;

    // What no sweep would tell is found by asking.
    let id = demo.number_of("ladore-1025");
    open_order(&browser, &demo, "ladore-1025").await;
    demo.mintsoft.edit_silently(id, |order| order.status = status::AWAITINGPICKING).unwrap();
    browser.click("form[action*='/refresh'] button").await;
    browser.until("document.querySelector('#actions')?.innerText.includes('1 novedad')").await;
    browser.picture("journey-7-refreshed-es").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    browser.click(".side-foot details summary").await;
    browser.click(".side-foot form[action='/dashboard/sign-out'] button").await;
    browser.until("location.pathname === '/dashboard/sign-in'").await;
    browser.find("a.button.primary").await;
    browser.picture("journey-8-left-es").await;
    browser.open_page(&demo.page("/dashboard/orders")).await;
    browser.until("location.pathname === '/dashboard/sign-in'").await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tab_counts_move_live() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    follows(&browser).await;
    let count =
        |tab: &str| format!("Number(document.querySelector(`.tabs a[href*='tab={tab}'] .count`).innerText)");
    let before = browser.run(&format!("return {};", count("on_the_way"))).await;
    browser.run("window.stayed = true;").await;
    demo.mintsoft.despatch(demo.number_of("ladore-1001"), Some("JD000229900001")).unwrap();
    demo.mintsoft.add_tracking_event(demo.number_of("ladore-1001"), "InTransit").unwrap();
    browser.until(&format!("{} === {before} + 1 && window.stayed", count("on_the_way"))).await;
    browser.close().await;
    demo.close().await;
}
