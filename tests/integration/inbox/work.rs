//! The work on kept deliveries: it is done once, what cannot be read waits for a person, and a person can have it tried
//! again.

use logistics_ledger::inbox::dead_letters::{
    LetterError, LetterId, Retried, dismiss_letter, find_letter, open_body, retry_letter,
};
use logistics_ledger::inbox::{DeliveryFilter, DeliveryState, Redelivery, erase_bodies, list, retry};
use uuid::Uuid;

use super::site::{LADORE, SECRET, Site, paid_order, shopify_headers, sign};

async fn dead(site: &Site) -> Vec<logistics_ledger::inbox::DeliverySummary> {
    let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
    list(site.pool(), &filter).await.unwrap()
}

#[tokio::test]
async fn a_signed_body_that_cannot_be_read_is_answered_and_becomes_a_dead_letter() {
    let site = Site::create().await;
    let bodies: [&[u8]; 6] = [
        b"{\"id\":1,\"name\":\"#1",
        b"<html>Rosa</html>",
        b"",
        b"[]",
        b"\xff\xfe",
        b"{\"shipping_address\":{\"city\":\"L\"}}",
    ];
    for (number, body) in bodies.iter().enumerate() {
        assert_eq!(site.shopify(&number.to_string(), body).await.status, 200, "{body:?}");
    }
    site.work().await;
    let dead = dead(&site).await;
    assert_eq!(dead.len(), bodies.len());
    for letter in &dead {
        let reason = letter.reason.as_deref().unwrap();
        assert!(reason.ends_with('.') && !reason.contains("Rosa"), "{reason}");
        assert_eq!((letter.attempts, letter.tenant_id), (1, Some(LADORE.0)));
    }
    assert!(site.links().await.is_empty());
}

#[tokio::test]
async fn a_dead_letter_can_be_tried_again_once_its_cause_is_gone() {
    let site = Site::create().await;
    site.shopify("d", &paid_order(1, "#1001")).await;
    // A seal that cannot be opened: the key that made it is gone.
    let sealed: Vec<u8> =
        sqlx::query_scalar("select body_sealed from inbox_deliveries").fetch_one(site.pool()).await.unwrap();
    set_body(&site, &[&[2_u8][..], b"k0", &sealed[3..]].concat()).await;
    for _ in 0..40 {
        site.work().await;
        site.clock.advance(chrono::TimeDelta::hours(1));
    }
    let letter = dead(&site).await.remove(0);
    assert!(letter.reason.unwrap().contains("key"));

    set_body(&site, &sealed).await;
    assert_eq!(retry(site.pool(), letter.id, site.now()).await.unwrap(), Redelivery::Queued);
    assert_eq!(retry(site.pool(), letter.id, site.now()).await.unwrap(), Redelivery::NotNeeded);
    site.work().await;
    assert_eq!(site.only_delivery().await, ("processed".to_owned(), None));
    assert_eq!(site.links().await.len(), 1);
    assert_eq!(retry(site.pool(), letter.id, site.now()).await.unwrap(), Redelivery::NotNeeded);
    assert_eq!(retry(site.pool(), Uuid::nil(), site.now()).await.unwrap(), Redelivery::Unknown);
}

#[tokio::test]
async fn the_body_of_old_work_is_erased_and_its_hash_stays() {
    let site = Site::create().await;
    site.shopify("paid", &paid_order(1, "#1001")).await;
    site.shopify("broken", b"<html>Rosa</html>").await;
    site.work().await;
    let erase = async |days: i64| {
        let now = site.now();
        erase_bodies(site.pool(), now - chrono::TimeDelta::days(days), now).await.unwrap()
    };
    site.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!(erase(3).await, 0, "it is not old enough");
    assert_eq!(erase(1).await, 1, "what is dead waits for a person");
    assert_eq!(erase(1).await, 0);
    let kept: (Option<Vec<u8>>, Vec<u8>) =
        sqlx::query_as("select body_sealed, body_sha256 from inbox_deliveries where state = 'processed'")
            .fetch_one(site.pool())
            .await
            .unwrap();
    assert_eq!((kept.0, kept.1.len()), (None, 32));
    assert_eq!(site.shopify("paid", &paid_order(1, "#1001")).await.status, 200);
    assert_eq!(site.kept().await, 2, "a repetition still adds nothing");
    // What was ignored and erased has nothing left to work on.
    sqlx::query(
        "update inbox_deliveries set state = 'ignored', reason = 'as a test' where state = 'processed'",
    )
    .execute(site.pool())
    .await
    .unwrap();
    let id = sqlx::query_scalar("select id from inbox_deliveries where state = 'ignored'")
        .fetch_one(site.pool())
        .await
        .unwrap();
    assert_eq!(retry(site.pool(), id, site.now()).await.unwrap(), Redelivery::Erased);
}

