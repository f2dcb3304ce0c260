//! While the database is away nothing is answered with 2xx, and the sender is told to come again.

use std::time::Duration;

use logistics_ledger::inbox::Waits;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};

use super::site::{PATIENT, SECRET, Site, fixture, paid_order, shopify_headers, sign};
use crate::support::database::TestDatabase;

#[tokio::test]
async fn without_a_database_a_delivery_is_answered_with_503_and_a_time_to_come_again() {
    let nowhere = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(300))
        .connect_lazy("postgres://ledger@127.0.0.1:1/ledger")
        .unwrap();
    let waits = Waits { database: Duration::from_millis(500), ..PATIENT };
    let site = Site::over(nowhere, TestDatabase::create().await, waits).await;
    let body = paid_order(1, "#1");
    let said = site.post("shopify/7", &shopify_headers("d", &sign(SECRET, &body)), &body).await;
    assert_eq!((said.status, said.content_type.as_str()), (503, "application/problem+json"));
    assert!(said.retry_after.is_some());
    assert!(!said.text.contains("127.0.0.1"), "{}", said.text);

    let account = uuid::Uuid::nil();
    let token = site.ring.callback_token(account, 1, "split");
    let said = site.post(&format!("mintsoft?a={account}&o=1&e=split&t={token}"), &[], b"").await;
    assert_eq!(said.status, 503);

    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(site.post("woocommerce/7", &form, b"webhook_id=17").await.status, 200);
}

#[tokio::test]
async fn what_was_turned_away_with_503_is_taken_when_it_comes_again() {
    let site = Site::create().await;
    let body = paid_order(1, "#1");
    // Nobody may write, so the transaction fails after the signature was found good.
    let owner = site.database.owner_pool();
    sqlx::query("revoke insert on inbox_deliveries from ledger_app").execute(owner).await.unwrap();
    assert_eq!(site.shopify("d", &body).await.status, 503);
    sqlx::query("grant insert on inbox_deliveries to ledger_app").execute(owner).await.unwrap();
    // The same where the job cannot be enqueued: a delivery without its work is none.
    sqlx::query("revoke insert on jobs from ledger_app").execute(owner).await.unwrap();
    assert_eq!(site.shopify("d", &body).await.status, 503);
    assert_eq!(site.kept().await, 0);
    sqlx::query("grant insert on jobs to ledger_app").execute(owner).await.unwrap();
    assert_eq!(site.shopify("d", &body).await.json()["duplicate"], false);
    assert_eq!((site.kept().await, site.work().await), (1, 1));
}

#[tokio::test]
async fn who_cannot_be_answered_in_time_is_told_to_come_again() {
    let hour = Duration::from_hours(1);
    // A server that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://ledger@{}/ledger", silent.local_addr().unwrap());
    let pool = PgPoolOptions::new().acquire_timeout(hour).connect_lazy(&url).unwrap();
    let waits = Waits { database: Duration::from_millis(200), ..PATIENT };
    let site = Site::over(pool, TestDatabase::create().await, waits).await;
    let proven = site.shopify("d", &paid_order(1, "#1")).await;
    let account = uuid::Uuid::nil();
    let token = site.ring.callback_token(account, 1, "split");
    let kept = site.post(&format!("mintsoft?a={account}&o=1&e=split&t={token}"), &[], b"").await;
    for said in [proven, kept] {
        assert_eq!((said.status, said.retry_after.as_deref()), (503, Some("30")));
    }
}

/// A way to the database that goes as in a restart of it: the first connections are cut, the next are not answered, and those
/// after that work.
async fn restarting(database: &TestDatabase, cut: usize, silent: usize) -> PgPool {
    let options = database.pool().connect_options();
    let directory = options.get_socket().expect("the tests' server listens on a socket");
    let server = directory.join(format!(".s.PGSQL.{}", options.get_port()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut unanswered = Vec::new();
        for number in 0.. {
            let (mut caller, _) = listener.accept().await.unwrap();
            if number < cut {
                continue;
            }
            if number < cut + silent {
                unanswered.push(caller);
                continue;
            }
            let mut server = UnixStream::connect(&server).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut caller, &mut server).await });
        }
    });
    let (user, name) = (options.get_username(), options.get_database().unwrap());
    let url = format!("postgres://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
    PgPoolOptions::new().acquire_timeout(Duration::from_hours(1)).connect_lazy(&url).unwrap()
}

#[tokio::test]
async fn a_delivery_that_never_comes_again_is_held_while_the_database_restarts() {
    let built = Site::create().await;
    // Longer than the database takes where it answers, on a slow machine too.
    let waits = Waits { database: Duration::from_secs(1), ..PATIENT };
    let (body, topic) = (fixture("woocommerce/order_completed_pen_formatted_number.json"), "order.updated");
    let site = Site::over(restarting(&built.database, 3, 2).await, built.database, waits).await;
    let repeated = site.shopify("d", &paid_order(1, "#1")).await;
    assert_eq!((repeated.status, repeated.retry_after.as_deref()), (503, Some("30")));
    let kept = site.woocommerce("d", topic, &body).await;
    assert_eq!((kept.status, kept.json()["duplicate"].clone()), (200, false.into()), "{kept:?}");
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn rejections_that_could_not_be_counted_are_counted_later() {
    let site = Site::create().await;
    let owner = site.database.owner_pool();
    sqlx::query("revoke insert on inbox_rejections from ledger_app").execute(owner).await.unwrap();
    let unsigned = [("x-shopify-topic", "orders/paid")];
    assert_eq!(site.post("shopify/7", &unsigned, b"{}").await.status, 401);
    sqlx::query("grant insert on inbox_rejections to ledger_app").execute(owner).await.unwrap();
    assert_eq!(site.post("shopify/7", &unsigned, b"{}").await.status, 401);
    assert_eq!(site.rejections().await, [("shopify".to_owned(), Some(7), "missing_signature".to_owned(), 2)]);
}
