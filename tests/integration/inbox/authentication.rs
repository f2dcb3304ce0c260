//! Who is let in and who is not, and that nothing personal or secret is left lying about.

use chrono::TimeDelta;
use logistics_ledger::tenancy::ShopPlatform;

use super::site::{
    KALLPA, LADORE, SECRET, Site, fixture, paid_order, shopify_headers, sign, woocommerce_headers,
};

#[tokio::test]
async fn a_wrong_a_missing_and_a_damaged_signature_are_refused_and_counted() {
    let site = Site::create().await;
    let body = paid_order(1, "#1");
    let wrong = sign("another secret", &body);
    for signature in [wrong.as_str(), "", "%%%", &sign(SECRET, b"another body")] {
        let said = site.post("shopify/7", &shopify_headers("d", signature), &body).await;
        assert_eq!((said.status, said.content_type.as_str()), (401, "application/problem+json"));
        assert!(said.json()["detail"].as_str().unwrap().contains("signature"));
    }
    let unsigned = [("x-shopify-topic", "orders/paid")];
    assert_eq!(site.post("shopify/7", &unsigned, &body).await.status, 401);
    let said = site.post("woocommerce/7", &woocommerce_headers("d", "order.updated", &wrong), &body).await;
    assert_eq!(said.status, 401);
    assert_eq!(site.kept().await, 0);
    let counted = |source: &str, reason: &str, count| (source.to_owned(), Some(7), reason.to_owned(), count);
    assert_eq!(
        site.rejections().await,
        [
            counted("shopify", "bad_signature", 3),
            counted("shopify", "missing_signature", 2),
            counted("woocommerce", "bad_signature", 1),
        ]
    );
}

#[tokio::test]
async fn one_changed_byte_makes_a_genuine_body_a_forgery() {
    let site = Site::create().await;
    let mut body = fixture("shopify/orders_paid_pen_1001.json");
    let signature = sign(SECRET, &body);
    let last = body.len() - 1;
    body[last] = b' ';
    assert_eq!(site.post("shopify/7", &shopify_headers("d", &signature), &body).await.status, 401);
}

#[tokio::test]
async fn an_unknown_an_inactive_and_a_shopless_tenant_answer_alike_and_keep_nothing() {
    let site = Site::create().await;
    sqlx::query("update tenants set is_active = false where id = 8").execute(site.pool()).await.unwrap();
    sqlx::query("delete from shops where tenant_id = 7 and platform = 'shopify'")
        .execute(site.database.owner_pool())
        .await
        .unwrap();
    let body = paid_order(1, "#1");
    let signature = sign(SECRET, &body);
    let mut answers = Vec::new();
    for tenant in ["7", "8", "9", "0", "-1", "abc", "99999999999999999999"] {
        let path = format!("shopify/{tenant}");
        let said = site.post(&path, &shopify_headers("d", &signature), &body).await;
        assert_eq!(said.status, 404, "{tenant}");
        answers.push(said.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(site.kept().await, 0);
    assert!(site.rejections().await.is_empty());
}

#[tokio::test]
async fn a_replaced_secret_is_good_for_two_more_days() {
    let site = Site::create().await;
    site.tenancy.put_shop_secret(LADORE, ShopPlatform::Shopify, "fresh", site.now()).await.unwrap();
    let post = async |secret, id| {
        let body = paid_order(1, "#1");
        site.post("shopify/7", &shopify_headers(id, &sign(secret, &body)), &body).await.status
    };
    assert_eq!(post("fresh", "a").await, 200);
    assert_eq!(post(SECRET, "b").await, 200);
    site.clock.advance(TimeDelta::hours(48));
    assert_eq!(post(SECRET, "c").await, 401);
    assert_eq!(post("fresh", "d").await, 200);
}

#[tokio::test]
async fn a_secret_that_wordpress_keeps_with_entities_signs_without_them() {
    let site = Site::create().await;
    let kept = "a&amp;b&#039;c";
    site.tenancy.put_shop_secret(LADORE, ShopPlatform::Woocommerce, kept, site.now()).await.unwrap();
    for (delivery, secret) in [("1", "a&b'c"), ("2", kept)] {
        let signature = sign(secret, b"{}");
        let headers = woocommerce_headers(delivery, "order.updated", &signature);
        assert_eq!(site.post("woocommerce/7", &headers, b"{}").await.status, 200, "{secret}");
    }
}

#[tokio::test]
async fn each_tenant_has_a_secret_of_its_own() {
    let site = Site::create().await;
    site.tenancy.put_shop_secret(KALLPA, ShopPlatform::Shopify, "kallpas", site.now()).await.unwrap();
    let body = paid_order(1, "#1");
    let headers = sign("kallpas", &body);
    assert_eq!(site.post("shopify/7", &shopify_headers("d", &headers), &body).await.status, 401);
    assert_eq!(site.post("shopify/8", &shopify_headers("d", &headers), &body).await.status, 200);
    // The same delivery id at another tenant is another delivery.
    assert_eq!(site.shopify("d", &body).await.json()["duplicate"], false);
}

#[tokio::test]
async fn nothing_personal_or_secret_is_readable_in_the_tables() {
    let site = Site::create().await;
    let body = fixture("shopify/orders_paid_pen_1001.json");
    let signature = sign(SECRET, &body);
    let mut headers = shopify_headers("d", &signature);
    headers.extend([
        ("authorization", "Bearer hidden"),
        ("cookie", "hidden"),
        ("x-forwarded-for", "10.9.8.7"),
    ]);
    assert_eq!(site.post("shopify/7", &headers, &body).await.status, 200);
    site.work().await;
    for table in ["inbox_deliveries", "inbox_rejections", "orders", "shop_links", "jobs"] {
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        let text: String = sqlx::query_scalar(&sql).fetch_one(site.pool()).await.unwrap();
        for secret in ["Rosa", "Quispe", "51900000001", "hidden", "10.9.8.7", SECRET, &signature] {
            assert!(!text.contains(secret), "{secret} stands in {table}");
        }
        // Binary columns are shown in hex.
        assert!(!text.contains(&hex::encode("Quispe")), "the body is not sealed in {table}");
    }
}

#[tokio::test]
async fn a_body_comes_out_of_its_seal_byte_for_byte() {
    let site = Site::create().await;
    let body = fixture("woocommerce/order_completed_pen_formatted_number.json");
    site.woocommerce("d", "order.updated", &body).await;
    let sql = "select id::text, body_sealed, body_sha256, body_bytes from inbox_deliveries";
    let (id, sealed, sha256, bytes): (String, Vec<u8>, Vec<u8>, i32) =
        sqlx::query_as(sql).fetch_one(site.pool()).await.unwrap();
    let opened = site.ring.open(&format!("inbox_deliveries/{id}"), &sealed).unwrap();
    assert_eq!(opened.as_slice(), body);
    assert_eq!(usize::try_from(bytes).unwrap(), body.len());
    assert_eq!(sha256, <sha2::Sha256 as sha2::Digest>::digest(&body).to_vec());
}
