//! The pages in a browser that runs no script: everything is read, and what is written goes by forms.

use fantoccini::Locator;

use super::demo::{ANA, Demo, SERGIO};
use super::driver::Browser;

/// What an element says, as the browser itself reads it.
async fn said(browser: &Browser, css: &str) -> String {
    browser.find(css).await.text().await.unwrap()
}

async fn address(browser: &Browser) -> String {
    browser.client.current_url().await.unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_and_written_without_script() {
    let demo = Demo::create().await;
    let browser = Browser::open_with(false).await;
    demo.sign_in(&browser, ANA).await;
    demo.choose(&browser, "Ladore").await;
    assert!(!browser.find(".search kbd").await.is_displayed().await.unwrap(), "a key that does nothing");
    browser.picture("without-script-list-es").await;

    browser.click(".tabs a[href*='tab=on_the_way']").await;
    let tab = said(&browser, ".tabs a[aria-current]").await;
    assert!(tab.starts_with("En camino"), "{tab}");
    assert!(address(&browser).await.contains("tab=on_the_way"));
    browser.click(".tabs a[href*='tab=all'], .tabs a:first-child").await;
    browser.find("#search").await.send_keys("ladore-1005\n").await.unwrap();
    browser.find(".chip").await;
    assert!(address(&browser).await.contains("search=ladore-1005"));
    let rows = browser.client.find_all(Locator::Css("tbody tr")).await.unwrap();
    assert_eq!(rows.len(), 1);
    browser.picture("without-script-search-es").await;

    browser.click("a.order-link").await;
    let told = said(&browser, "main").await;
    for part in ["ladore-1005", "Entregado", "Historial", "LADORE_SERUM_30ML"] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    browser.picture("without-script-order-es").await;
    let order = address(&browser).await;
    browser.click(".entry:has(.evidence a) summary").await;
    browser.click(".entry .evidence a").await;
    assert!(said(&browser, "pre").await.contains("OrderNumber"));
    browser.picture("without-script-evidence-es").await;

    browser.open_page(&order).await;
    browser.click("#conversation a").await;
    browser.find("#comment").await.send_keys("Escrito sin script").await.unwrap();
    browser.click("#conversation form button").await;
    browser.find(".timeline .entry").await;
    assert!(said(&browser, ".timeline").await.contains("Escrito sin script"));
    let id = demo.number_of("ladore-1005");
    assert!(demo.mintsoft.comments(id).iter().any(|(text, _)| text == "Escrito sin script"));
    browser.click("#conversation a").await;
    assert!(said(&browser, ".comment.ours").await.contains("Escrito sin script"));
    browser.picture("without-script-conversation-es").await;

    // The dialog is a page of its own.
    let open = demo.order_page("ladore-1017").await;
    browser.open_page(&demo.page(&open)).await;
    browser.click(".actions a.danger").await;
    browser.find("#reason").await.send_keys("Sin stock en tienda").await.unwrap();
    browser.picture("without-script-cancel-es").await;
    browser.click(".foot .danger.primary").await;
    assert!(said(&browser, "#actions").await.contains("ancela"));

    // So do the pages of the platform's staff.
    browser.client.delete_all_cookies().await.unwrap();
    demo.sign_in(&browser, SERGIO).await;
    browser.open_page(&demo.page("/dashboard/admin/tenants/8")).await;
    browser.click("form[method=post][action='/dashboard/admin/tenants/8'] button").await;
    assert!(said(&browser, ".said").await.contains("Guardado"));
    browser.close().await;
    demo.close().await;
}
