//! One order: what is told of it, its refresh, how it was known before, its evidence, its cancellation.

use super::driver::{Browser, LAPTOP, PHONE};
use super::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn one_order_is_told_refreshed_seen_as_of_then_and_cancelled() {
    let site = Site::create().await;
    let browser = Browser::open().await;
    site.mintsoft.add_document(site.number_of("ladore-1005"), 3, "factura-1005.pdf").unwrap();
    browser.client.goto(&site.page("/dashboard/orders?search=ladore-1005")).await.unwrap();
    browser.click("a.order-link").await;
    browser.find(".timeline .entry").await;
    browser.find("#documents-title").await;
    assert!(browser.text("#conversation").await.contains("factura-1005.pdf"));
    assert!(
        browser.text(".timeline").await.contains("Courier: Entregado Delivered"),
        "the courier's own word"
    );
    browser.picture("order-light-es").await;
    browser.has_no_barrier("an order").await;
    let told = browser.text("main").await;
    for part in ["Entregado", "Historial", "LADORE_SERUM_30ML", "Parcel", "JD00022"] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    browser.click(".entry:first-of-type summary").await;
    browser.click(".entry:first-of-type .evidence a").await;
    browser.find(".evidence pre").await;
    assert!(browser.text(".evidence pre").await.contains("OrderNumber"));
    assert!(browser.text(".entry:first-of-type .evidence").await.contains("SHA-256 comprobado"));
    browser.picture("order-evidence-es").await;
    browser.scheme("dark").await;
    browser.picture("order-dark-es").await;
    browser.has_no_barrier("an order, dark").await;
    browser.scheme("light").await;
    browser.size(PHONE).await;
    browser.picture("order-phone-es").await;
    browser.has_no_barrier("an order on a phone").await;
    browser.size(LAPTOP).await;

    browser.client.goto(&site.page("/dashboard/orders?search=ladore-1001")).await.unwrap();
    browser.click("a.order-link").await;
    let id = site.number_of("ladore-1001");
    site.mintsoft.set_status(id, 15).unwrap();
    browser.click("form[action*='/refresh'] button").await;
    browser.find(".notice").await;
    assert!(browser.text(".notices").await.contains("novedad"), "{}", browser.text(".notices").await);
    // What the warehouse tells after the page had waited long enough comes by itself.
    browser
        .until("document.querySelector('.timeline').innerText.includes('De Recibido a En preparación')")
        .await;
    browser.picture("order-refreshed-es").await;

    // An address of the moment to come, so that no poll between is younger.
    let unread = "const to = new URL(location); to.searchParams.delete('read_at'); \
                  to.searchParams.set('unread_at', Math.floor(Date.now() / 1000) + 30); location = to;";
    browser.run(unread).await;
    browser
        .until("document.querySelector('.notices')?.innerText.includes('No pudimos preguntarle al almacén')")
        .await;
    browser.picture("order-unread-es").await;
    browser.has_no_barrier("an order that could not be refreshed").await;

    browser.run("document.querySelector('#as-of').value = '2001-01-01T10:00';").await;
    browser.click(".as-of button").await;
    browser.until("document.body.innerText.includes('aún no se conocía')").await;
    browser.picture("order-unknown-then-es").await;
    browser.click("main a.button.primary").await;
    browser.find("#as-of").await;
    // The very second, in Lima.
    browser.run("const then = document.querySelector('#as-of'); then.step = 1; then.value = new Date(Date.now() - 5 * 3600e3).toISOString().slice(0, 19);").await;
    browser.click(".as-of button").await;
    browser.until("document.body.innerText.includes('Solo lectura')").await;
    assert_eq!(browser.text("form[action*='/refresh']").await, "");
    browser.picture("order-as-of-es").await;
    browser.has_no_barrier("an order as of then").await;
    browser.click(".notice a").await;

    browser.find("#comment").await.send_keys("Por favor, usar caja pequeña").await.unwrap();
    browser.click("#conversation form button").await;
    browser.until("document.querySelector('.comment') && document.querySelector('.comment').innerText.includes('caja pequeña')").await;
    assert!(site.mintsoft.comments(id).iter().any(|(text, _)| text.contains("caja pequeña")));
    browser.picture("order-commented-es").await;
    browser.has_no_barrier("an order with a comment").await;

    browser.click("[data-opens=cancel-dialog]").await;
    browser.until("document.querySelector('#cancel-dialog').open").await;
    browser.find("#reason").await.send_keys("El cliente se arrepintió").await.unwrap();
    browser.picture("order-cancel-es").await;
    browser.has_no_barrier("the dialog of a cancellation").await;
    browser.click("#cancel-dialog .danger.primary").await;
    browser.until("document.querySelector('.notices') && document.querySelector('.notices').innerText.includes('ancelad')").await;
    browser.until("document.querySelector('.timeline').innerText.includes('El cliente se arrepintió')").await;
    browser.picture("order-cancelled-es").await;
    browser.has_no_barrier("a cancelled order").await;
    browser.close().await;
    site.close().await;
}
