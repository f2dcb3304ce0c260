//! What is asked, and what is made of the answers.

use chrono::{DateTime, TimeDelta};
use logistics_ledger::mintsoft::wire::NewConnectAction;
use logistics_ledger::mintsoft::{DocumentKind, OrderListQuery, UpstreamError};

use super::stub::{Scene, json, reply};

fn rows(count: usize) -> String {
    let rows: Vec<_> = (1..=count).map(|id| format!(r#"{{"ID":{id}}}"#)).collect();
    format!("[{}]", rows.join(","))
}

#[tokio::test]
async fn a_page_of_orders_is_asked_for_as_documented() {
    let scene = Scene::create().await;
    let since = DateTime::parse_from_rfc3339("2026-07-01T10:00:59.9Z").unwrap().to_utc();
    let query = OrderListQuery {
        since_last_updated: Some(since),
        page: 2,
        include_items: true,
        oldest_first: true,
        ..OrderListQuery::default()
    };
    scene.by_key().order_list(&query).await.unwrap();
    let asked = &scene.stub.calls()[0];
    assert_eq!(
        asked.target,
        "/api/Order/List?PageNo=2&Limit=100&IncludeOrderItems=true&SortOldestFirst=true&ClientId=3\
         &SinceLastUpdated=2026-07-01T11%3A00%3A59",
        "local time without a zone, and the account's client"
    );
    assert_eq!((asked.method.as_str(), asked.key.as_deref()), ("GET", Some("fixed-key")));
    assert_eq!(asked.accept.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn an_answer_says_between_which_instants_it_was_true() {
    let scene = Scene::create().await;
    scene.stub.will_answer([json(&rows(2))]);
    let before = scene.clock.now();
    let answer = scene.by_key().order_list(&OrderListQuery::default()).await.unwrap();
    assert_eq!((answer.asked_at, answer.answered_at), (before, before));
    assert_eq!(answer.value.len(), 2);
    scene.clock.advance(TimeDelta::seconds(1));
    assert_eq!(scene.by_key().order_statuses().await.unwrap().asked_at, before + TimeDelta::seconds(1));
}

#[tokio::test]
async fn a_malformed_row_leaves_the_page_standing() {
    let scene = Scene::create().await;
    scene.stub.will_answer([json(r#"[{"ID":1},{"ID":2,"Part":"x"},{"ID":3}]"#)]);
    let page = scene.by_key().order_list(&OrderListQuery::default()).await.unwrap().value;
    let read: Vec<_> = page.iter().map(|row| (row.id, row.parsed.is_ok())).collect();
    assert_eq!(read, [(Some(1), true), (Some(2), false), (Some(3), true)]);
}

#[tokio::test]
async fn a_full_page_is_fine_and_a_longer_one_breaks_the_contract() {
    let scene = Scene::create().await;
    scene.stub.will_answer([json(&rows(100)), json(&rows(101)), json(&rows(501))]);
    let account = scene.by_key();
    assert_eq!(account.order_list(&OrderListQuery::default()).await.unwrap().value.len(), 100);
    let error = account.order_list(&OrderListQuery::default()).await.unwrap_err();
    assert!(matches!(error, UpstreamError::ContractViolation { .. }), "{error}");
    let error = account.tracking_events(None, 0).await.unwrap_err();
    assert!(matches!(error, UpstreamError::ContractViolation { .. }), "{error}");
    assert_eq!(scene.stub.calls()[2].target, "/api/Order/Shipments/TrackingEvents/List?PageNo=1&Limit=500");
}

#[tokio::test]
async fn what_is_no_array_is_never_an_empty_list() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    for body in ["null", "{}", "", r#"[{"ID":1},{"#, r#"{"Message":"x"}"#, "\"[]\"", "<html>busy</html>"] {
        scene.stub.will_answer([json(body)]);
        let error = account.order_statuses().await.unwrap_err();
        assert!(matches!(error, UpstreamError::ContractViolation { .. }), "{body}: {error}");
        assert_eq!(body.starts_with('<'), error.to_string().contains("web page"), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_404_is_an_empty_search_and_a_missing_order_but_not_a_wrong_address() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    scene.stub.will_answer([reply(404, ""), reply(404, ""), reply(404, r#"{"Message":"Not found"}"#)]);
    assert!(account.order_list(&OrderListQuery::default()).await.unwrap().value.is_empty());
    assert!(account.order_search("SO-1", true).await.unwrap().value.is_empty());
    assert!(account.order(7).await.unwrap().value.is_none());
    scene
        .stub
        .will_answer([reply(404, ""), reply(404, r#"{"Message":"No HTTP resource was found that.."}"#)]);
    assert!(matches!(account.shipments(7).await.unwrap_err(), UpstreamError::NotFound));
    let error = account.order(7).await.unwrap_err();
    assert!(matches!(error, UpstreamError::ContractViolation { .. }), "no order vanishes by a typo: {error}");
    scene.stub.will_answer([reply(404, "<html>nginx</html>")]);
    let error = account.order(7).await.unwrap_err();
    assert!(matches!(error, UpstreamError::ContractViolation { .. }), "{error}");
}

#[tokio::test]
async fn another_order_than_the_one_asked_for_is_not_taken() {
    let scene = Scene::create().await;
    scene.stub.will_answer([json(r#"{"ID":8}"#), json("null"), json(r#"{"ID":7,"OrderItems":[]}"#)]);
    let account = scene.by_key();
    assert!(matches!(account.order(7).await.unwrap_err(), UpstreamError::ContractViolation { .. }));
    assert!(matches!(account.order(7).await.unwrap_err(), UpstreamError::ContractViolation { .. }));
    let row = account.order(7).await.unwrap().value.unwrap();
    assert_eq!(row.raw.get(), r#"{"ID":7,"OrderItems":[]}"#);
}

#[tokio::test]
async fn a_number_is_searched_for_letter_by_letter() {
    let scene = Scene::create().await;
    scene.by_key().order_search("A#1/2+3&4 (x)=é", false).await.unwrap();
    assert_eq!(
        scene.stub.calls()[0].target,
        "/api/Order/Search?OrderNumber=A%231%2F2%2B3%264+%28x%29%3D%C3%A9&exactMatch=false&includeOrderItems=false"
    );
}

#[tokio::test]
async fn the_smaller_lists_are_read() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    scene.stub.will_answer([
        json(r#"[{"ID":5,"OrderStatusId":1,"Comment":"soon"}]"#),
        json(r#"[{"ID":901,"OrderDocumentTypeId":5,"PaperSize":"Label6x4"}]"#),
        json("\"JVBERi0xLjQ=\""),
        json(r#"[{"ID":311,"Type":"API","ExtraCode1":"https://x"},{"ID":312,"Type":"Shopify"}]"#),
        json(r#"[{"ID":431,"ParcelNumbers":["A","B"]}]"#),
        json(r#"[{"ID":4,"Name":"Delivered"}]"#),
        json(r#"[{"ID":2548,"Name":"Next Day","ActiveB":true}]"#),
    ]);
    let comments = account.comments(7).await.unwrap().value;
    assert_eq!(comments[0].parsed.as_ref().unwrap().comment.as_deref(), Some("soon"));
    assert_eq!(account.documents(7).await.unwrap().value[0].id, Some(901));
    let data = account.document_data(7, 901).await.unwrap().value;
    assert_eq!((data.kind, data.bytes.as_slice()), (DocumentKind::Pdf, b"%PDF-1.4".as_slice()));
    let actions = account.connect_actions(7).await.unwrap().value;
    assert_eq!(actions[1].parsed.as_ref().unwrap().kind.as_deref(), Some("Shopify"));
    let shipments = account.shipments(7).await.unwrap().value;
    assert_eq!(shipments[0].parsed.as_ref().unwrap().parcel_numbers, ["A", "B"]);
    let statuses = account.tracking_statuses().await.unwrap().value;
    assert_eq!(statuses[0].parsed.as_ref().unwrap().name.as_deref(), Some("Delivered"));
    let services = account.courier_services().await.unwrap().value;
    assert_eq!(services[0].parsed.as_ref().unwrap().active, Some(true));
    let paths: Vec<_> = scene.stub.calls().into_iter().map(|asked| asked.target).collect();
    assert_eq!(paths[2], "/api/Order/7/Documents/901/Data");
    assert_eq!(paths[5], "/api/Order/Shipments/TrackingEvents/Statuses");
}

#[tokio::test]
async fn a_refusal_that_comes_as_200_is_an_error_with_upstreams_words() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    scene.stub.will_answer([
        json(r#"{"ID":0,"Success":false,"Message":"Order cannot be cancelled"}"#),
        json(r#"{"ID":7}"#),
        json(r#"{"ID":7,"Success":true}"#),
    ]);
    let error = account.cancel(7).await.unwrap_err();
    assert!(matches!(&error, UpstreamError::Refused { message } if message == "Order cannot be cancelled"));
    assert!(!error.may_have_acted() && !error.is_transient());
    assert!(matches!(account.cancel(7).await.unwrap_err(), UpstreamError::Refused { .. }), "missing is no");
    assert_eq!(account.cancel(7).await.unwrap().value.success, Some(true));
    assert_eq!(scene.stub.calls()[0].target, "/api/Order/7/Cancel");
}

#[tokio::test]
async fn comments_and_callbacks_are_written_as_documented() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    let done = json(r#"{"ID":77,"Success":true}"#);
    scene.stub.will_answer([done.clone(), done]);
    account.post_comment(7, "Ring \"twice\"", true).await.unwrap();
    let action = NewConnectAction { source_order_id: "SO-1/7".to_owned(), ..NewConnectAction::default() };
    assert_eq!(account.put_connect_action(7, &action).await.unwrap().value.id, Some(77));
    let calls = scene.stub.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].target.as_str()), ("POST", "/api/Order/7/Comments"));
    assert_eq!(calls[0].body, r#"{"Comment":"Ring \"twice\"","Admin":true}"#);
    assert_eq!((calls[1].method.as_str(), calls[1].target.as_str()), ("PUT", "/api/Order/7/ConnectActions"));
    assert!(calls[1].body.contains(r#""SourceOrderId":"SO-1/7""#), "{}", calls[1].body);
}
