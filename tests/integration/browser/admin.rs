//! The pages of the platform's staff, in a browser: a tenant is configured and synced, a parked order decided, what was
//! given up tried again, a person taken in and a key made. And nobody else sees them.

use logistics_ledger::sandbox::OrderSpec;
use serde_json::json;

use super::driver::{Browser, PHONE};
use super::site::Site;

const SECTIONS: [&str; 6] = ["tenants", "accounts", "parked", "dead-letters", "people", "keys"];

async fn open(browser: &Browser, site: &Site, path: &str) {
    browser.client.goto(&site.page(path)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_looks_after_tenants_orders_people_and_keys() {
    let site = Site::create_for_staff().await;
    site.mintsoft.create_order(OrderSpec::of(3, "tumi-1", &[("TUMI_A", 1)]));
    let browser = Browser::open().await;
    open(&browser, &site, "/dashboard/admin").await;
    assert!(browser.text("tbody").await.contains("Ladore"));
    browser.picture("admin-tenants-es").await;

    // A connection is tried, and a mistyped password is stored nowhere.
    open(&browser, &site, "/dashboard/admin/tenants/7").await;
    browser.click("form[action$='/test'] button").await;
    browser.until("document.querySelector('.said')?.innerText.includes('La conexión funciona')").await;
    browser.picture("admin-tenant-es").await;
    browser.has_no_barrier("a tenant").await;
    open(&browser, &site, "/dashboard/admin/tenants/7").await;
    browser.find("#username").await.send_keys("ops@warehouse.example").await.unwrap();
    browser.find("#password").await.send_keys("mistyped").await.unwrap();
    browser.click("form[action$='/logistics'] .foot button").await;
    browser.until("document.querySelector('#notices')?.innerText.includes('No se guardó nada')").await;
    assert_eq!(
        browser.run("return document.querySelector('#username').value").await,
        json!("ops@warehouse.example")
    );
    browser.picture("admin-tenant-refused-es").await;

    // A forced sync is followed to its end by itself.
    open(&browser, &site, "/dashboard/admin/tenants/7").await;
    browser.click("form[action$='/sync'] button").await;
    browser.until("document.querySelector('#run .badge')?.innerText.trim() === 'Listo'").await;
    browser.picture("admin-run-es").await;
    browser.has_no_barrier("a sync").await;

    // What a prefix would find, and an order that is given away for good.
    open(&browser, &site, "/dashboard/admin/tenants/7?prefix=TUMI").await;
    assert!(browser.text("#prefix").await.contains("tumi-1"), "{}", browser.text("#prefix").await);
    open(&browser, &site, "/dashboard/admin/parked").await;
    browser.click("tbody tr .fold summary").await;
    browser.picture("admin-parked-es").await;
    browser
        .find("tbody tr form[action$='/assign'] input[name=reason]")
        .await
        .send_keys("Es de Ladore")
        .await
        .unwrap();
    browser.click("tbody tr form[action$='/assign'] button").await;
    browser.until("document.querySelector('.said')?.innerText.includes('Asignado')").await;

    // A person and a key.
    open(&browser, &site, "/dashboard/admin/people").await;
    browser.find("#sub").await.send_keys("auth0|rosa").await.unwrap();
    browser.find("#email").await.send_keys("rosa@ladore.example").await.unwrap();
    browser.find("#person-tenant").await.send_keys("7").await.unwrap();
    browser.click("form[action='/dashboard/admin/people'] .foot button").await;
    browser.until("document.querySelector('tbody')?.innerText.includes('rosa@ladore.example')").await;
    open(&browser, &site, "/dashboard/admin/keys").await;
    browser.find("#key-tenant").await.send_keys("7").await.unwrap();
    browser.click("form[action='/dashboard/admin/keys'] .foot button").await;
    browser.until("document.querySelector('#made')?.innerText.startsWith('llk_')").await;

    for section in SECTIONS {
        open(&browser, &site, &format!("/dashboard/admin/{section}")).await;
        browser.picture(&format!("admin-{section}-light-es")).await;
        browser.has_no_barrier(section).await;
    }
    browser.size(PHONE).await;
    for section in ["tenants/7", "parked"] {
        open(&browser, &site, &format!("/dashboard/admin/{section}")).await;
        browser.picture(&format!("admin-{}-phone-es", section.replace('/', "-"))).await;
        browser.has_no_barrier(section).await;
    }
    browser.close().await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_pages_work_and_a_brand_does_not_see_them() {
    let site = Site::create_for_staff().await;
    let browser = Browser::open_with(false).await;
    open(&browser, &site, "/dashboard/admin/tenants/8").await;
    browser.click("form[method=post][action='/dashboard/admin/tenants/8'] button").await;
    assert!(browser.find(".said").await.text().await.unwrap().contains("Guardado"));
    browser.close().await;
    site.close().await;

    let site = Site::create().await;
    let browser = Browser::open().await;
    for section in SECTIONS {
        open(&browser, &site, &format!("/dashboard/admin/{section}")).await;
        assert!(browser.text("main").await.contains("Tu rol no permite"), "{section}");
    }
    browser.close().await;
    site.close().await;
}
