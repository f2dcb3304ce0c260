//! A day of somebody of the platform's staff, signed in as such: a brand is taken in and read for the first time, what
//! was left aside is decided, and people and programs are let in.

use std::time::Duration;

use logistics_ledger::sandbox::{Fault, OrderSpec};
use serde_json::json;

use super::demo::{Demo, SERGIO};
use super::driver::Browser;

async fn shown(browser: &Browser, name: &str) {
    browser.picture(&format!("staff-{name}-es")).await;
    browser.has_no_barrier(name).await;
}

async fn fill(browser: &Browser, fields: &[(&str, &str)]) {
    for (css, text) in fields {
        let field = browser.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }
}

/// Waits until the page says what was done, or why not.
async fn told(browser: &Browser, words: &str) {
    let said = "[...document.querySelectorAll('.said, #notices')].map(e => e.innerText).join()";
    browser.until(&format!("{said}.includes('{words}')")).await;
}

async fn go(browser: &Browser, section: &str) {
    browser.click(&format!(".admin-tabs a[href$='/{section}']")).await;
    browser.until(&format!("location.pathname.endsWith('/{section}')")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_followed_tells_when_the_session_is_over() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, SERGIO).await;
    browser.open_page(&demo.page("/dashboard/admin/tenants/7")).await;
    demo.mintsoft.fail_next(Fault::Slow { milliseconds: 25_000 }, 1, Some("Order/List"));
    browser.click("form[action$='/sync'] button").await;
    browser.until("document.querySelector('#run[hx-trigger] progress')").await;
    sqlx::query("delete from sessions").execute(demo.database.owner_pool()).await.unwrap();
    browser.until("!document.querySelector('#session-over').hidden").await;
    assert_eq!(
        browser.run("return document.querySelector('#run').matches('[hx-trigger]')").await,
        json!(false)
    );
    browser.picture("staff-sync-session-over-es").await;
    browser.close().await;
    demo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_takes_in_a_brand_and_looks_after_the_platform() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, SERGIO).await;
    browser.click(".side .nav a[href='/dashboard/admin']").await;
    browser.find(".admin-tabs").await;
    shown(&browser, "1-tenants").await;

    fill(&browser, &[("#new-id", "12"), ("#new-name", "Tumi"), ("#new-slug", "tumi")]).await;
    browser.click("form[action='/dashboard/admin/tenants'] .foot button").await;
    told(&browser, "Se agregó").await;
    browser.until("location.pathname === '/dashboard/admin/tenants/12'").await;
    shown(&browser, "2-tenant-added").await;

    // What a prefix would find, before anything is decided by it.
    browser.open_page(&demo.page("/dashboard/admin/tenants/7?prefix=TUMI")).await;
    assert!(browser.text("#prefix").await.contains("tumi-1"), "{}", browser.text("#prefix").await);
    browser.open_page(&demo.page("/dashboard/admin/tenants/12")).await;

    // A mistyped password is refused in plain words, and nothing of it is kept.
    let (url, save) = (demo.sandbox.url(), "form[action$='/logistics'] .foot button");
    let given = [("#api_url", url.as_str()), ("#sku_prefix", "TUMI"), ("#shared_client_id", "3")];
    fill(&browser, &given).await;
    fill(&browser, &[("#username", "ops@warehouse.example"), ("#password", "mistyped")]).await;
    browser.click(save).await;
    told(&browser, "No se guardó nada").await;
    shown(&browser, "3-password-refused").await;
    demo.until("select count(*) from logistics_config where tenant_id = 12", 0).await;
    fill(&browser, &[("#password", "sandbox")]).await;
    browser.click(save).await;
    told(&browser, "Guardado").await;
    assert!(!browser.client.source().await.unwrap().contains("sandbox\""), "a password is shown");
    browser.click("form[action$='/test'] button").await;
    told(&browser, "La conexión funciona").await;
    shown(&browser, "4-connection-tried").await;

    // Somebody else changes the brand while its page stands open here.
    let elsewhere = "update tenants set timezone = 'America/Bogota' where id = 12";
    sqlx::query(elsewhere).execute(demo.database.owner_pool()).await.unwrap();
    browser.click("form[action='/dashboard/admin/tenants/12'] .foot button").await;
    told(&browser, "Otra persona lo cambió mientras tanto").await;
    shown(&browser, "4-changed-meanwhile").await;
    browser.open_page(&demo.page("/dashboard/admin/tenants/12")).await;
    assert_eq!(browser.run("return document.querySelector('#zone').value").await, json!("America/Bogota"));

    // A sync is followed until it ends, while the page stands open.
    demo.mintsoft.create_order(OrderSpec::of(3, "tumi-2", &[("TUMI_A", 2)]));
    demo.mintsoft.fail_next(Fault::Slow { milliseconds: 2_000 }, 1, Some("Order/List"));
    browser.click("form[action$='/sync'] button").await;
    browser
        .until("document.querySelector('#run progress') && !document.querySelector('#run .badge.success')")
        .await;
    browser.picture("staff-5-sync-under-way-es").await;
    browser.run("window.stayed = true;").await;
    browser.until("document.querySelector('#run .badge')?.innerText.trim() === 'Listo'").await;
    assert_eq!(browser.run("return window.stayed;").await, json!(true));
    shown(&browser, "6-sync-done").await;
    let owned =
        "select count(*) from logistics_orders where tenant_id = 12 and mintsoft_order_number = 'tumi-2'";
    demo.until(owned, 1).await;

    // What is nobody's is given away for good, or put aside.
    for number in ["otra-1", "otra-2"] {
        demo.mintsoft.create_order(OrderSpec::of(3, number, &[("OTRA_A", 1)]));
    }
    let parked =
        "select count(*) from parked_orders where resolved_at is null and order_number like 'otra-%'";
    demo.until(parked, 2).await;
    go(&browser, "parked").await;
    browser.until("document.querySelector('tbody')?.innerText.includes('otra-2')").await;
    shown(&browser, "7-parked").await;
    for (deed, why, said) in
        [("assign", "Lo vende Tumi", "Asignado"), ("dismiss", "Es de otro cliente", "Descartado")]
    {
        let form = format!("form[action$='/{deed}']");
        browser.click(&format!("details:has({form}) summary")).await;
        fill(&browser, &[(&format!("{form} input[name=reason]"), why)]).await;
        if deed == "assign" {
            // It is for good, so no brand is chosen before a person chooses it.
            let brand = browser.find(&format!("{form} select")).await;
            assert_eq!(brand.prop("value").await.unwrap().as_deref(), Some(""));
            brand.select_by_label("Tumi").await.unwrap();
        }
        browser.picture(&format!("staff-8-{deed}-es")).await;
        browser.click(&format!("{form} button")).await;
        told(&browser, said).await;
    }

    // What could not be read: it fails again, and is put aside with a reason.
    go(&browser, "dead-letters").await;
    assert!(
        browser.text("tbody").await.contains("Shopify") || browser.text("tbody").await.contains("shopify")
    );
    let told_why = browser.text("tbody").await;
    assert!(told_why.contains("El mensaje llegó cortado") && told_why.contains("Ladore"), "{told_why}");
    shown(&browser, "9-dead-letters").await;
    browser.click("form[action$='/retry'] button").await;
    told(&browser, "Lo estamos intentando de nuevo").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    demo.until("select count(*) from inbox_deliveries where state = 'dead'", 1).await;
    go(&browser, "dead-letters").await;
    browser.click("details:has(form[action$='/dismiss']) summary").await;
    fill(&browser, &[("form[action$='/dismiss'] input[name=reason]", "Llegó cortado")]).await;
    browser.click("form[action$='/dismiss'] button").await;
    told(&browser, "Descartado").await;
    browser.click(".tabs a[href$='dismissed=true']").await;
    browser.until("document.querySelector('tbody')?.innerText.includes('Llegó cortado')").await;
    shown(&browser, "10-dead-letters-dismissed").await;

    go(&browser, "accounts").await;
    assert!(browser.text("main").await.contains("Al día"), "{}", browser.text("main").await);
    shown(&browser, "11-accounts").await;

    go(&browser, "people").await;
    fill(&browser, &[("#sub", "auth0|tomas"), ("#email", "tomas@tumi.example")]).await;
    browser.find("#person-tenant").await.select_by_value("12").await.unwrap();
    browser.click("form[action='/dashboard/admin/people'] .foot button").await;
    browser.until("document.querySelector('tbody')?.innerText.includes('tomas@tumi.example')").await;
    shown(&browser, "12-people").await;

    go(&browser, "keys").await;
    fill(&browser, &[("#label", "ERP de Tumi")]).await;
    browser.find("#key-tenant").await.select_by_value("12").await.unwrap();
    browser.click("form[action='/dashboard/admin/keys'] .foot button").await;
    browser.until("document.querySelector('#made')?.innerText.startsWith('llk_')").await;
    shown(&browser, "13-key-made").await;
    go(&browser, "keys").await;
    assert!(!browser.text("main").await.contains("llk_"), "a key is shown twice");
    browser.click("form[action$='/revoke'] button").await;
    told(&browser, "Clave revocada").await;
    shown(&browser, "14-keys").await;
    browser.close().await;
    demo.close().await;
}
