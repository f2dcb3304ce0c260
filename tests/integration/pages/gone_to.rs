//! A browser that goes to the API itself, as by a link to a file: what goes wrong is a page for its reader. Programs see what
//! they always saw.

use logistics_ledger::access::{Role, SessionSettings};

use super::world::{FIRST, ORDERS, World};

const FAILING: &str = "/api/v1/logistics/orders/export?format=nada&tenant_id=1";
const DOCUMENT: &str =
    "/api/v1/logistics/orders/01a0c3a5-5e00-7000-8000-000000000000/documents/1?tenant_id=1";
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn a_file_that_cannot_be_had_is_a_page_for_whoever_followed_its_link() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let program = world.get(&cookie, FAILING, &[]).await;
    assert_eq!(program.headers["content-type"], "application/problem+json");
    let page = format!("http://x{ORDERS}?tab=delivered");
    let followed = [BROWSER, ("sec-fetch-dest", "document"), ("referer", page.as_str())];
    for led in [&followed[..], &[BROWSER, followed[2]]] {
        let seen = world.get(&cookie, FAILING, led).await;
        assert_eq!(
            (seen.status, seen.headers["content-type"].as_str()),
            (program.status, "text/html; charset=utf-8")
        );
        assert!(seen.text.contains("<html lang=\"es"), "{}", seen.text);
        assert!(
            seen.text.contains("href=\"/dashboard/orders?tab=delivered\">Ver los pedidos"),
            "{}",
            seen.text
        );
        assert!(seen.text.contains(&seen.headers["x-request-id"]), "{}", seen.text);
        assert!(seen.headers["vary"].contains("Sec-Fetch-Dest"), "{:?}", seen.headers);
        assert_eq!(seen.headers["cache-control"], "no-store");
    }
    let english = [BROWSER, ("accept-language", "en")];
    assert!(world.get(&cookie, DOCUMENT, &english).await.text.contains("<html lang=\"en"));
    let stale = format!("{}=of-long-ago", SessionSettings::default().cookie());
    let over = world.get(&stale, FAILING, &followed).await;
    assert_eq!(over.status, 401);
    let sign_in = "href=\"/dashboard/sign-in?next=%2Fdashboard%2Forders%3Ftab%3Ddelivered\"";
    assert!(over.text.contains(sign_in), "{}", over.text);
}

#[tokio::test]
async fn a_document_that_cannot_be_had_says_so_in_its_frame() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let framed = world.get(&cookie, DOCUMENT, &[BROWSER, ("sec-fetch-dest", "iframe")]).await;
    assert_eq!(framed.status, 404);
    assert!(framed.text.contains("No existe ese pedido"), "{}", framed.text);
    assert!(!framed.text.contains("class=\"button"), "the page around it has the ways on: {}", framed.text);
    assert!(framed.headers["content-security-policy"].contains("frame-ancestors 'self'"));
}

#[tokio::test]
async fn programs_and_scripts_see_no_page_and_files_are_taken_as_ever() {
    let world = World::with_orders(4).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let script = [BROWSER, ("sec-fetch-dest", "empty")];
    for (cookie, headers) in [
        (&*cookie, &[][..]),
        (&*cookie, &[("accept", "application/json, text/html")]),
        (&*cookie, &script),
        ("", &[BROWSER]),
    ] {
        let told = world.get(cookie, FAILING, headers).await;
        assert_eq!(told.headers["content-type"], "application/problem+json", "{headers:?}");
        assert!(!told.headers["vary"].contains("Sec-Fetch-Dest"), "{headers:?}");
        assert!(!told.headers.contains_key("content-security-policy"), "{headers:?}");
    }
    let list = world.get(&cookie, ORDERS, &[]).await;
    assert!(!list.text.contains(" download>"), "what is not had is shown, and not kept as a file");
    let file = world.get(&cookie, &list.exports()[0], &[BROWSER, ("sec-fetch-dest", "document")]).await;
    assert_eq!(file.status, 200);
    assert!(file.headers["content-disposition"].starts_with("attachment"), "{:?}", file.headers);
}
