//! A file or a document that cannot be had, in a browser: its reader sees why, in their language.

use super::demo::{Demo, LUCIA};
use super::driver::Browser;

const DOCUMENT: &str =
    "/api/v1/logistics/orders/01a0c3a5-5e00-7000-8000-000000000000/documents/1?tenant_id=7";

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_of_the_api_is_told_in_the_page_or_in_its_frame() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    let frame = format!(
        "const frame = document.createElement('iframe'); frame.className = 'preview'; frame.src = '{DOCUMENT}'; \
         document.querySelector('main').prepend(frame);"
    );
    browser.run(&frame).await;
    browser
        .until("document.querySelector('iframe').contentDocument?.body?.innerText.includes('No existe ese pedido')")
        .await;
    browser.picture("document-not-had-es").await;
    browser.run(&format!("location = '{DOCUMENT}';")).await;
    browser.until("document.querySelector('h1')?.innerText === 'No lo encontramos'").await;
    browser.picture("file-not-had-es").await;
    browser.has_no_barrier("a file that cannot be had").await;
    browser.click("main a.button.primary").await;
    browser.find("#results").await;
    browser.close().await;
    demo.close().await;
}
