//! The four callbacks, as a receiver sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use logistics_ledger::sandbox::{CallbackBehaviour, CallbackBody, ConnectAction, status};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::caller::{KEY, Site, site_with};

/// What a receiver got: method, path with query, `Authorization`, body.
#[derive(Debug)]
struct Got {
    line: String,
    authorization: Option<String>,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

struct Receiver {
    url: String,
    got: mpsc::UnboundedReceiver<Got>,
    answers: Arc<AtomicU16>,
}

impl Receiver {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, got) = mpsc::unbounded_channel();
        let answers = Arc::new(AtomicU16::new(200));
        let router = Router::new().fallback(receive).with_state((sender, answers.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, got, answers }
    }

    async fn next(&mut self) -> Got {
        tokio::time::timeout(Duration::from_secs(20), self.got.recv()).await.unwrap().unwrap()
    }

    fn action(&self, id: i64) -> ConnectAction {
        let url = |occasion: &str| Some(format!("{}/m/s3cret/{occasion}?o={id}", self.url));
        ConnectAction {
            kind: "API".to_owned(),
            source_order_id: format!("SO/{id}"),
            despatched_url: url("despatched"),
            cancelled_url: url("cancelled"),
            delivered_url: url("delivered"),
            split_url: url("split"),
            authorization: Some("Bearer s3cret2".to_owned()),
            ..ConnectAction::default()
        }
    }
}

type Told = (mpsc::UnboundedSender<Got>, Arc<AtomicU16>);

async fn receive(State((sender, answers)): State<Told>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let authorization = head.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    sender.send(Got { line: format!("{} {}", head.method, head.uri), authorization, text }).unwrap();
    StatusCode::from_u16(answers.load(Ordering::SeqCst)).unwrap()
}

async fn connected(behaviour: CallbackBehaviour) -> (Site, Receiver, i64) {
    let site = site_with(|settings| settings.callbacks = behaviour).await;
    let receiver = Receiver::open().await;
    let id = site.order("SO-1");
    site.world.connect(id, receiver.action(id)).unwrap();
    (site, receiver, id)
}

/// Waits until the sandbox has written the outcome on the action's row.
async fn outcome(site: &Site, id: i64, messages: &str) -> ConnectAction {
    for _ in 0..2_000 {
        let action = site.world.connect_actions(id).remove(0);
        if action.messages.as_deref() == Some(messages) {
            return action;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the action of order {id} never said {messages}");
}

#[tokio::test]
async fn despatch_posts_the_order_as_it_reads_by_id() {
    let (site, mut receiver, id) = connected(CallbackBehaviour::default()).await;
    site.world.set_status(id, status::PACKED).unwrap();
    site.world.despatch(id, Some("JD1")).unwrap();
    let got = receiver.next().await;
    assert_eq!(got.line, format!("POST /m/s3cret/despatched?o={id}"));
    assert_eq!(got.authorization.as_deref(), Some("Bearer s3cret2"));
    let read = site.call("GET", &format!("/api/Order/{id}"), Some(KEY), None).await;
    assert_eq!(got.text, read.text);
    assert!(outcome(&site, id, "OK 200").await.complete);
}

#[tokio::test]
async fn cancelled_delivered_and_split_each_have_their_url() {
    let (site, mut receiver, id) = connected(CallbackBehaviour::default()).await;
    let part = site.world.split(id, &["LADORE_B"]).unwrap();
    let got = receiver.next().await;
    assert_eq!(got.line, format!("POST /m/s3cret/split?o={id}"));
    assert_eq!((&got.json()["Order"]["ID"], &got.json()["SplitOrders"][0]["ID"]), (&json!(id), &json!(part)));
    site.world.despatch(id, Some("JD1")).unwrap();
    receiver.next().await;
    site.world.add_tracking_event(id, "InTransit").unwrap();
    site.world.add_tracking_event(id, "Delivered").unwrap();
    let got = receiver.next().await;
    assert_eq!(got.line, format!("POST /m/s3cret/delivered?o={id}"));
    assert_eq!(
        got.json().as_array().unwrap().len(),
        2,
        "all scans of that delivery, and no call for the first"
    );
    site.world.cancel(id).unwrap();
    let got = receiver.next().await;
    assert_eq!(got.line, format!("POST /m/s3cret/cancelled?o={id}"));
    assert_eq!(got.json()["OrderStatusId"], json!(3));
}

#[tokio::test]
async fn nothing_else_calls_back() {
    let (site, mut receiver, id) = connected(CallbackBehaviour::default()).await;
    for to in [2, 15, 16, 17, 20, 13, 1] {
        site.world.set_status(id, to).unwrap();
    }
    site.world.comment(id, "a word", false).unwrap();
    site.world.touch(id).unwrap();
    site.world.set_status(id, status::DESPATCHED).unwrap();
    site.world.set_status(id, status::INVOICED).unwrap();
    site.world.cancel(id).unwrap();
    assert!(receiver.next().await.line.contains("/despatched"));
    assert!(receiver.next().await.line.contains("/cancelled"));
    outcome(&site, id, "OK 200").await;
    assert!(receiver.got.try_recv().is_err());
}

#[tokio::test]
async fn a_callback_goes_out_once_unless_told_to_try_again() {
    let (site, mut receiver, id) = connected(CallbackBehaviour::default()).await;
    receiver.answers.store(503, Ordering::SeqCst);
    site.world.cancel(id).unwrap();
    receiver.next().await;
    assert!(!outcome(&site, id, "HTTP 503").await.complete);
    assert!(receiver.got.try_recv().is_err());

    let behaviour = CallbackBehaviour { retries: 2, ..CallbackBehaviour::default() };
    let (site, mut receiver, id) = connected(behaviour).await;
    receiver.answers.store(503, Ordering::SeqCst);
    site.world.cancel(id).unwrap();
    receiver.next().await;
    receiver.answers.store(200, Ordering::SeqCst);
    receiver.next().await;
    assert!(outcome(&site, id, "OK 200").await.complete);
}

#[tokio::test]
async fn a_callback_can_come_twice_late_and_in_other_shapes() {
    let behaviour = CallbackBehaviour {
        duplicates: 1,
        delay: Duration::from_millis(5),
        body: CallbackBody::Array,
        ..CallbackBehaviour::default()
    };
    let (site, mut receiver, id) = connected(behaviour).await;
    site.world.cancel(id).unwrap();
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(first.text, second.text);
    assert_eq!(first.json()[0]["ID"], json!(id));

    for (body, expected) in [(CallbackBody::Nulls, json!(null)), (CallbackBody::Empty, json!(""))] {
        let behaviour = CallbackBehaviour { body, ..CallbackBehaviour::default() };
        let (site, mut receiver, id) = connected(behaviour).await;
        site.world.cancel(id).unwrap();
        let got = receiver.next().await;
        if expected == json!("") {
            assert_eq!(got.text, "");
        } else {
            assert_eq!((&got.json()["ID"], &got.json()["OrderStatusId"]), (&json!(id), &expected));
        }
    }
}

#[tokio::test]
async fn a_shop_connectors_own_row_calls_nobody() {
    let (site, mut receiver, id) = connected(CallbackBehaviour::default()).await;
    let other = site.order("SO-2");
    let action = ConnectAction { kind: "Shopify".to_owned(), ..receiver.action(other) };
    site.world.connect(other, action).unwrap();
    site.world.cancel(other).unwrap();
    site.world.cancel(id).unwrap();
    assert!(receiver.next().await.line.ends_with(&format!("o={id}")));
    outcome(&site, id, "OK 200").await;
    assert!(receiver.got.try_recv().is_err());
}
