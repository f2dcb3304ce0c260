//! Every fault that can be ordered, as it looks to a caller.

use logistics_ledger::sandbox::{Fault, OrderSpec};
use serde_json::json;

use super::caller::{KEY, Site, site};

const LIST: &str = "/api/Order/List";

async fn struck(fault: Fault) -> (Site, super::caller::Said) {
    let site = site().await;
    site.order("SO-1");
    site.world.fail_next(fault, 1, Some("order/list"));
    assert_eq!(site.get("/api/Order/Statuses").await.status, 200, "another path is spared");
    let said = site.get(LIST).await;
    assert_eq!(site.get(LIST).await.ids().len(), 1, "the next call is well again");
    (site, said)
}

#[tokio::test]
async fn a_401_strikes_in_the_middle_though_the_key_is_good() {
    let (_site, said) = struck(Fault::Unauthorized).await;
    assert_eq!((said.status, said.text.as_str()), (401, ""));
}

#[tokio::test]
async fn a_429_says_how_long_to_wait() {
    let (_site, said) = struck(Fault::TooManyRequests { retry_after_seconds: Some(7) }).await;
    assert_eq!((said.status, said.retry_after.as_deref()), (429, Some("7")));
    let (_site, said) = struck(Fault::TooManyRequests { retry_after_seconds: None }).await;
    assert_eq!((said.status, said.retry_after), (429, None));
}

#[tokio::test]
async fn the_network_in_front_answers_in_html() {
    let (_site, said) = struck(Fault::HtmlBadGateway).await;
    assert_eq!(said.status, 502);
    assert!(said.text.starts_with("<!DOCTYPE html>"));
    let (_site, said) = struck(Fault::HtmlOk).await;
    assert_eq!(said.status, 200);
    assert!(said.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_200_can_hold_the_wrong_thing() {
    let (_site, said) = struck(Fault::NotAnArray).await;
    assert_eq!((said.status, said.json()), (200, json!({ "Message": "An error has occurred." })));
    let (_site, said) = struck(Fault::NullBody).await;
    assert_eq!((said.status, said.text.as_str()), (200, "null"));
    let (_site, said) = struck(Fault::Status { code: 503 }).await;
    assert_eq!(said.status, 503);
}

#[tokio::test]
async fn json_can_end_in_the_middle_and_a_body_can_be_huge() {
    let (_site, said) = struck(Fault::TruncatedJson).await;
    assert_eq!(said.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&said.text).is_err());
    let (_site, said) = struck(Fault::Oversize { bytes: 3_000_000 }).await;
    assert_eq!(said.text.len(), 3_000_000);
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let (_site, said) = struck(Fault::Slow { milliseconds: 30 }).await;
    assert_eq!(said.ids().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_has_done_its_work() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.fail_next(Fault::LostAnswer, 1, Some("/cancel"));
    let url = format!("{}/api/Order/{id}/Cancel", site.sandbox.url());
    let answer = site.http.get(url).header("ms-apikey", KEY).send().await;
    let body = match answer {
        Ok(answer) => answer.text().await,
        Err(error) => Err(error),
    };
    assert!(body.is_err());
    assert_eq!(site.world.order(id).unwrap().status, 3);
}

#[tokio::test]
async fn a_broken_connection_has_done_no_work() {
    let site = site().await;
    let id = site.order("SO-1");
    site.world.fail_next(Fault::Disconnect, 1, Some("/cancel"));
    let url = format!("{}/api/Order/{id}/Cancel", site.sandbox.url());
    let body = match site.http.get(url).header("ms-apikey", KEY).send().await {
        Ok(answer) => answer.text().await,
        Err(error) => Err(error),
    };
    assert!(body.is_err());
    assert_eq!(site.world.order(id).unwrap().status, 1);
}

#[tokio::test]
async fn a_stopped_sandbox_answers_nobody_not_even_on_an_open_connection() {
    let site = site().await;
    assert_eq!(site.get(LIST).await.status, 200);
    let url = format!("{}{LIST}", site.sandbox.url());
    site.sandbox.stop().await;
    assert!(site.http.get(url).header("ms-apikey", KEY).send().await.is_err());
}

#[tokio::test]
async fn rows_repeat_or_slip_through_between_two_pages() {
    let site = site().await;
    let ids: Vec<i64> = (0..5).map(|n| site.order(&format!("SO-{n}"))).collect();
    let page = |n: u32| format!("{LIST}?SortOldestFirst=true&Limit=2&PageNo={n}");
    site.world.fail_next(Fault::RowRepeated, 1, Some("order/list"));
    assert_eq!(site.get(&page(2)).await.ids(), [ids[1], ids[2]]);
    site.world.fail_next(Fault::RowSkipped, 1, Some("order/list"));
    assert_eq!(site.get(&page(2)).await.ids(), [ids[3], ids[4]]);
    assert_eq!(site.get(&page(2)).await.ids(), [ids[2], ids[3]]);
}

#[tokio::test]
async fn a_row_of_another_client_slips_into_a_filtered_list() {
    let site = site().await;
    let own = site.order("SO-1");
    let foreign = site.world.create_order(OrderSpec::of(5, "NW-1", &[("N_A", 1)]));
    site.world.fail_next(Fault::ForeignRow, 1, None);
    let said = site.get(&format!("{LIST}?ClientId=3")).await;
    assert_eq!(said.ids(), [own, foreign]);
    assert_eq!(said.json()[1]["ClientId"], json!(5));
}

#[tokio::test]
async fn the_first_ordered_fault_strikes_first_and_the_rest_can_be_forgotten() {
    let site = site().await;
    site.world.fail_next(Fault::Status { code: 500 }, 1, None);
    site.world.fail_next(Fault::Unauthorized, 5, Some("GET /api/order"));
    assert_eq!(site.get(LIST).await.status, 500);
    assert_eq!(site.get(LIST).await.status, 401);
    site.world.forget_faults();
    assert_eq!(site.get(LIST).await.status, 200);
}

#[tokio::test]
async fn every_call_is_remembered_with_its_caller_and_its_answer() {
    let site = site().await;
    site.get("/api/Order/List?PageNo=0").await;
    site.call("GET", "//api/order/statuses", None, None).await;
    let calls = site.world.calls();
    assert_eq!((calls[0].path.as_str(), calls[0].query.as_str()), ("/api/Order/List", "PageNo=0"));
    assert_eq!((calls[0].user.as_deref(), calls[0].status), (Some("ops@example.com"), 500));
    assert_eq!((calls[1].user.as_deref(), calls[1].status), (None, 401));
    assert_eq!(site.world.count_calls("get /api/order/LIST"), 1);
    site.world.forget_calls();
    assert!(site.world.calls().is_empty());
}
