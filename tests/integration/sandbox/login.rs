//! Keys: how one gets them, what kills them, and what they permit.

use chrono::TimeDelta;
use serde_json::json;

use super::caller::{KEY, site, site_with};

#[tokio::test]
async fn a_login_answers_a_quoted_guid_that_opens_the_door() {
    let site = site().await;
    let body = json!({ "username": "ops@example.com", "PASSWORD": "right" });
    let said = site.call("POST", "/api/Auth", None, Some(body)).await;
    assert_eq!((said.status, said.text.len()), (200, 38));
    assert!(said.text.starts_with('"') && said.text.ends_with('"'));
    let key = said.json().as_str().unwrap().to_owned();
    assert_eq!(site.call("GET", "/api/Order/Statuses", Some(&key), None).await.status, 200);
}

#[tokio::test]
async fn a_bad_login_and_a_call_without_a_key_are_401_with_nothing_in_it() {
    let site = site().await;
    let body = json!({ "Username": "ops@example.com", "Password": "wrong" });
    let said = site.call("POST", "/api/Auth", None, Some(body)).await;
    assert_eq!((said.status, said.text.as_str()), (401, ""));
    let said = site.call("GET", "/api/Order/List", None, None).await;
    assert_eq!((said.status, said.text.as_str()), (401, ""));
    let said = site.call("GET", &format!("/api/Order/List?APIKey={KEY}"), None, None).await;
    assert_eq!(said.status, 401);
}

#[tokio::test]
async fn the_old_key_in_the_query_works_only_where_it_is_switched_on() {
    let site = site_with(|settings| settings.accept_key_in_query = true).await;
    let said = site.call("GET", &format!("/api/Order/List?apikey={KEY}"), None, None).await;
    assert_eq!(said.status, 200);
}

#[tokio::test]
async fn a_second_login_kills_the_first_key() {
    let site = site().await;
    let first = site.log_in("three@example.com", "third").await;
    let second = site.log_in("three@example.com", "third").await;
    assert_eq!(site.call("GET", "/api/Order/List", Some(&first), None).await.status, 401);
    assert_eq!(site.call("GET", "/api/Order/List", Some(&second), None).await.status, 200);
    assert_eq!(site.get("/api/Order/List").await.status, 200, "another user's key lives on");
}

#[tokio::test]
async fn a_key_lives_a_day_and_a_fixed_key_for_ever() {
    let site = site().await;
    let key = site.log_in("three@example.com", "third").await;
    site.clock.advance(TimeDelta::hours(23));
    assert_eq!(site.call("GET", "/api/Order/List", Some(&key), None).await.status, 200);
    site.world.skip_time(TimeDelta::hours(1)).unwrap();
    assert_eq!(site.call("GET", "/api/Order/List", Some(&key), None).await.status, 401);
    assert_eq!(site.get("/api/Order/List").await.status, 200);
}

#[tokio::test]
async fn what_a_user_may_not_do_is_401_too() {
    let site = site().await;
    let id = site.order("SO-1");
    assert_eq!(site.get("/api/Client").await.json().as_array().unwrap().len(), 2);
    let key = site.log_in("reader@example.com", "r").await;
    for (method, path) in [
        ("GET", "/api/Client".to_owned()),
        ("GET", format!("/api/Order/{id}/Cancel")),
        ("PUT", "/api/Order".to_owned()),
    ] {
        assert_eq!(site.call(method, &path, Some(&key), None).await.status, 401, "{path}");
    }
    let action = json!({ "Type": "API", "SourceOrderId": "SO-1" });
    let path = format!("/api/Order/{id}/ConnectActions");
    assert_eq!(site.call("PUT", &path, Some(&key), Some(action)).await.status, 401);
    assert_eq!(site.world.order(id).unwrap().status, 1);
}

#[tokio::test]
async fn a_client_user_sees_only_its_own_orders() {
    let site = site().await;
    let own = site.order("SO-1");
    let foreign = site.world.create_order(logistics_ledger::sandbox::OrderSpec::of(5, "SO-1", &[("N_A", 1)]));
    let key = site.log_in("three@example.com", "third").await;
    assert_eq!(site.call("GET", "/api/Order/List", Some(&key), None).await.ids(), [own]);
    let search = "/api/Order/Search?OrderNumber=SO-1&exactMatch=true";
    assert_eq!(site.call("GET", search, Some(&key), None).await.ids(), [own]);
    assert_eq!(site.call("GET", &format!("/api/Order/{foreign}"), Some(&key), None).await.status, 404);
    assert_eq!(site.get(search).await.ids(), [own, foreign], "an administrator sees both");
}
