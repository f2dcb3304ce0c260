//! How the service ends: in order when it is asked once, at once when it is asked again.

use std::time::Duration;

use sqlx::Executor as _;
use tokio::time::sleep;

use super::site::Site;
use crate::support::service::until;

/// Longer than two signals may lie apart and still count as one.
const A_WHILE: Duration = Duration::from_millis(1_200);

/// Orders cannot be read while this is held.
const IN_THE_WAY: &str = "begin; lock table logistics_orders in access exclusive mode";

/// Whether somebody waits for the orders.
const WAITS: &str =
    "select exists (select from pg_locks where relation = 'logistics_orders'::regclass and not granted)";

#[tokio::test]
async fn asked_once_it_ends_in_order() {
    let mut site = Site::settled(&[]).await;
    site.service.ask_to_end();
    // Passed on by a wrapper too, a moment later: two at the same instant are one to the kernel.
    sleep(Duration::from_millis(50)).await;
    site.service.ask_to_end();
    assert_eq!(site.service.exit_code().await, Some(0), "{}", site.service.log());
}

#[tokio::test]
async fn asked_again_it_waits_for_nobody() {
    let mut site = Site::settled(&[]).await;
    let mut connection = site.pool().acquire().await.unwrap();
    connection.execute(IN_THE_WAY).await.unwrap();
    let reading = tokio::spawn(
        site.service
            .request(reqwest::Method::GET, "/api/v1/logistics/orders")
            .header("x-api-key", &site.ladore)
            .send(),
    );
    until("the orders are asked for", async || {
        sqlx::query_scalar(WAITS).fetch_one(site.pool()).await.unwrap()
    })
    .await;
    site.service.ask_to_end();
    until("it waits for the reader", async || {
        site.service.log().contains("what is under way is finished first")
    })
    .await;
    sleep(A_WHILE).await;
    site.service.ask_to_end();
    assert_eq!(site.service.exit_code().await, Some(130), "{}", site.service.log());
    assert!(reading.await.unwrap().is_err(), "nobody answers");
    connection.execute("rollback").await.unwrap();
}
