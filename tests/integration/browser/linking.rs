//! A link by hand in a browser: what names no order stays in its box, and what names one ties it; undone again on its page.

use serde_json::json;

use super::demo::{ANA, Demo};
use super::driver::Browser;

const MISSING: &str = "/dashboard/orders?tab=missing&tenant_id=7";

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_linked_by_hand_and_the_link_is_undone_again() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, ANA).await;
    browser.open_page(&demo.page(MISSING)).await;
    browser.click("#found details.fold summary").await;
    browser.find("#found input[name=number]").await.send_keys("ladore-nada").await.unwrap();
    browser.run("window.stayed = true;").await;
    browser.click("#found details.fold form button").await;
    browser.until("document.querySelector('#found .fault')?.innerText.includes('Escríbelo completo')").await;
    let draft =
        "window.stayed && document.querySelector('#found input[name=number]').value === 'ladore-nada'";
    assert_eq!(browser.run(&format!("return {draft};")).await, json!(true));
    browser.picture("link-by-hand-refused-es").await;
    browser.has_no_barrier("a refused link by hand").await;

    browser.run("document.querySelector('#found input[name=number]').value = 'ladore-1004';").await;
    browser.click("#found details.fold form button").await;
    demo.until("select count(*) from shop_links where order_name = '#1900' and basis = 'manual'", 1).await;
    let order = demo.order_page("ladore-1004").await;
    browser.open_page(&demo.page(&format!("{order}?tenant_id=7"))).await;
    browser.click("details.fold:has(form[action*='/unlink']) summary").await;
    browser.picture("link-undoing-es").await;
    browser.has_no_barrier("a link that is about to be undone").await;
    browser.click("form[action*='/unlink'] button").await;
    browser.until("location.search.includes('deed=undone')").await;
    browser
        .until("document.querySelector('#found [role=status]')?.innerText.includes('Quitaste el enlace')")
        .await;
    browser.until("document.querySelector('#announcer').textContent.includes('Quitaste el enlace')").await;
    browser.has_no_barrier("a link that was undone").await;

    // Something happens, the page is read anew by itself, and goes on telling it.
    let read = "const parse = DOMParser.prototype.parseFromString; window.read = 0; \
        DOMParser.prototype.parseFromString = function (...all) { window.read += 1; return parse.apply(this, all); };";
    browser.run(read).await;
    demo.mintsoft.despatch(demo.number_of("ladore-1001"), Some("JD0002299")).unwrap();
    browser.until("window.read > 0").await;
    let told = browser.text("#found [role=status]").await;
    assert!(told.contains("Quitaste el enlace de #1900"), "{told}");
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_goes_by_forms_without_script() {
    let demo = Demo::create().await;
    let browser = Browser::open_with(false).await;
    demo.sign_in(&browser, ANA).await;
    browser.open_page(&demo.page(MISSING)).await;
    browser.click("#found details.fold summary").await;
    browser.find("#found input[name=number]").await.send_keys("ladore-1004\n").await.unwrap();
    browser.find("[role=status]").await;
    demo.until("select count(*) from shop_links where order_name = '#1900' and basis = 'manual'", 1).await;
    let order = demo.order_page("ladore-1004").await;
    browser.open_page(&demo.page(&format!("{order}?tenant_id=7"))).await;
    browser.click("details.fold:has(form[action*='/unlink']) summary").await;
    browser.click("form[action*='/unlink'] button").await;
    let told = browser.find("#found [role=status]").await.text().await.unwrap();
    assert!(told.contains("Quitaste el enlace de #1900"), "{told}");
    browser.close().await;
    demo.close().await;
}
