//! The pages by the keyboard alone: where Tab leads, that one sees where one is, what Enter and Escape do, and where one
//! stands after a dialog.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::demo::{Demo, LUCIA};
use super::driver::{Browser, LAPTOP, PHONE};

/// What has the focus: a name for it, and whether one sees that it has.
const FOCUS: &str = "const e = document.activeElement, look = getComputedStyle(e), box = e.getBoundingClientRect(); \
    const marked = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2; \
    let clipped = false; for (let up = e; up; up = up.parentElement) clipped ||= getComputedStyle(up).clipPath !== 'none'; \
    const inside = !clipped && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth; \
    const kinds = ['.skip-link', '.mark', '.nav a', '.tabs a', '#search', '.toolbar summary', 'th a', 'a.order-link', \
      '.switch a', '.side-foot summary', '.copy', '.actions summary', '[data-opens=cancel-dialog]', \
      'form[action*=\"/refresh\"] button', '#reason', '[data-closes]', '#cancel-dialog .primary', '#as-of']; \
    return {is: kinds.find(k => e.matches(k)) ?? e.tagName, seen: marked && inside, marked, box: [box.top, box.bottom], text: e.outerHTML.slice(0, 90)};";

async fn tab(browser: &Browser) -> String {
    browser.press(&Key::Tab.to_string()).await;
    let focus = browser.run(FOCUS).await;
    assert!(focus["seen"] == json!(true), "one does not see where one is: {focus}");
    focus["is"].as_str().unwrap().to_owned()
}

/// Goes on with Tab until something of this kind has the focus; answers what was passed.
async fn tab_to(browser: &Browser, kind: &str) -> Vec<String> {
    let mut passed = Vec::new();
    while passed.last().is_none_or(|last| last != kind) {
        passed.push(tab(browser).await);
        assert!(passed.len() < 80, "Tab does not lead to {kind}: {passed:?}");
    }
    passed
}

async fn has_focus(browser: &Browser, css: &str) {
    browser.until(&format!("document.activeElement.matches('{css}')")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    let (enter, escape) = (Key::Enter.to_string(), Key::Escape.to_string());
    demo.sign_in(&browser, LUCIA).await;

    // The first step may skip what stands around; without that, everything comes in the order in which it is read.
    browser.open_page(&demo.page("/dashboard/orders")).await;
    assert_eq!(tab(&browser).await, ".skip-link");
    browser.picture("keyboard-skip-link-es").await;
    browser.press(&enter).await;
    has_focus(&browser, "main").await;
    browser.open_page(&demo.page("/dashboard/orders")).await;
    let mut passed = tab_to(&browser, "a.order-link").await;
    passed.dedup();
    let order = [".skip-link", ".mark", ".nav a", ".switch a", ".side-foot summary"];
    let rest = [".tabs a", "#search", ".toolbar summary", "th a", "a.order-link"];
    let mut left = passed.iter();
    for kind in order.iter().chain(&rest) {
        assert!(left.any(|one| one == kind), "{kind} is not reached in its turn: {passed:?}");
    }
    browser.picture("keyboard-row-es").await;

    // On a phone, too, nothing has the focus that nobody sees.
    browser.size(PHONE).await;
    browser.open_page(&demo.page("/dashboard/orders")).await;
    let passed = tab_to(&browser, "th a").await;
    browser.picture("keyboard-sorting-phone-es").await;
    assert!(passed.iter().any(|one| one == "BUTTON"), "the button of the search: {passed:?}");
    tab_to(&browser, "a.order-link").await;
    browser.size(LAPTOP).await;
    browser.open_page(&demo.page("/dashboard/orders")).await;

    // A menu opens, closes, and gives the focus back.
    browser.press("/").await;
    has_focus(&browser, "#search").await;
    assert_eq!(tab(&browser).await, ".toolbar summary");
    browser.press(&enter).await;
    browser.until("document.querySelector('.toolbar details[open]')").await;
    browser.picture("keyboard-filter-es").await;
    browser.press(&escape).await;
    browser.until("!document.querySelector('.toolbar details[open]')").await;
    has_focus(&browser, ".toolbar summary").await;

    // Search, and into the order.
    browser.press("/").await;
    browser.press("ladore-1017").await;
    browser.until("document.querySelectorAll('tbody tr').length === 1").await;
    has_focus(&browser, "#search").await;
    tab_to(&browser, "a.order-link").await;
    browser.press(&enter).await;
    browser.until("document.querySelector('.timeline')").await;

    // A dialog keeps the focus until it is closed, and then gives it back.
    for closing in [escape.clone(), String::new()] {
        tab_to(&browser, "[data-opens=cancel-dialog]").await;
        browser.press(&enter).await;
        browser.until("document.querySelector('#cancel-dialog').open").await;
        browser.until("document.activeElement.closest('#cancel-dialog')").await;
        browser.picture("keyboard-dialog-es").await;
        let behind =
            "document.activeElement !== document.body && !document.activeElement.closest('#cancel-dialog')";
        for _ in 0..6 {
            browser.press(&Key::Tab.to_string()).await;
            let strayed = browser.run(&format!("return {behind};")).await;
            assert_eq!(strayed, Value::Bool(false), "the focus went behind the dialog");
        }
        if closing.is_empty() {
            while browser.run(FOCUS).await["is"] != json!("[data-closes]") {
                browser.press(&Key::Tab.to_string()).await;
            }
            browser.press(&enter).await;
        } else {
            browser.press(&closing).await;
        }
        browser.until("!document.querySelector('#cancel-dialog').open").await;
        has_focus(&browser, "[data-opens=cancel-dialog]").await;
        browser.client.refresh().await.unwrap();
    }
    tab_to(&browser, "#as-of").await;
    browser.close().await;
    demo.close().await;
}
