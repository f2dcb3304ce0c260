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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_searched_as_one_types_and_its_files_follow() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    browser.client.goto(&site.page("/dashboard/orders?tab=missing")).await.unwrap();
    browser.until("document.querySelectorAll('#found tbody tr').length === 2").await;
    browser.run("document.body.focus(); document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}));").await;
    browser.until("document.activeElement.name === 'search'").await;
    browser.find("input[name=search]").await.send_keys("ladore-1901").await.unwrap();
    browser.until("document.querySelectorAll('#found tbody tr').length === 1").await;
    assert!(browser.text("#found tbody").await.contains("#1901"));
    browser.until("location.search === '?tab=missing&search=ladore-1901&tenant_id=7'").await;
    browser.until("document.activeElement.value === 'ladore-1901'").await;
    let files =
        "return [...document.querySelectorAll('#exports a')].map(e => e.getAttribute('href')).join();";
    let file = |format| {
        format!(
            "/api/v1/logistics/links/export?search=ladore-1901&state=not_linked&format={format}&tenant_id=7"
        )
    };
    assert_eq!(browser.run(files).await, [file("csv"), file("xlsx")].join(","));
    browser.picture("list-missing-search-es").await;
    browser.has_no_barrier("what is missing, searched").await;

    // Another view says what can be searched for in it, and goes on with the search.
    browser.click(".tabs a:first-child").await;
    browser.until("location.search === '?search=ladore-1901&tenant_id=7'").await;
    browser.until("document.querySelector('[data-search]').placeholder.includes('tracking')").await;
    assert!(browser.run(files).await.to_string().contains("/orders/export?search=ladore-1901"));

    browser.client.goto(&site.page("/dashboard/orders?tab=missing&search=nada")).await.unwrap();
    assert!(browser.text(".empty").await.contains("Revisa el número"));
    browser.size(PHONE).await;
    browser.picture("list-missing-none-phone-es").await;
    browser.has_no_barrier("nothing is found among what is missing, on a phone").await;
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ages_go_on_by_the_clock_of_the_service_and_not_by_the_readers() {
    let site = Site::create().await;
    for hours_ahead in [1, -1] {
        let browser = Browser::open().await;
        let clock = format!("const now = Date.now; Date.now = () => now() + {hours_ahead} * 3600e3;");
        browser.run_first(&clock).await;
        browser.open_page(&site.page("/dashboard/orders")).await;
        browser.find("td.checked time").await;
        let told = browser
            .run(
                "const [fresh, old] = document.querySelectorAll('td.checked time'); \
                 old.dateTime = new Date(Date.parse(document.body.dataset.now) - 7230e3).toISOString(); \
                 document.dispatchEvent(new Event('visibilitychange')); \
                 return fresh.textContent + ', ' + old.textContent;",
            )
            .await;
        assert_eq!(told, "hace un momento, hace 2 h", "{hours_ahead} h ahead");
        browser.close().await;
    }
    site.close().await;
}