#[tokio::test]
async fn the_body_of_what_died_is_erased_a_while_after_it_was_dismissed_and_not_tried_again_then() {
    let site = Site::create().await;
    site.shopify("broken", b"<html>Rosa</html>").await;
    site.shopify("waiting", b"<html>Luz</html>").await;
    site.work().await;
    let id_of = async |webhook: &str| -> Uuid {
        let found =
            "select id from inbox_deliveries where state = 'dead' and headers::text like '%' || $1 || '%'";
        sqlx::query_scalar(found).bind(webhook).fetch_one(site.pool()).await.unwrap()
    };
    let (dismissed, waiting) = (id_of("broken").await, id_of("waiting").await);
    let letter = LetterId::Delivery(dismissed);
    site.clock.advance(chrono::TimeDelta::days(5));
    assert!(dismiss_letter(site.pool(), letter, "key:1", "Not an order.", site.now()).await.unwrap());
    let erase = async |days: i64| {
        let now = site.now();
        erase_bodies(site.pool(), now - chrono::TimeDelta::days(days), now).await.unwrap()
    };
    site.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!(erase(3).await, 0, "it was dismissed two days ago, though it died before");
    assert_eq!(erase(1).await, 1, "what nobody dismissed waits for a person");
    assert_eq!(erase(1).await, 0);
    let kept = "select id from inbox_deliveries where body_sealed is not null";
    let kept: Vec<Uuid> = sqlx::query_scalar(kept).fetch_all(site.pool()).await.unwrap();
    assert_eq!(kept, [waiting]);

    assert_eq!(retry(site.pool(), dismissed, site.now()).await.unwrap(), Redelivery::Erased);
    assert_eq!(retry_letter(site.pool(), letter, site.now()).await.unwrap(), Retried::Erased);
    let opened = open_body(site.pool(), &site.ring, dismissed).await;
    assert!(matches!(opened, Err(LetterError::Erased)), "{opened:?}");
    let (found, _) = find_letter(site.pool(), letter).await.unwrap().expect("it is still listed");
    assert_eq!(found.dismissed_because.as_deref(), Some("Not an order."));
}

async fn set_body(site: &Site, sealed: &[u8]) {
    let sql = "update inbox_deliveries set body_sealed = $1";
    sqlx::query(sql).bind(sealed).execute(site.pool()).await.unwrap();
}

#[tokio::test]
async fn work_that_was_done_when_its_worker_died_is_not_done_again() {
    let site = Site::create().await;
    site.shopify("d", &paid_order(1, "#1001")).await;
    site.work().await;
    // As if another job for the same delivery were left over.
    sqlx::query(
        "update jobs set state = 'ready', finished_at = null, attempts = 0 where kind = 'process_delivery'",
    )
    .execute(site.pool())
    .await
    .unwrap();
    assert_eq!(site.work().await, 1);
    assert_eq!((site.links().await.len(), site.jobs("link_order").await), (1, 1));
}

#[tokio::test]
async fn a_link_that_cannot_be_written_leaves_the_delivery_waiting() {
    let site = Site::create().await;
    site.shopify("d", &paid_order(1, "#1001")).await;
    let owner = site.database.owner_pool();
    sqlx::query("revoke insert on shop_links from ledger_app").execute(owner).await.unwrap();
    site.work().await;
    assert_eq!(site.only_delivery().await.0, "received");
    let orders: i64 = sqlx::query_scalar("select count(*) from orders").fetch_one(site.pool()).await.unwrap();
    assert_eq!(orders, 0, "half of the work was kept");
    sqlx::query("grant insert on shop_links to ledger_app").execute(owner).await.unwrap();
    site.clock.advance(chrono::TimeDelta::minutes(1));
    site.work().await;
    assert_eq!(site.only_delivery().await.0, "processed");
    assert_eq!(site.links().await.len(), 1);
}

#[tokio::test]
async fn deliveries_are_listed_by_state_and_tenant_the_latest_first() {
    let site = Site::create().await;
    site.shopify("a", &paid_order(1, "#1")).await;
    site.clock.advance(chrono::TimeDelta::seconds(1));
    let body = b"junk";
    site.post("shopify/8", &shopify_headers("b", &sign(SECRET, body)), body).await;
    let tenants = async |filter: DeliveryFilter| -> Vec<i64> {
        let found = list(site.pool(), &filter).await.unwrap();
        found.iter().map(|delivery| delivery.tenant_id.unwrap()).collect()
    };
    assert_eq!(tenants(DeliveryFilter::default()).await, [8, 7]);
    assert_eq!(tenants(DeliveryFilter { limit: Some(1), ..DeliveryFilter::default() }).await, [8]);
    assert_eq!(tenants(DeliveryFilter { tenant: Some(7), ..DeliveryFilter::default() }).await, [7]);
    site.work().await;
    assert_eq!(
        tenants(DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() }).await,
        [8]
    );
}
