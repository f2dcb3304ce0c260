//! How sessions end: unused, in the end, by the person, or because the person is let in no longer.

use chrono::TimeDelta;

use super::browser::{Browser, ORDERS, SESSION, Site};

async fn is_in(browser: &mut Browser) -> bool {
    browser.get(ORDERS).await.status == 200
}

#[tokio::test]
async fn an_unused_session_ends_and_a_used_one_goes_on_but_not_for_ever() {
    let site = Site::create().await;
    let (mut idle, mut busy) = (site.browser(), site.browser());
    idle.sign_in("Valeria Vera").await;
    busy.sign_in("Valeria Vera").await;
    site.clock.advance(TimeDelta::minutes(59));
    assert!(is_in(&mut busy).await);
    site.clock.advance(TimeDelta::minutes(1));
    assert!(!is_in(&mut idle).await && is_in(&mut busy).await);
    // Used every half hour, until twelve hours are over.
    for _ in 0..21 {
        site.clock.advance(TimeDelta::minutes(30));
        assert!(is_in(&mut busy).await);
    }
    site.clock.advance(TimeDelta::minutes(30));
    assert!(!is_in(&mut busy).await);
    site.browser().sign_in("Valeria Vera").await;
    assert_eq!(site.sessions().await, 1, "what is over is swept");
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_leads_on_to_the_providers_end() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    let (token, csrf) = (browser.cookies[SESSION].clone(), browser.get(ORDERS).await.csrf());

    for form in [&[][..], &[("csrf", "wrong")], &[("csrf", "")]] {
        assert_eq!(browser.post("/dashboard/sign-out", form).await.status, 403, "{form:?}");
    }
    assert!(is_in(&mut browser).await, "another site cannot sign anybody out");

    let left = browser.post("/dashboard/sign-out", &[("csrf", &csrf)]).await;
    let refresh = left.headers["refresh"].to_str().unwrap();
    let (_, end) = refresh.split_once("url=").unwrap();
    assert!(end.starts_with(&format!("{}/end_session?", site.provider.issuer())), "{end}");
    let back = browser.get(end).await.leads_to().clone();
    assert_eq!(back, format!("{}/dashboard/sign-in?state=left", site.url));
    assert!(browser.get(&back).await.text.contains("Cerraste sesión"), "the page says what was done");
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(site.sessions().await, 0);
    browser.cookies.insert(SESSION.to_owned(), token);
    assert!(!is_in(&mut browser).await, "a kept cookie is worth nothing");
}

#[tokio::test]
async fn who_is_let_in_no_longer_is_out_at_the_next_page() {
    let site = Site::create().await;
    let mut browser = site.browser();
    browser.sign_in("Valeria Vera").await;
    let off = sqlx::query("update people set is_active = false where sub = 'demo|viewer'");
    off.execute(site.database.pool()).await.unwrap();
    assert!(!is_in(&mut browser).await);
    assert_eq!(site.sessions().await, 0);
    let again = browser.sign_in("Valeria Vera").await;
    assert_eq!(again.status, 403, "{again:?}");
}

#[tokio::test]
async fn one_person_has_a_bounded_number_of_sessions() {
    let site = Site::create().await;
    let mut first = site.browser();
    first.sign_in("Valeria Vera").await;
    for _ in 0..20 {
        site.clock.advance(TimeDelta::seconds(1));
        site.browser().sign_in("Valeria Vera").await;
    }
    assert_eq!(site.sessions().await, 20);
    assert!(!is_in(&mut first).await);
}
