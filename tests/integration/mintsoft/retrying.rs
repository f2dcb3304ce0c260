//! What is tried again, and what never is.

use std::time::Duration;

use logistics_ledger::mintsoft::wire::NewConnectAction;
use logistics_ledger::mintsoft::{OrderListQuery, Patience, UpstreamError};
use tokio::net::TcpListener;

use super::stub::{Scene, json, reply};

#[tokio::test]
async fn a_read_is_tried_again_after_trouble_that_passes() {
    let scene = Scene::create().await;
    scene.stub.will_answer([
        reply(502, "<html>bad gateway</html>"),
        reply(503, ""),
        reply(504, ""),
        json(r#"[{"ID":1}]"#),
    ]);
    assert_eq!(scene.by_key().order_statuses().await.unwrap().value.len(), 1);
    assert_eq!(scene.stub.calls().len(), 4);
}

#[tokio::test]
async fn trouble_that_stays_is_told_after_a_bounded_number_of_tries() {
    let scene = Scene::create().await;
    scene.stub.will_answer(vec![reply(502, "<html>bad gateway</html>"); 9]);
    let error = scene.by_key().order_list(&OrderListQuery::default()).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Unavailable { status: Some(502), .. }), "{error}");
    assert!(error.to_string().contains("web page") && error.is_transient());
    assert_eq!(scene.stub.calls().len(), 4);
}

#[tokio::test]
async fn an_internal_error_is_tried_again_once() {
    let scene = Scene::create().await;
    scene.stub.will_answer(vec![reply(500, r#"{"Message":"An error has occurred."}"#); 9]);
    let error = scene.by_key().order_statuses().await.unwrap_err();
    assert!(error.to_string().contains("An error has occurred."), "{error}");
    assert_eq!(scene.stub.calls().len(), 2);
}

#[tokio::test]
async fn a_request_that_is_wrong_is_not_sent_twice() {
    let scene = Scene::create().await;
    scene.stub.will_answer([reply(400, r#"{"Message":"The request is invalid."}"#), reply(501, "")]);
    let error = scene.by_key().order_statuses().await.unwrap_err();
    assert!(
        matches!(&error, UpstreamError::Rejected { status: 400, said: Some(said) } if said.contains("invalid"))
    );
    assert!(!error.is_transient());
    scene.by_key().order_statuses().await.unwrap_err();
    assert_eq!(scene.stub.calls().len(), 2);
}

#[tokio::test]
async fn an_action_is_sent_once_whatever_comes_of_it() {
    let scene = Scene::create().await;
    let account = scene.by_key();
    for (trouble, may_have_acted) in [
        (reply(502, ""), true),
        (reply(500, ""), true),
        (reply(429, "").header("retry-after", "0"), false),
        (reply(400, ""), false),
        (reply(404, ""), false),
        (reply(401, ""), false),
        (json("<html>"), true),
        (json("null"), true),
    ] {
        let before = scene.stub.calls().len();
        scene.stub.will_answer([trouble]);
        let error = account.cancel(7).await.unwrap_err();
        assert_eq!(error.may_have_acted(), may_have_acted, "{error}");
        assert_eq!(scene.stub.calls().len(), before + 1, "{error}");
    }
    let before = scene.stub.calls().len();
    scene.stub.will_answer([reply(503, ""), reply(503, "")]);
    account.post_comment(7, "x", false).await.unwrap_err();
    account.put_connect_action(7, &NewConnectAction::default()).await.unwrap_err();
    assert_eq!(scene.stub.calls().len(), before + 2);
}

#[tokio::test]
async fn an_action_without_an_answer_may_have_happened_and_is_not_repeated() {
    let mut scene = Scene::create().await;
    scene.settings.time_limit = Duration::from_secs(1);
    scene.stub.will_answer([json(r#"{"Success":true}"#).after(Duration::from_secs(30))]);
    let error = scene.by_key().cancel(7).await.unwrap_err();
    assert!(matches!(error, UpstreamError::TimedOut) && error.may_have_acted(), "{error}");
    assert_eq!(scene.stub.calls().len(), 1);
}

#[tokio::test]
async fn a_connection_that_is_never_made_cannot_have_done_anything() {
    let scene = Scene::create().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut access = scene.access(logistics_ledger::mintsoft::Credentials::api_key("k"));
    access.api_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = scene.client().account(access).cancel(7).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Unavailable { status: None, sent: false, .. }), "{error}");
    assert!(!error.may_have_acted());
}

#[tokio::test]
async fn nobody_retries_beyond_the_callers_patience() {
    let mut scene = Scene::create().await;
    scene.settings.retry_base = Duration::from_hours(1);
    scene.stub.will_answer([reply(502, "")]);
    let account = scene.by_key().patience(Patience::interactive(Duration::from_secs(5)));
    account.order_statuses().await.unwrap_err();
    assert_eq!(scene.stub.calls().len(), 1);
}
