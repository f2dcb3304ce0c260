//! Choosing a brand, the form that every session has: only from a page of the same session, and only one's own.

use super::browser::{ORDERS, Site};

const BRAND: &str = "/dashboard/brand";
const LIST: &str = "/api/v1/logistics/orders";

#[tokio::test]
async fn a_person_of_two_brands_chooses_and_is_led_on_inside() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Ana Díaz").await;
    let page = browser.get(ORDERS).await;
    assert!(page.text.contains("KALLPA") && page.text.contains("LADORE"));
    let csrf = page.csrf();

    assert_eq!(browser.get(LIST).await.status, 400, "nothing was chosen yet");
    let chosen = browser.post(BRAND, &[("csrf", &csrf), ("tenant_id", "7"), ("next", ORDERS)]).await;
    assert_eq!(chosen.leads_to(), format!("{ORDERS}?tenant_id=7"));
    assert_eq!(browser.get(LIST).await.status, 200, "the chosen brand is meant where none is named");
    let astray = [("csrf", csrf.as_str()), ("tenant_id", "8"), ("next", "//evil.example")];
    assert_eq!(browser.post(BRAND, &astray).await.leads_to(), "/dashboard");
    assert_eq!(browser.get(&format!("{LIST}?tenant_id=9")).await.status, 404);
    assert_eq!(browser.get(&format!("{LIST}?tenant_id=7")).await.status, 200);
}

#[tokio::test]
async fn a_form_of_another_session_or_for_anothers_brand_is_refused() {
    let site = Site::create().await;
    let (mut ana, mut valeria) = (site.browser(), site.browser());
    ana.sign_in("Ana Díaz").await;
    valeria.sign_in("Valeria Vera").await;
    let (anas, valerias) = (ana.get(ORDERS).await.csrf(), valeria.get(ORDERS).await.csrf());
    assert_ne!(anas, valerias);
    for proof in ["", valerias.as_str()] {
        let refused = ana.post(BRAND, &[("csrf", proof), ("tenant_id", "8")]).await;
        assert_eq!(refused.status, 403, "{refused:?}");
    }
    // The page is one from before the session, so the way on is that page as it is now.
    let outdated = ana.post(BRAND, &[("csrf", &valerias), ("tenant_id", "8")]).await;
    assert!(outdated.text.contains("<h1>Esta página quedó desactualizada</h1>"), "{outdated:?}");
    let foreign = valeria.post(BRAND, &[("csrf", &valerias), ("tenant_id", "8")]).await;
    assert_eq!(foreign.status, 404, "{foreign:?}");
    let led = site.browser().post(BRAND, &[("csrf", &anas), ("tenant_id", "8")]).await;
    assert!(led.leads_to().starts_with("/dashboard/sign-in"));
}

#[tokio::test]
async fn the_proof_stands_in_no_two_pages_alike_and_each_of_them_is_good() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Ana Díaz").await;
    let (one, other) = (browser.get(ORDERS).await.csrf(), browser.get(ORDERS).await.csrf());
    assert_ne!(one, other, "a secret beside what was asked for, in pages that are compressed");
    for proof in [one, other] {
        let chosen = browser.post(BRAND, &[("csrf", &proof), ("tenant_id", "7"), ("next", ORDERS)]).await;
        assert_eq!(chosen.leads_to(), format!("{ORDERS}?tenant_id=7"));
    }
}

#[tokio::test]
async fn the_staff_look_at_any_brand_that_exists() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Sergio Sáenz").await;
    let csrf = browser.get(ORDERS).await.csrf();
    assert_eq!(browser.post(BRAND, &[("csrf", &csrf), ("tenant_id", "99")]).await.status, 404);
    assert_eq!(browser.post(BRAND, &[("csrf", &csrf), ("tenant_id", "8")]).await.leads_to(), "/dashboard");
    assert_eq!(browser.get(LIST).await.status, 200);
}
