//! Mintsoft's callbacks: the token proves them, the body proves nothing, and each leads to a re-read.

use serde_json::{Value, json};
use uuid::Uuid;

use super::site::{Said, Site};

const ACCOUNT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

impl Site {
    async fn callback(&self, order: i64, event: &str, body: &[u8]) -> Said {
        let token = self.ring.callback_token(ACCOUNT, order, event);
        self.post(&format!("mintsoft?a={ACCOUNT}&o={order}&e={event}&t={token}"), &[], body).await
    }
}

#[tokio::test]
async fn each_event_with_its_token_leads_to_one_reread_of_the_order() {
    let site = Site::create().await;
    for event in ["despatched", "cancelled", "delivered", "split"] {
        assert_eq!(site.callback(2207, event, br#"{"ID":2207}"#).await.status, 200, "{event}");
    }
    assert_eq!(site.work().await, 4);
    let payloads: Vec<Value> =
        sqlx::query_scalar("select payload from jobs where kind = 'reread_order' order by id")
            .fetch_all(site.pool())
            .await
            .unwrap();
    let events: Vec<&str> = payloads.iter().map(|payload| payload["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["despatched", "cancelled", "delivered", "split"]);
    for payload in payloads {
        assert_eq!((&payload["account_id"], &payload["mintsoft_order_id"]), (&json!(ACCOUNT), &json!(2207)));
        assert!(payload["delivery_id"].as_str().unwrap().parse::<Uuid>().is_ok());
    }
}

#[tokio::test]
async fn whatever_the_body_is_it_is_kept_and_answered_with_200() {
    let site = Site::create().await;
    let bodies: [&[u8]; 7] = [
        b"",
        b"[]",
        b"[{\"ID\":1}]",
        b"{\"OrderShipmentTrackingEvents\":[]}",
        b"null",
        b"<html>",
        b"\xff\xfe\x00",
    ];
    for body in bodies {
        assert_eq!(site.callback(1, "delivered", body).await.status, 200, "{body:?}");
    }
    assert_eq!(site.work().await, 7);
    let states: Vec<String> = sqlx::query_scalar("select distinct state from inbox_deliveries")
        .fetch_all(site.pool())
        .await
        .unwrap();
    assert_eq!((states, site.jobs("reread_order").await), (vec!["processed".to_owned()], 7));
}

#[tokio::test]
async fn a_token_for_anything_else_is_refused_and_counted() {
    let site = Site::create().await;
    let token = site.ring.callback_token(ACCOUNT, 1, "despatched");
    let other = Uuid::from_u128(9);
    let unknown = site.ring.callback_token(ACCOUNT, 1, "merged");
    let addresses = [
        format!("mintsoft?a={other}&o=1&e=despatched&t={token}"),
        format!("mintsoft?a={ACCOUNT}&o=2&e=despatched&t={token}"),
        format!("mintsoft?a={ACCOUNT}&o=1&e=cancelled&t={token}"),
        format!("mintsoft?a={ACCOUNT}&o=1&e=merged&t={unknown}"),
        format!("mintsoft?a={ACCOUNT}&o=1&e=despatched&t="),
        format!("mintsoft?a={ACCOUNT}&o=1&e=despatched"),
        format!("mintsoft?a=nobody&o=x&e=despatched&t={token}"),
        format!("mintsoft?a={ACCOUNT}&a={ACCOUNT}&o=1&e=despatched&t={token}"),
        "mintsoft".to_owned(),
    ];
    for address in &addresses {
        let said = site.post(address, &[], b"{}").await;
        assert_eq!(said.status, 401, "{address}");
        assert!(!said.text.contains(&token), "{}", said.text);
    }
    assert_eq!(site.kept().await, 0);
    let counted =
        ("mintsoft".to_owned(), None, "bad_token".to_owned(), i64::try_from(addresses.len()).unwrap());
    assert_eq!(site.rejections().await, [counted]);
}

#[tokio::test]
async fn a_repetition_adds_nothing_and_a_callback_that_does_not_say_when_is_always_news() {
    let site = Site::create().await;
    let told = b"{\"ID\":1,\"LastUpdated\":\"2026-02-09T14:41:29.09\"}";
    assert_eq!(site.callback(1, "despatched", told).await.json()["duplicate"], false);
    assert_eq!(site.callback(1, "despatched", told).await.json()["duplicate"], true);
    for silent in [&b"{\"ID\":1}"[..], b""] {
        assert_eq!(site.callback(1, "despatched", silent).await.json()["duplicate"], false);
        assert_eq!(site.callback(1, "despatched", silent).await.json()["duplicate"], false);
    }
}

#[tokio::test]
async fn one_body_that_tells_of_four_events_is_news_four_times() {
    let site = Site::create().await;
    let told = b"{\"ID\":1,\"LastUpdated\":\"2026-02-09T14:41:29.09\"}";
    for event in ["despatched", "cancelled", "delivered", "split"] {
        assert_eq!(site.callback(1, event, told).await.json()["duplicate"], false, "{event}");
    }
    assert_eq!(site.callback(2, "despatched", told).await.json()["duplicate"], false, "of another order");
    assert_eq!(site.kept().await, 5);
}
