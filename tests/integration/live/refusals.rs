//! What is refused, and how it is said.

use logistics_domain::TenantId;
use logistics_ledger::live::LiveSettings;
use serde_json::Value;

use super::world::{Lines, STREAM, TENANTS, World};

async fn refused(world: &World, key: &str, query: &str, last: Option<&str>) -> (u16, Value) {
    let response = world.ask(key, query, last).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_position_beyond_the_end_or_none_at_all_is_refused_with_what_to_do() {
    let world = World::create().await;
    let viewer = world.key(TENANTS[0]).await;
    world.write(9, 0..2).await;
    let head = world.head(TENANTS[0]).await;
    let (status, body) = refused(&world, &viewer, &format!("?after={}", head + 1), None).await;
    assert_eq!((status, &body["code"], &body["head"]), (409, &"position_ahead".into(), &head.into()));
    for (query, last, code, field) in [
        ("?after=-2", None, "position_invalid", "after"),
        ("?after=0", Some("soon"), "position_invalid", "Last-Event-ID"),
        ("?after=0", Some("-7"), "position_invalid", "Last-Event-ID"),
        ("?after=soon", None, "query_invalid", "after"),
        ("?before=3", None, "query_invalid", "before"),
    ] {
        let (status, body) = refused(&world, &viewer, query, last).await;
        assert_eq!((status, &body["code"]), (400, &code.into()), "{query} {last:?}");
        assert_eq!(body["field"], field, "{query} {last:?}");
    }
    let ahead = refused(&world, &viewer, "", Some("999999")).await;
    assert_eq!(ahead.0, 409);
}

#[tokio::test]
async fn half_an_upgrade_is_refused_with_the_reason_in_either_language() {
    let world = World::create().await;
    let viewer = world.key(TENANTS[0]).await;
    for (language, told) in [("en", "no WebSocket was asked for"), ("es", "Motivo: ")] {
        let address = format!("http://{}{STREAM}", world.app.address());
        let request = world.client.get(address).header("x-api-key", &viewer).header("upgrade", "websocket");
        let response = request.header("accept-language", language).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 400);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "upgrade_invalid");
        let detail = body["detail"].as_str().unwrap().to_lowercase();
        assert!(detail.contains(&told.to_lowercase()) && detail.contains("connection"), "{detail}");
    }
}

#[tokio::test]
async fn a_foreign_tenant_does_not_exist() {
    let world = World::create().await;
    let viewer = world.key(TENANTS[0]).await;
    for tenant in [TENANTS[1], TenantId(99)] {
        let (status, body) = refused(&world, &viewer, &format!("?after=-2&tenant_id={tenant}"), None).await;
        assert_eq!((status, &body["code"]), (404, &"tenant_unknown".into()));
    }
}

#[tokio::test]
async fn no_more_follow_than_may_of_one_tenant_and_of_all() {
    let settings = LiveSettings { followers_max: 3, followers_per_tenant_max: 2, ..LiveSettings::default() };
    let world = World::with(settings).await;
    let (one, other) = (world.key(TENANTS[0]).await, world.key(TENANTS[1]).await);
    let mut seated = vec![];
    for key in [&one, &one, &other] {
        let mut lines = world.follow(key, -1).await;
        lines.expect("position").await;
        seated.push(lines);
    }
    for key in [&one, &other] {
        let response = world.ask(key, "", None).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"30".parse().unwrap())
        );
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "streams_too_many");
    }
    // Whoever leaves makes room.
    seated.clear();
    loop {
        let response = world.ask(&one, "", None).await;
        if response.status().is_success() {
            Lines::of(response).expect("position").await;
            break;
        }
        tokio::task::yield_now().await;
    }
}
