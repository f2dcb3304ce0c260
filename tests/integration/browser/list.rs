//! The list of orders: found, narrowed, sorted, with keys and on a phone.

use super::driver::{Browser, LAPTOP, PHONE};
use super::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_searched_and_narrowed() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    browser.client.goto(&site.page("/dashboard")).await.unwrap();
    browser.find("table.table tbody tr").await;
    let statuses = "return [...document.querySelectorAll('.toolbar .check')].map(e => e.textContent).join();";
    let statuses = browser.run(statuses).await.to_string();
    assert!(statuses.contains("Despachado DESPATCHED"), "what the warehouse's words mean: {statuses}");
    browser.picture("list-light-es").await;
    browser.has_no_barrier("the list").await;
    browser.scheme("dark").await;
    browser.picture("list-dark-es").await;
    browser.has_no_barrier("the list, dark").await;
    browser.scheme("light").await;
    browser.size(PHONE).await;
    browser.picture("list-phone-es").await;
    browser.has_no_barrier("the list on a phone").await;
    browser.size(LAPTOP).await;

    browser.run("document.body.focus(); document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}));").await;
    browser.until("document.activeElement.id === 'search'").await;
    browser.find("#search").await.send_keys("1004").await.unwrap();
    browser.until("document.querySelectorAll('tbody tr').length === 1").await;
    browser.until("location.search === '?search=1004&tenant_id=7'").await;
    assert!(browser.text("tbody").await.contains("ladore-1004"));
    browser.until("document.activeElement.id === 'search' && document.activeElement.value === '1004'").await;
    browser.picture("list-search-es").await;
    browser.click(".chip a").await;
    browser
        .until("document.querySelectorAll('tbody tr').length > 10 && location.search === '?tenant_id=7'")
        .await;

    browser.click("a[hreflang=en]").await;
    browser.until("document.documentElement.lang === 'en'").await;
    assert_eq!(browser.text("h1").await, "Orders");
    browser.picture("list-light-en").await;
    browser.client.goto(&site.page("/dashboard/orders?search=nothing-like-it")).await.unwrap();
    assert!(browser.text(".empty").await.contains("No order matches"));
    browser.picture("list-empty-en").await;
    browser.has_no_barrier("the list without orders").await;
    browser.client.goto(&site.page("/dashboard/nowhere")).await.unwrap();
    assert!(browser.text("main").await.contains("There is no such page"));
    browser.picture("error-en").await;
    browser.has_no_barrier("a page that is not there").await;
    browser.close().await;
    site.close().await;
}
