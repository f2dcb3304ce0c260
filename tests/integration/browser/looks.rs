//! How pages look: in both languages, on a phone, in the dark.

use super::demo::{Demo, SERGIO};
use super::driver::{Browser, LAPTOP, PHONE};
use super::tour;

/// Whether the tabs that one is at are in sight.
const TABS_SEEN: &str = "[...document.querySelectorAll('.tabs [aria-current]')].every(tab => { \
    const box = tab.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth; })";

async fn speaks(browser: &Browser, language: &str, title: &str) {
    browser.until(&format!("document.documentElement.lang.startsWith('{language}')")).await;
    assert_eq!(browser.text("h1").await, title);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_switched_and_kept() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    let open = async |path: &str| browser.open_page(&demo.page(path)).await;
    open("/dashboard/sign-in").await;
    speaks(&browser, "es", "Inicia sesión").await;
    browser.click("a[hreflang=en]").await;
    speaks(&browser, "en", "Sign in").await;
    demo.sign_in(&browser, SERGIO).await;
    speaks(&browser, "en", "Orders").await;
    open("/dashboard/orders?tab=attention").await;
    browser.click(".side a[hreflang=es]").await;
    speaks(&browser, "es", "Pedidos").await;
    browser.until("location.search.includes('tab=attention')").await;
    browser.click(".side a[hreflang=en]").await;
    speaks(&browser, "en", "Orders").await;
    let window = browser.client.new_window(true).await.unwrap();
    browser.client.switch_to_window(window.handle).await.unwrap();
    open("/dashboard/admin/parked").await;
    speaks(&browser, "en", "Orders without an owner").await;
    browser.click(".side a[hreflang=es]").await;
    speaks(&browser, "es", "Pedidos sin dueño").await;
    browser.client.refresh().await.unwrap();
    speaks(&browser, "es", "Pedidos sin dueño").await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    browser.size(PHONE).await;
    browser.open_page(&demo.page("/dashboard/sign-in")).await;
    browser.fits("sign-in").await;
    browser.picture("phone-sign-in-es").await;
    browser.size(LAPTOP).await;
    demo.sign_in(&browser, SERGIO).await;
    demo.choose(&browser, "Ladore").await;
    browser.size(PHONE).await;
    let pages = tour::pages(&demo).await;
    for language in ["en", "es"] {
        browser.open_page(&demo.page(&format!("/dashboard/preferences?language={language}"))).await;
        for (name, path) in &pages {
            browser.open_page(&demo.page(path)).await;
            browser.fits(&format!("{name}, {language}")).await;
            browser.until(TABS_SEEN).await;
            if language == "es" || name.starts_with("list-m") {
                browser.picture(&format!("phone-{name}-{language}")).await;
            }
        }
    }
    // A row is a card: what belongs to it stands below it, not beside it.
    browser.open_page(&demo.page("/dashboard/orders")).await;
    browser.until("getComputedStyle(document.querySelector('tbody tr')).display === 'grid'").await;
    browser.click("details.menu:has(#date-field) summary").await;
    browser.fits("the days to choose").await;
    browser.picture("phone-days-es").await;
    browser.click(".topbar summary").await;
    browser.fits("the menu").await;
    browser.picture("phone-menu-es").await;
    browser.close().await;
    demo.close().await;
}
