//! What somebody writes stays before them until it was taken, and the ways of a page follow what is asked for in it.

use serde_json::json;

use super::demo::{Demo, LUCIA};
use super::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_stays_where_its_sending_is_refused() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    let order = demo.order_page("ladore-1017").await;
    browser.open_page(&demo.page(&order)).await;
    browser.find("#comment").await.send_keys("Por favor, con cuidado").await.unwrap();
    browser.run("window.stayed = true; document.querySelector('#comment').value += 'x'.repeat(1001);").await;
    browser.click("#conversation form button").await;
    browser.until("document.querySelector('#conversation .fault')?.innerText.includes('comentario')").await;
    let draft = "document.querySelector('#comment').value.startsWith('Por favor, con cuidadox')";
    let stays = format!("return window.stayed && location.pathname === '{order}' && {draft};");
    assert_eq!(browser.run(&stays).await, json!(true));
    browser.picture("comment-refused-es").await;
    browser.has_no_barrier("a refused comment").await;

    // The session ends, and the reason is written all the same.
    browser.run("document.querySelector('#comment').value = '';").await;
    browser.click("[data-opens=cancel-dialog]").await;
    browser.find("#reason").await.send_keys("El cliente se arrepintió").await.unwrap();
    sqlx::query("delete from sessions").execute(demo.database.owner_pool()).await.unwrap();
    browser.click("#cancel-dialog .danger.primary").await;
    let told = "document.querySelector('#cancel-dialog .fault')?.innerText";
    browser.until(&format!("{told}?.includes('no se envió nada')")).await;
    let draft = "document.querySelector('#reason').value === 'El cliente se arrepintió'";
    let stays = format!("return window.stayed && document.querySelector('#cancel-dialog').open && {draft};");
    assert_eq!(browser.run(&stays).await, json!(true));
    let ways = "return ['#session-over a', '#cancel-dialog .fault a'].map(way => document.querySelector(way).target);";
    assert_eq!(browser.run(ways).await, json!(["_blank", "_blank"]));
    browser.picture("cancel-refused-es").await;
    browser.has_no_barrier("a refused cancellation").await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ways_of_a_page_follow_what_is_asked_for_in_it() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    browser.click(".tabs a[href*='tab=in_warehouse']").await;
    browser.until("location.search === '?tab=in_warehouse'").await;
    browser.click(".side-foot a[hreflang=en]").await;
    browser.until("document.documentElement.lang === 'en' && location.search === '?tab=in_warehouse'").await;

    browser.find("#search").await.send_keys("ladore").await.unwrap();
    browser.until("location.search === '?tab=in_warehouse&search=ladore'").await;
    let here = "document.querySelector('#session-over a').getAttribute('href')";
    browser.until(&format!("{here} === location.pathname + location.search")).await;

    // An order leads back to that list, after its own forms too.
    browser.click("a.order-link").await;
    let way = "document.querySelector('[data-back]')?.getAttribute('href')";
    let list = "/dashboard/orders?tab=in_warehouse&search=ladore";
    browser.until(&format!("{way} === '{list}'")).await;
    browser.click("form[action*='/refresh'] button").await;
    browser.until(&format!("location.search.includes('since=') && {way} === '{list}'")).await;
    browser.click("[data-back]").await;
    browser.until("location.search === '?tab=in_warehouse&search=ladore'").await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_over_when_something_goes_well_again() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    browser.until("document.body.hasAttribute('data-followed')").await;
    // A step that is refused, then one that fails on the way, then one that goes well.
    browser.run("window.fetched = htmx.ajax('GET', '/dashboard/nowhere', '#results');").await;
    browser.until("document.querySelector('#notices').innerText.includes('No existe esa página')").await;
    browser.run("document.querySelector('#offline').hidden = false;").await;
    browser.click(".tabs a[href*='tab=in_warehouse']").await;
    browser.until("location.search === '?tab=in_warehouse'").await;
    browser
        .until("document.querySelector('#notices').innerText === '' && document.querySelector('#offline').hidden")
        .await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_sent_says_so_and_is_done_once() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, LUCIA).await;
    let order = demo.order_page("ladore-1017").await;
    browser.open_page(&demo.page(&order)).await;
    browser.find("#comment").await.send_keys("Por favor, con cuidado").await.unwrap();
    let key = "return document.querySelector('#comment').form.elements.key.value;";
    let held = browser.run(key).await;
    browser.offline(true).await;
    browser.click("#conversation form button").await;
    let told = "!document.querySelector('#unsent').hidden && document.querySelector('#unsent').innerText";
    browser.until(&format!("({told}).includes?.('no sabemos si llegó')")).await;
    assert_eq!(browser.run(key).await, held, "it is the same wish when it is sent again");
    browser.picture("comment-unsent-es").await;
    browser.has_no_barrier("a comment that was not sent").await;
    browser.offline(false).await;

    // It had arrived, and only its answer was lost.
    let arrives = "const form = document.querySelector('#comment').form; \
        fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });";
    browser.run(arrives).await;
    demo.until("select count(*) from events where event_type = 'CommentPosted'", 1).await;
    browser.click("#conversation form button").await;
    browser.until("document.querySelector('.comment.ours')?.innerText.includes('con cuidado')").await;
    browser.until("document.querySelector('#unsent').hidden").await;
    demo.until("select count(*) from events where event_type = 'CommentRequested'", 1).await;
    let written = demo.mintsoft.comments(demo.number_of("ladore-1017"));
    assert_eq!(written.iter().filter(|(text, _)| text.contains("con cuidado")).count(), 1);

    // What is asked for in a dialog says it there.
    browser.click("[data-opens=cancel-dialog]").await;
    browser.find("#reason").await.send_keys("El cliente se arrepintió").await.unwrap();
    browser.offline(true).await;
    browser.click("#cancel-dialog .danger.primary").await;
    browser
        .until("document.querySelector('#cancel-dialog .fault')?.innerText.includes('no se hará dos veces')")
        .await;
    browser.picture("cancel-unsent-es").await;
    browser.offline(false).await;
    browser.click("#cancel-dialog .danger.primary").await;
    demo.until("select count(*) from events where event_type = 'CancellationRequested'", 1).await;
    browser.until("document.querySelector('#unsent').hidden").await;
    browser.close().await;
    demo.close().await;
}
