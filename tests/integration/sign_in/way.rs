//! The way in, as a person goes it.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::TimeDelta;
use logistics_ledger::api::{LimitSettings, Rate};
use logistics_ledger::sandbox::SigningMethod;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::browser::{ORDERS, SESSION, Site};

#[tokio::test]
async fn a_person_is_led_to_the_provider_and_back_to_the_page_that_was_wanted() {
    let site = Site::create().await;
    let mut browser = site.browser();
    let asked = browser.get("/dashboard/orders?search=1001").await.leads_to();
    assert_eq!(asked, "/dashboard/sign-in?next=%2Fdashboard%2Forders%3Fsearch%3D1001");
    let welcome = browser.get(&asked).await;
    assert_eq!(welcome.status, 200);
    assert!(welcome.text.contains("Inicia sesión"), "{}", welcome.text);

    let off = browser.get(&welcome.link("Iniciar sesión")).await.leads_to();
    assert!(off.starts_with(&format!("{}/authorize?", site.provider.issuer())), "{off}");
    for part in ["code_challenge_method=S256", "response_type=code", "state=", "nonce=", "scope=openid"] {
        assert!(off.contains(part), "{part} {off}");
    }
    let back = browser.choose(&off, "Valeria Vera").await;
    let done = browser.get(&back).await;
    assert_eq!(done.leads_to(), "/dashboard/orders?search=1001");
    let cookie = done.set.iter().find(|cookie| cookie.starts_with(SESSION)).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = browser.get(ORDERS).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("Name of demo|viewer") && page.text.contains("LADORE"));
}

#[tokio::test]
async fn only_a_hash_of_the_token_is_stored() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    let token = &browser.cookies[SESSION];
    let kept = sqlx::query_scalar("select s::text from sessions s").fetch_one(site.database.pool());
    let kept: String = kept.await.unwrap();
    assert!(!kept.contains(token.as_str()) && !kept.contains(&hex::encode(token)));
    assert!(kept.contains(&hex::encode(Sha256::digest(token))));
}

#[tokio::test]
async fn over_https_the_cookies_are_of_this_host_alone() {
    let site = Site::reached_at(Some("https://ledger.example")).await;
    let begun = site.browser().get("/dashboard/sign-in/begin").await;
    let back = "redirect_uri=https%3A%2F%2Fledger.example%2Fdashboard%2Fsign-in%2Freturn";
    assert!(begun.leads_to().contains(back), "{begun:?}");
    let [cookie] = begun.set.as_slice() else { panic!("{begun:?}") };
    assert!(cookie.starts_with("__Host-ledger_sign_in=") && cookie.contains("Secure"), "{cookie}");
    assert!(!cookie.contains("Domain"));
}

#[tokio::test]
async fn a_browser_that_is_signed_in_reads_the_api_and_changes_nothing_through_it() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    let me = browser.get("/api/v1/me").await;
    let told: Value = serde_json::from_str(&me.text).unwrap();
    assert_eq!((me.status, &told["tenants"][0]["role"]), (200, &Value::from("VIEWER")));
    assert_eq!(browser.get("/api/v1/logistics/orders").await.status, 200);
    browser.sign_in("Sergio Sáenz").await;
    assert_eq!(browser.get("/api/v1/people").await.status, 200);
    assert_eq!(browser.post("/api/v1/people", &[]).await.status, 401, "another site could send this");
}

#[tokio::test]
async fn the_provider_may_rotate_its_keys_while_people_come_and_go() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    for method in [SigningMethod::Es256, SigningMethod::Rs256] {
        site.provider.rotate(method, true).unwrap();
        site.clock.advance(TimeDelta::seconds(11));
        assert_eq!(browser.sign_in("Valeria Vera").await.leads_to(), ORDERS);
    }
}

#[tokio::test]
async fn while_the_provider_is_away_the_page_says_so() {
    let site = Site::create().await;
    site.provider.be_away(true);
    let told = site.browser().get("/dashboard/sign-in/begin").await;
    assert_eq!(told.status, 503);
    assert!(told.text.contains("El servicio de acceso no responde"), "{}", told.text);
}

#[tokio::test]
async fn what_goes_wrong_around_the_pages_is_told_on_a_page_too() {
    let site = Site::create().await;
    let told = site.browser().get(&format!("{ORDERS}?search={}", "a".repeat(9_000))).await;
    assert_eq!(
        (told.status, told.headers["content-type"].to_str().unwrap()),
        (414, "text/html; charset=utf-8")
    );
    assert!(told.text.contains("La dirección ocupa más de 8 KiB"), "{}", told.text);
    assert!(told.text.contains(told.headers["x-request-id"].to_str().unwrap()), "the code to mention");
    assert_eq!(
        (&told.headers["cache-control"], &told.headers["x-content-type-options"]),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    let told = site.browser().get(&format!("/api/v1/me?a={}", "a".repeat(9_000))).await;
    assert_eq!(told.headers["content-type"], "application/problem+json", "programs read problems");
}

#[tokio::test]
async fn the_page_before_sign_in_runs_no_script_of_its_own() {
    let site = Site::create().await;
    let welcome = site.browser().get("/dashboard/sign-in").await;
    let policy = welcome.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(!welcome.text.contains("<script>") && !welcome.text.contains("onclick"));
}

#[tokio::test]
async fn whoever_just_signed_in_is_no_stranger_any_more() {
    // Off to the provider, and back: an address that is then full, as it is in a crowd.
    let twice = Rate { every: Duration::from_hours(1), burst: NonZeroU32::new(2).unwrap() };
    let site = Site::with(None, LimitSettings { per_address: Some(twice), ..LimitSettings::default() }).await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    assert_eq!(browser.get(ORDERS).await.status, 200);
    assert_eq!(site.browser().get(ORDERS).await.status, 429);
}
