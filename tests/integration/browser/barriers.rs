//! No barrier that axe finds stands on any page, in both languages, light and dark.

use super::demo::{Demo, SERGIO, VALERIA};
use super::driver::Browser;
use super::tour;

/// Looks at the open page in both schemes of colours.
async fn looks_good(browser: &Browser, name: &str) {
    browser.scheme("light").await;
    browser.picture(&format!("{name}-light")).await;
    browser.has_no_barrier(name).await;
    browser.scheme("dark").await;
    browser.picture(&format!("{name}-dark")).await;
    browser.has_good_colours(&format!("{name}, dark")).await;
}

async fn no_page_has_a_barrier(language: &str) {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, SERGIO).await;
    demo.choose(&browser, "Ladore").await;
    browser.open_page(&demo.page(&format!("/dashboard/preferences?language={language}"))).await;
    let _asked_before = browser.complaints().await;
    for (name, path) in tour::pages(&demo).await {
        browser.open_page(&demo.page(&path)).await;
        browser.until("!document.querySelector('#conversation[hx-get]')").await;
        looks_good(&browser, &format!("{name}-{language}")).await;
        let complaints = browser.complaints().await;
        assert!(complaints.is_empty() || name.ends_with("unknown"), "{name}: {complaints:?}");
    }
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spanish_page_has_a_barrier() {
    no_page_has_a_barrier("es").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_english_page_has_a_barrier() {
    no_page_has_a_barrier("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_before_sign_in_no_refusal_and_no_empty_list_has_a_barrier() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    for language in ["es", "en"] {
        let sign_in = format!("/dashboard/preferences?language={language}&next=/dashboard/sign-in");
        browser.open_page(&demo.page(&sign_in)).await;
        looks_good(&browser, &format!("sign-in-{language}")).await;
        browser.open_page(&demo.page("/dashboard/sign-in?left=yes")).await;
        looks_good(&browser, &format!("sign-in-left-{language}")).await;
        browser.open_page(&demo.page("/dashboard/sign-in/return?state=forged&code=forged")).await;
        browser.find("a.button.primary[href='/dashboard/sign-in']").await;
        looks_good(&browser, &format!("sign-in-failed-{language}")).await;
    }
    for (person, language) in [(VALERIA, "es"), (SERGIO, "en")] {
        let before = format!("/dashboard/preferences?language={language}&next=/dashboard/sign-in");
        browser.open_page(&demo.page(&before)).await;
        demo.sign_in(&browser, person).await;
        if person == VALERIA {
            for section in ["accounts", "parked", "dead-letters", "people", "keys", "tenants/7", "tenants"] {
                browser.open_page(&demo.page(&format!("/dashboard/admin/{section}"))).await;
                assert!(browser.text("main").await.contains("Tu rol no permite"), "{section}");
            }
            looks_good(&browser, "refused-es").await;
        } else {
            browser.click(".side .brand-button").await;
            looks_good(&browser, "brands-en").await;
            browser.click(".side .brand-button").await;
            demo.choose(&browser, "Wayra").await;
            browser.until("document.querySelector('.empty')").await;
            looks_good(&browser, "list-empty-en").await;
        }
        browser.client.delete_all_cookies().await.unwrap();
    }
    browser.close().await;
    demo.close().await;
}
