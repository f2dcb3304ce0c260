//! What is refused to a script's request is a notice in the page that asked, in a person's words: nothing that was written is
//! left behind.

use std::num::NonZeroU32;
use std::time::Duration;

use logistics_ledger::access::Role;
use logistics_ledger::api::{LimitSettings, Rate};
use logistics_ledger::app::AppSettings;
use reqwest::Method;

use super::world::{FIRST, ORDERS, World};

#[tokio::test]
async fn a_form_that_is_refused_leaves_the_page_where_it_is() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST]).await;
    let order = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let page = format!("{ORDERS}/{order}");
    let current = format!("http://ledger{page}?since=3");
    let scripted = [("hx-request", "true"), ("hx-current-url", current.as_str())];
    let csrf = world.get(&cookie, &page, &[]).await.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [("csrf", csrf.as_str()), ("key", "k-1"), ("comment", " ")];
    let post = async |cookie: &str, headers: &[(&str, &str)]| {
        world.ask(Method::POST, cookie, &format!("{page}/comments"), headers, &form).await
    };
    let unsigned = post("", &scripted).await;
    assert_eq!(unsigned.status, 401);
    assert!(unsigned.text.contains("Tu sesión terminó y no se envió nada"), "{}", unsigned.text);
    let sign_in = format!("href=\"/dashboard/sign-in?next={}", page.replace('/', "%2F"));
    assert!(
        unsigned.text.contains(&sign_in) && unsigned.text.contains("target=\"_blank\""),
        "{}",
        unsigned.text
    );
    let refused = post(&cookie, &scripted).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("data-field=\"comment\""), "{}", refused.text);
    for told in [&unsigned, &refused] {
        assert_eq!((&*told.headers["hx-retarget"], &*told.headers["hx-push-url"]), ("#notices", "false"));
        assert!(!told.headers.contains_key("hx-redirect") && !told.text.contains("<html"), "{}", told.text);
    }
    // Without script there is nowhere to put a notice.
    assert!(post("", &[]).await.leads_to().starts_with("/dashboard/sign-in?next="));
    // What is only looked at leads to sign in, as ever.
    let looked = world.get("", &page, &scripted).await;
    assert!(looked.headers["hx-redirect"].starts_with("/dashboard/sign-in?next="), "{looked:?}");
}

#[tokio::test]
async fn a_person_who_is_too_fast_is_told_of_no_header() {
    let few = Rate { every: Duration::from_hours(1), burst: NonZeroU32::new(2).unwrap() };
    let limits = LimitSettings { per_credential: Some(few), ..LimitSettings::default() };
    let world = World::with(4, AppSettings { limits, ..AppSettings::default() }).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for _ in 0..2 {
        assert_eq!(world.get(&cookie, ORDERS, &[]).await.status, 200);
    }
    for headers in [&[][..], &[("hx-request", "true")]] {
        let limited = world.get(&cookie, ORDERS, headers).await;
        assert_eq!(limited.status, 429);
        assert!(limited.text.contains("Hiciste demasiadas cosas seguidas"), "{}", limited.text);
        assert!(!limited.text.contains("Retry-After"), "{}", limited.text);
    }
}
