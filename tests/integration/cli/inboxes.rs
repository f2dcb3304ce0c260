//! `ledger inbox`: dead letters are listed without their bodies, counted beside what was turned away, and tried again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use logistics_domain::TenantId;
use logistics_ledger::app::App;
use logistics_ledger::clock::Clock;
use logistics_ledger::tenancy::ShopPlatform;
use sha2::Sha256;
use uuid::Uuid;

use super::keys::{caller, service, with_ladore};
use super::terminal::{Told, typed};
use crate::support::database::TestDatabase;

const SECRET: &str = "fixture-secret";
/// Nothing that a shop would send, with a person in it.
const GARBAGE: &str = "Señora Quispe, Jirón de la Unión 300";

/// A shop's delivery that cannot be read, another that proves nothing, and no service any more.
async fn delivered() -> TestDatabase {
    let database = with_ladore().await;
    let app = service(&database).await;
    let tenancy = &app.sources().tenancy;
    let now = Clock::system().now();
    tenancy.put_shop_secret(TenantId(7), ShopPlatform::Shopify, SECRET, now).await.unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(GARBAGE.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(post(&app, &signature).await, 200);
    assert_eq!(post(&app, "forged").await, 401);
    until_dead(&database).await;
    app.stop().await;
    database
}

/// Waits until the service has looked at the delivery.
async fn until_dead(database: &TestDatabase) {
    let dead = "select count(*) from inbox_deliveries where state = 'dead'";
    for _ in 0..400 {
        if sqlx::query_scalar::<_, i64>(dead).fetch_one(database.pool()).await.unwrap() == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the delivery is not dead after ten seconds");
}

async fn post(app: &App, signature: &str) -> u16 {
    let url = format!("http://{}/api/v1/webhooks/shopify/7", app.address());
    let request = caller().post(url).body(GARBAGE).header("content-type", "application/json");
    let request = request.header("x-shopify-topic", "orders/paid").header("x-shopify-webhook-id", "d1");
    request.header("x-shopify-hmac-sha256", signature).send().await.unwrap().status().as_u16()
}

async fn inbox(database: &TestDatabase, words: &[&str]) -> Told {
    let words: Vec<&str> = ["inbox"].iter().chain(words).copied().collect();
    typed(database.url(), &words).await
}

#[tokio::test]
async fn a_dead_letter_is_listed_with_its_reason_and_without_its_body() {
    let database = delivered().await;
    let id: Uuid =
        sqlx::query_scalar("select id from inbox_deliveries").fetch_one(database.pool()).await.unwrap();
    for words in [&["list"][..], &["list", "--state", "dead", "--tenant", "7", "--limit", "1"]] {
        let told = inbox(&database, words).await;
        let row = told.answer().lines().find(|line| line.starts_with(&id.to_string())).unwrap();
        for shown in ["shopify", "orders/paid", "tenant 7", "dead"] {
            assert!(row.contains(shown), "{shown} in {row}");
        }
        assert!(!told.answer.contains("Quispe"), "{told:?}");
    }
    let others = inbox(&database, &["list", "--state", "processed"]).await;
    assert!(others.answer().starts_with("there are no such deliveries"), "{others:?}");
}

#[tokio::test]
async fn what_was_turned_away_is_counted_by_reason() {
    let database = delivered().await;
    let told = inbox(&database, &["list"]).await;
    let counted = told.answer().lines().last().unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(counted[1..5], ["1", "shopify", "7", "bad_signature"], "{told:?}");
    assert!(
        told.answer().contains("Turned away, since they proved nothing or their bodies came too slowly"),
        "{told:?}"
    );
    let anothers = inbox(&database, &["list", "--tenant", "8"]).await;
    assert_eq!(anothers.answer(), "there are no such deliveries");
}

#[tokio::test]
async fn a_dead_letter_is_tried_again_once_and_an_unknown_one_not_at_all() {
    let database = delivered().await;
    let id: Uuid =
        sqlx::query_scalar("select id from inbox_deliveries").fetch_one(database.pool()).await.unwrap();
    let id = id.to_string();
    let told = inbox(&database, &["retry", &id]).await;
    assert_eq!(told.answer(), format!("the delivery {id} is due again; `ledger serve` works on it"));
    let listed = inbox(&database, &["list", "--state", "received"]).await;
    assert!(listed.answer().contains(&id), "{listed:?}");
    let again = inbox(&database, &["retry", &id]).await;
    assert_eq!(again.answer(), format!("the delivery {id} waits already or was processed"));
    let unknown = "00000000-0000-7000-8000-000000000000";
    let told = inbox(&database, &["retry", unknown]).await;
    assert!(told.failure().starts_with(&format!("there is no delivery {unknown}")), "{told:?}");
}
