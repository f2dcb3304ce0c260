//! The same delivery twice adds nothing, however it comes; two deliveries are never taken for one.

use futures_util::future::join_all;

use super::site::{SECRET, Site, fixture, paid_order, shopify_headers, sign};

#[tokio::test]
async fn a_delivery_that_comes_again_is_answered_and_adds_nothing() {
    let site = Site::create().await;
    let body = paid_order(1, "#1001");
    assert_eq!(site.shopify("d", &body).await.json()["duplicate"], false);
    let again = site.shopify("d", &body).await;
    assert_eq!((again.status, again.json()["duplicate"].clone()), (200, true.into()));
    assert_eq!((site.kept().await, site.jobs("process_delivery").await), (1, 1));
    site.work().await;
    assert_eq!(site.shopify("d", &body).await.status, 200);
    assert_eq!((site.kept().await, site.work().await), (1, 0));
    assert_eq!(site.links().await.len(), 1);
}

#[tokio::test]
async fn twenty_at_once_are_one_row_and_one_job() {
    let site = Site::create().await;
    let body = paid_order(1, "#1001");
    let answers = join_all((0..20).map(|_| site.shopify("d", &body))).await;
    assert!(answers.iter().all(|said| said.status == 200));
    assert_eq!(answers.iter().filter(|said| said.json()["duplicate"] == false).count(), 1);
    assert_eq!((site.kept().await, site.jobs("process_delivery").await), (1, 1));
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_commit_makes_the_second_delivery_harmless() {
    let site = Site::create().await;
    let body = paid_order(1, "#1001");
    // The first answer never reaches the shop, the work is done meanwhile, and the shop sends again.
    drop(site.shopify("d", &body).await);
    site.work().await;
    let again = site.shopify("d", &body).await;
    assert_eq!(again.status, 200);
    site.work().await;
    assert_eq!((site.kept().await, site.links().await.len(), site.jobs("link_order").await), (1, 1, 1));
}

#[tokio::test]
async fn two_orders_that_share_woocommerces_delivery_id_are_both_kept() {
    let site = Site::create().await;
    for file in ["order_processing_sequential_number.json", "order_completed_pen_formatted_number.json"] {
        let said = site
            .woocommerce("the same second", "order.updated", &fixture(&format!("woocommerce/{file}")))
            .await;
        assert_eq!((said.status, said.json()["duplicate"].clone()), (200, false.into()), "{file}");
    }
    site.work().await;
    assert_eq!(site.links().await.len(), 2);
}

#[tokio::test]
async fn two_deliveries_of_one_order_are_one_link() {
    let site = Site::create().await;
    let body = fixture("woocommerce/order_processing_sequential_number.json");
    for delivery in ["a", "b"] {
        assert_eq!(site.woocommerce(delivery, "order.updated", &body).await.json()["duplicate"], false);
    }
    site.work().await;
    assert_eq!((site.kept().await, site.links().await.len(), site.jobs("link_order").await), (2, 1, 1));
}

#[tokio::test]
async fn without_an_id_of_the_delivery_the_body_tells_deliveries_apart() {
    let site = Site::create().await;
    for (id, duplicate) in [(1, false), (2, false), (1, true)] {
        let body = paid_order(id, "#1001");
        let said = site.post("shopify/7", &shopify_headers("", &sign(SECRET, &body)), &body).await;
        assert_eq!(said.json()["duplicate"], duplicate, "{id}");
    }
    assert_eq!(site.kept().await, 2);
}
