//! What must not let anybody in, or lead anybody astray.

use chrono::TimeDelta;

use super::browser::{ORDERS, SESSION, Site};

#[tokio::test]
async fn only_the_browser_that_began_comes_back_and_in_time() {
    let site = Site::create().await;
    let mut browser = site.browser();
    let back = browser.go_to_provider(ORDERS, "Valeria Vera").await;

    // Another's answer, slipped into a browser that began nothing, or something else.
    let mut victim = site.browser();
    assert_eq!(victim.get(&back).await.status, 400);
    victim.get("/dashboard/sign-in/begin").await.leads_to();
    let slipped = victim.get(&back).await;
    assert_eq!(slipped.status, 400);
    assert!(slipped.text.contains("no empezó en este navegador"), "{}", slipped.text);
    // A state that was not given, and none at all.
    let (start, _) = back.split_once("state=").unwrap();
    for wrong in [format!("{start}state=other"), start.to_owned()] {
        assert_eq!(browser.get(&wrong).await.status, 400);
    }
    assert_eq!(site.sessions().await, 0);

    assert_eq!(browser.get(&back).await.leads_to(), ORDERS);
    assert_eq!(browser.get(&back).await.status, 400, "the attempt is spent");
    assert_eq!(site.sessions().await, 1);

    let mut slow = site.browser();
    let back = slow.go_to_provider(ORDERS, "Valeria Vera").await;
    site.clock.advance(TimeDelta::minutes(11));
    assert_eq!(slow.get(&back).await.status, 400);
}

#[tokio::test]
async fn a_code_is_good_once_and_a_made_up_one_never() {
    let site = Site::create().await;
    let mut browser = site.browser();
    let back = browser.go_to_provider(ORDERS, "Valeria Vera").await;
    let kept = browser.cookies.clone();
    assert_eq!(browser.get(&back).await.leads_to(), ORDERS);
    browser.cookies = kept;
    assert_eq!(browser.get(&back).await.status, 403, "the code is spent even for who kept the cookie");

    let back = browser.go_to_provider(ORDERS, "Valeria Vera").await;
    let (_, state) = back.split_once("&state=").unwrap();
    for answer in ["code=abc", "error=access_denied"] {
        let made_up = format!("/dashboard/sign-in/return?{answer}&state={state}");
        assert_eq!(browser.get(&made_up).await.status, 403, "{answer}");
    }
    assert_eq!(site.sessions().await, 1);
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_taken_over() {
    let site = Site::create().await;
    let mut thief = site.browser();
    thief.sign_in("Valeria Vera").await;
    let planted = thief.cookies[SESSION].clone();
    let mut victim = site.browser();
    victim.cookies.insert(SESSION.to_owned(), planted.clone());
    victim.sign_in("Ana Díaz").await;
    assert_ne!(victim.cookies[SESSION], planted);
    assert_eq!(site.sessions().await, 1, "the planted one is gone");
    assert!(thief.get(ORDERS).await.leads_to().starts_with("/dashboard/sign-in"));

    let mut made_up = site.browser();
    made_up.cookies.insert(SESSION.to_owned(), "A".repeat(43));
    assert!(made_up.get(ORDERS).await.leads_to().starts_with("/dashboard/sign-in"));
}

#[tokio::test]
async fn nobody_is_led_to_another_host() {
    let site = Site::create().await;
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/dashboard/\r\nLocation: https://evil.example",
        "/dashboard/\u{1}",
        "javascript:alert(1)",
        "/dashboard@evil.example",
        "/api/v1/me",
    ] {
        let mut browser = site.browser();
        let back = browser.go_to_provider(next, "Valeria Vera").await;
        assert_eq!(browser.get(&back).await.leads_to(), "/dashboard", "{next}");
    }
}

#[tokio::test]
async fn whom_nobody_took_in_is_told_so_and_has_no_session() {
    let site = Site::create().await;
    let mut browser = site.browser();
    let told = browser.sign_in("Aurora Arce").await;
    assert_eq!(told.status, 403, "{told:?}");
    assert_eq!(site.sessions().await, 0);
    // The provider would give the same account again, unless its session ends; then it asks.
    let ending = browser.get(&told.link("Entrar con otra cuenta")).await.leads_to();
    assert!(ending.contains("/openid/end_session?"), "{ending}");
    let back = browser.get(&ending).await.leads_to();
    assert!(back.contains("/dashboard/sign-in?state=left"), "{back}");
    assert_eq!(browser.sign_in("Ana Díaz").await.leads_to(), ORDERS);
    // Who is in stays, whoever led them there.
    assert_eq!(browser.get("/dashboard/sign-in/other").await.leads_to(), "/dashboard");
    assert_eq!(site.sessions().await, 1);
}
