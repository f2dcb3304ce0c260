//! What pages and answers tell of a request when it did not go the usual way: left to a person, refused in the ledger's own
//! words, or overtaken by the warehouse, in the reader's language and true.

use logistics_ledger::sandbox::{Fault, SandboxSettings, SandboxUser, status};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{QUICK, cancel, known_order, settled, shown, silent};
use crate::service::site::{CLIENT, Site};
use crate::support::service::{Reply, until};

/// What the page of an order says above everything else, and beside its name.
async fn notices(site: &Site, cookie: &str, order: &str) -> String {
    let page = site.page(cookie, order).await;
    let (_, head) = page.split_once("id=\"order-head\"").expect("the head of the order");
    head.split_once("class=\"order-grid\"").expect("the order").0.to_owned()
}

/// Has every further reading of the order fail, but no cancellation.
fn hide(site: &Site, upstream: i64) {
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 0 }, 9, Some("/cancel"));
    site.mintsoft.fail_next(Fault::HtmlBadGateway, 1_000, Some(&format!("get /api/order/{upstream}")));
}

#[tokio::test]
async fn a_cancellation_that_was_left_to_a_person_does_not_wait_for_the_warehouse() {
    let site = Site::settled(&QUICK).await;
    let cookie = site.sign_in().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::LostAnswer, 1, Some("/cancel"));
    hide(&site, upstream);
    cancel(&site, &order, None, "mistake").await.expect(202);
    let waiting = notices(&site, &cookie, &order).await;
    assert!(waiting.contains("Esperando al almacén") && waiting.contains("aún no se resuelve"));

    let last = "update jobs set max_attempts = 1, run_at = least(run_at, now())
       where kind = 'cancel_order' and state = 'ready'";
    until("it is left to a person", async || {
        sqlx::query(last).execute(site.database.owner_pool()).await.unwrap();
        shown(&site, &order).await["message"].is_string()
    })
    .await;
    let left = notices(&site, &cookie, &order).await;
    for told in ["Cancelación pedida el", "no se sabe qué se hizo", "aún no se resuelve"] {
        assert!(left.contains(told), "{told} is not told: {left}");
    }
    for untrue in ["Esperando al almacén", "en camino", "lang=\"en\""] {
        assert!(!left.contains(untrue), "{untrue}: {left}");
    }
}

#[tokio::test]
async fn a_comment_that_was_left_to_a_person_is_not_on_its_way() {
    let users = vec![SandboxUser::client("shop@brand.example", "sandbox", CLIENT)];
    let site = silent(&QUICK, SandboxSettings { users, ..SandboxSettings::default() }).await;
    let cookie = site.sign_in().await;
    let (_, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::LostAnswer, 1, Some("post /api/order"));
    let path = format!("/api/v1/logistics/orders/{order}/comments");
    let body = json!({"comment": "Ring twice", "internal": true});
    let asked = site.service.request(Method::POST, &path).header("x-api-key", &site.ladore).json(&body);
    Reply::to(asked).await.expect(202);
    let mut comment = Value::Null;
    until("it is left to a person", async || {
        comment =
            site.get(&format!("logistics/orders/{order}/comments")).await.expect(200)["items"][0].clone();
        comment["message"].is_string()
    })
    .await;
    assert_eq!(comment["state"], "requested");
    assert!(comment["message"].as_str().unwrap().contains("internal notes are not shown"), "{comment}");
    let talk = site.page(&cookie, &format!("{order}/conversation")).await;
    assert!(talk.contains("Sin confirmar") && talk.contains("no nos muestra las notas internas"), "{talk}");
    assert!(!talk.contains("En camino al almacén"), "{talk}");
}

#[tokio::test]
async fn what_the_ledger_itself_refuses_is_not_told_as_the_warehouses_word() {
    let site = Site::settled(&QUICK).await;
    let cookie = site.sign_in().await;
    let (_, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::HtmlBadGateway, 9, Some("/cancel"));
    cancel(&site, &order, None, "mistake").await;
    assert_eq!(settled(&site, &order).await["state"], "refused");
    let told = notices(&site, &cookie, &order).await;
    assert!(told.contains("No se hizo la cancelación que pidió un programa con clave"), "{told}");
    assert!(told.contains("Se lo pedimos dos veces al almacén"), "{told}");
    assert!(!told.contains("no aceptó") && !told.contains("lang=\"en\""), "{told}");
}

#[tokio::test]
async fn an_order_that_the_warehouse_took_up_again_is_not_told_as_cancelled() {
    let site = Site::settled(&QUICK).await;
    let cookie = site.sign_in().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    cancel(&site, &order, None, "mistake").await.expect(200);
    site.becomes(upstream, "status_id", "3").await;
    assert!(notices(&site, &cookie, &order).await.contains("Cancelado: lo pidió"));

    site.mintsoft.set_status(upstream, status::AWAITINGPICKING).unwrap();
    site.sync().await;
    let told = notices(&site, &cookie, &order).await;
    assert!(told.contains("después el almacén lo reactivó") && !told.contains("Cancelado"), "{told}");
    assert!(told.contains("id=\"cancel\""), "it can be asked for anew: {told}");
    let answer = site.get(&format!("logistics/orders/{order}")).await.expect(200);
    assert_eq!(
        (&answer["cancellation"]["state"], &answer["warehouse_phase"], &answer["can"]["cancel"]["allowed"]),
        (&json!("confirmed"), &json!("preparing"), &json!(true))
    );

    // It was cancelled, and taken up again, before this one was asked for.
    cancel(&site, &order, None, "now in earnest").await.expect(200);
    site.becomes(upstream, "status_id", "3").await;
    let told = notices(&site, &cookie, &order).await;
    assert!(told.contains("Cancelado: lo pidió") && !told.contains("reactivó"), "{told}");
}

#[tokio::test]
async fn a_cancellation_that_the_warehouse_confirmed_and_does_not_show_is_told_so() {
    let site = Site::settled(&QUICK).await;
    let cookie = site.sign_in().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    hide(&site, upstream);
    cancel(&site, &order, None, "mistake").await.expect(200);
    let told = notices(&site, &cookie, &order).await;
    assert!(
        told.contains("El almacén aceptó la cancelación") && told.contains("aún no la muestra"),
        "{told}"
    );
    site.mintsoft.forget_faults();
    site.sync().await;
    assert!(notices(&site, &cookie, &order).await.contains("Cancelado: lo pidió"));
}
