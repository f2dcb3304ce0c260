//! Every body of the fixtures, posted byte for byte with the signature that stands beside it, has the effect that its
//! story implies.

use serde_json::{Value, json};

use super::site::{SECRET, Site, fixture, shopify_headers, sign, woocommerce_headers};

/// What a fixture should lead to.
enum Effect {
    /// A link request: name, number, external id, and the warehouse numbers to look for.
    Link(&'static str, Option<&'static str>, &'static str, &'static [(&'static str, &'static str)]),
    /// Nothing, for a reason with these words in it.
    Ignored(&'static str),
}

use Effect::{Ignored, Link};

const SHOPIFY: [(&str, Effect); 8] = [
    ("orders_paid_pen_1001.json", Link("#1001", Some("1001"), "6674573197001", &[("ladore-1001", "name")])),
    ("orders_paid_prefix_letters_pickup.json", Ignored("no shipping address")),
    (
        "orders_paid_no_hash_third_party_checkout.json",
        Link("8301", Some("8301"), "7031366540003", &[("ladore-8301", "name")]),
    ),
    ("orders_paid_no_customer_2022.json", Ignored("no shipping address")),
    (
        "orders_paid_arrow_prefix_mixed_sku.json",
        Link(
            "->1004",
            Some("1004"),
            "6106792100005",
            &[("ladore-->1004", "name"), ("ladore-1004", "order_number")],
        ),
    ),
    (
        "orders_paid_suffix_letters_fulfilled.json",
        Link(
            "#1166X01",
            Some("1166"),
            "100500",
            &[("ladore-1166x01", "name"), ("ladore-1166", "order_number")],
        ),
    ),
    ("orders_paid_test_notification.json", Ignored("test")),
    (
        "orders_paid_prefix_pe_multicurrency_edited.json",
        Link(
            "#PE-1001",
            Some("1001"),
            "6683628408001",
            &[("ladore-pe-1001", "name"), ("ladore-1001", "order_number")],
        ),
    ),
];

const WOOCOMMERCE: [(&str, &str, Effect); 6] = [
    (
        "order_processing_sequential_number.json",
        "order.updated",
        Link("2502", None, "40527", &[("ladore-2502", "name")]),
    ),
    (
        "order_processing_rest_api_empty_strings.json",
        "order.created",
        Link("211", None, "1379", &[("ladore-211", "name")]),
    ),
    (
        "order_processing_cod_unpaid_nulls.json",
        "order.updated",
        Link("44482", None, "44482", &[("ladore-44482", "name")]),
    ),
    (
        "order_completed_pen_formatted_number.json",
        "order.updated",
        Link(
            "LAD-1042-PE",
            Some("1042"),
            "82800",
            &[("ladore-lad-1042-pe", "name"), ("ladore-1042", "order_number")],
        ),
    ),
    ("order_deleted.json", "order.deleted", Ignored("deleted")),
    ("action_status_changed.json", "action.woocommerce_order_status_changed", Ignored("action.")),
];

/// The signature that the fixtures' own list gives for a file.
fn listed_signature(shop: &str, file: &str) -> (String, usize) {
    let list: Value = serde_json::from_slice(&fixture(&format!("{shop}/headers.json"))).unwrap();
    assert_eq!(list["hmac_of_each_file"]["secret"], SECRET);
    let entry = &list["hmac_of_each_file"]["files"][file];
    let bytes = usize::try_from(entry["bytes"].as_u64().unwrap()).unwrap();
    (entry["hmac_base64"].as_str().unwrap().to_owned(), bytes)
}

async fn assert_effect(site: &Site, file: &str, effect: &Effect) {
    match effect {
        Ignored(words) => {
            let (state, reason) = site.only_delivery().await;
            assert_eq!(state, "ignored", "{file}");
            let reason = reason.unwrap();
            assert!(reason.contains(words), "{file}: {reason}");
            assert!(site.links().await.is_empty(), "{file}");
        }
        Link(name, number, external_id, candidates) => {
            assert_eq!(site.only_delivery().await, ("processed".to_owned(), None), "{file}");
            let candidates: Vec<Value> =
                candidates.iter().map(|(number, basis)| json!({"number": number, "basis": basis})).collect();
            let expected =
                ((*name).to_owned(), number.map(str::to_owned), (*external_id).to_owned(), json!(candidates));
            assert_eq!(site.links().await, [expected], "{file}");
            assert_eq!(site.jobs("link_order").await, 1, "{file}");
        }
    }
}

async fn clear(site: &Site) {
    let sql = "truncate inbox_deliveries, jobs, shop_links, orders";
    sqlx::query(sql).execute(site.database.owner_pool()).await.unwrap();
}

#[tokio::test]
async fn every_shopify_body_has_the_effect_that_its_story_implies() {
    let site = Site::create().await;
    for (file, effect) in &SHOPIFY {
        let body = fixture(&format!("shopify/{file}"));
        let (signature, bytes) = listed_signature("shopify", file);
        assert_eq!(body.len(), bytes, "{file} is not byte for byte what it was");
        let said = site.post("shopify/7", &shopify_headers("one-delivery", &signature), &body).await;
        assert_eq!(
            (said.status, said.json()),
            (200, json!({"received": true, "duplicate": false})),
            "{file}"
        );
        assert_eq!(site.work().await, 1, "{file}");
        assert_effect(&site, file, effect).await;
        clear(&site).await;
    }
}

#[tokio::test]
async fn every_woocommerce_body_has_the_effect_that_its_story_implies() {
    let site = Site::create().await;
    for (file, topic, effect) in &WOOCOMMERCE {
        let body = fixture(&format!("woocommerce/{file}"));
        let (signature, bytes) = listed_signature("woocommerce", file);
        assert_eq!(body.len(), bytes, "{file} is not byte for byte what it was");
        let said = site.post("woocommerce/7", &woocommerce_headers("d", topic, &signature), &body).await;
        assert_eq!(said.status, 200, "{file}");
        assert_eq!(site.work().await, 1, "{file}");
        assert_effect(&site, file, effect).await;
        clear(&site).await;
    }
}

#[tokio::test]
async fn the_ping_of_a_new_webhook_is_answered_with_exactly_200_and_leaves_nothing() {
    let site = Site::create().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let said = site.post("woocommerce/7", &form, &fixture("woocommerce/ping.txt")).await;
    assert_eq!(said.status, 200);
    assert_eq!(site.kept().await, 0);
    assert!(site.rejections().await.is_empty());
}

#[tokio::test]
async fn a_signed_body_that_looks_like_a_ping_is_a_delivery() {
    let site = Site::create().await;
    let ping = fixture("woocommerce/ping.txt");
    let said = site.woocommerce("d", "order.updated", &ping).await;
    assert_eq!(said.status, 200);
    site.work().await;
    assert_eq!(site.only_delivery().await.0, "dead");

    let form = ("content-type", "application/x-www-form-urlencoded");
    let forged = [form, ("x-wc-webhook-signature", "bm9uc2Vuc2U=")];
    assert_eq!(site.post("woocommerce/7", &forged, &ping).await.status, 401);
}

#[tokio::test]
async fn the_fixtures_signatures_are_what_a_shop_would_make() {
    for (shop, files) in [
        ("shopify", SHOPIFY.iter().map(|(file, _)| *file).collect::<Vec<_>>()),
        ("woocommerce", WOOCOMMERCE.iter().map(|(file, ..)| *file).collect()),
    ] {
        for file in files {
            assert_eq!(
                listed_signature(shop, file).0,
                sign(SECRET, &fixture(&format!("{shop}/{file}"))),
                "{file}"
            );
        }
    }
}
