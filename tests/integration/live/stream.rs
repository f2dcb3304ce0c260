//! What is sent: from where, of which order, and when it ends.

use std::time::Duration;

use logistics_ledger::access::revoke_key;
use logistics_ledger::live::LiveSettings;
use sqlx::types::Uuid;

use super::world::{Lines, TENANTS, World, key};

#[tokio::test]
async fn it_begins_now_tells_where_that_is_and_sends_what_happens_then() {
    let world = World::create().await;
    let (tenant, viewer) = (TENANTS[1], world.key(TENANTS[1]).await);
    world.write(1, 0..3).await;
    let head = world.head(tenant).await;
    assert!(head >= 2);
    let response = world.ask(&viewer, "", None).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut lines = Lines::of(response);
    let hello = lines.expect("position").await;
    assert_eq!((hello.id, &hello.data["head"]), (Some(head), &head.into()));

    world.write(1, 3..5).await;
    let newest = world.head(tenant).await;
    let told = lines.up_to(newest).await;
    assert_eq!(
        told.iter().filter_map(|line| line.id).collect::<Vec<_>>(),
        (head + 1..=newest).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn it_goes_on_after_a_position_by_header_or_query_and_tells_each_change() {
    let world = World::create().await;
    let (tenant, viewer) = (TENANTS[1], world.key(TENANTS[1]).await);
    world.write(2, 0..3).await;
    let head = world.head(tenant).await;
    let told = world.follow(&viewer, -1).await.up_to(head).await;
    assert_eq!(told.len(), usize::try_from(head).unwrap() + 1);
    for line in &told {
        assert_eq!(line.data["position"], line.id.unwrap());
        assert!(line.data["recorded_at"].is_string());
        if line.event == "hidden" {
            assert_eq!(line.data.as_object().unwrap().len(), 2, "{line:?}");
            continue;
        }
        let (stored, version): (String, i64) =
            sqlx::query_as("select event_type, sequence from events where tenant_id = $1 and position = $2 and aggregate_id = $3")
                .bind(tenant.0)
                .bind(line.id)
                .bind(line.data["order_id"].as_str().unwrap())
                .fetch_one(world.database.pool())
                .await
                .unwrap();
        assert_eq!((&line.data["type"], &line.data["version"]), (&stored.into(), &version.into()));
        assert!(line.data["order"]["warehouse_phase"].is_string());
    }
    // The header is newer than the query, which a browser keeps.
    let mut lines = Lines::of(world.ask(&viewer, "?after=-1", Some("1")).await);
    assert_eq!(lines.expect("position").await.id, Some(1));
    assert_eq!(lines.up_to(head).await[0].id, Some(2));
    let sealed = serde_json::to_string(&told.iter().map(|line| &line.data).collect::<Vec<_>>()).unwrap();
    assert!(["Rosa", "Larco", "sealed", "payload"].iter().all(|word| !sealed.contains(word)), "{sealed}");
}

#[tokio::test]
async fn of_a_withheld_order_nothing_but_positions_is_told_from_memory_too() {
    let world = World::create().await;
    let (tenant, viewer) = (TENANTS[2], world.key(TENANTS[2]).await);
    // Follows from the beginning, so that all is remembered.
    let mut early = world.follow(&viewer, -1).await;
    world.write(3, 0..4).await;
    let head = world.head(tenant).await;
    early.up_to(head).await;
    let order: Uuid = sqlx::query_scalar(
        "select id from logistics_orders where tenant_id = $1 and withheld_reason is null limit 1",
    )
    .bind(tenant.0)
    .fetch_one(world.database.pool())
    .await
    .unwrap();
    world.withhold(order).await;
    let after = world.head(tenant).await;
    assert_eq!(after, head + 1);
    let last = early.up_to(after).await.pop().unwrap();
    assert_eq!(last.event, "hidden", "even the withholding itself: {last:?}");

    let told = world.follow(&viewer, -1).await.up_to(after).await;
    assert_eq!(told.len(), usize::try_from(after).unwrap() + 1);
    let named = told.iter().filter(|line| line.data["order_id"] == order.to_string()).count();
    assert_eq!(named, 0);
    assert!(told.iter().any(|line| line.event == "change") && told.iter().any(|line| line.event == "hidden"));
}

#[tokio::test]
async fn it_ends_once_the_key_is_revoked_or_the_tenant_switched_off() {
    let world = World::create().await;
    let issued = key(&world.database, TENANTS[0]).await;
    let mut lines = world.follow(&issued.text, -1).await;
    lines.expect("position").await;
    assert!(revoke_key(world.database.pool(), issued.id, world.clock.now()).await.unwrap());
    let end = lines.expect("end").await;
    assert_eq!((end.data["code"].as_str(), end.id), (Some("not_admitted"), None));
    assert!(lines.next().await.is_none());

    let mut lines = world.follow(&world.key(TENANTS[1]).await, -1).await;
    lines.expect("position").await;
    world.run("update tenants set is_active = false where id = 2").await;
    assert_eq!(lines.expect("end").await.data["code"], "not_admitted");
}

#[tokio::test]
async fn one_who_does_not_take_what_is_sent_is_let_go_with_the_reason_and_the_rest_is_served() {
    let patience = Duration::from_millis(200);
    let settings = LiveSettings { patience, followers_per_tenant_max: 1, ..LiveSettings::default() };
    let world = World::with(settings).await;
    let viewer = world.key(TENANTS[0]).await;
    world
        .run(
            "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                                 tenant_id, position, recorded_at, leaf_hash)
             select 'logistics_order', '00000000-0000-0000-0000-000000000001', n + 1, 'OrderReleased', '1.0', '{}',
                    '{}', 1, n, now(), sha256('') from generate_series(0, 99999) n",
        )
        .await;
    let mut slow = world.follow(&viewer, -1).await;
    slow.expect("position").await;
    // Nothing is read until it is let go, which shows in there being room for another.
    let mut quick = loop {
        let response = world.ask(&viewer, "?after=99000", None).await;
        if response.status().is_success() {
            break Lines::of(response);
        }
        tokio::time::sleep(patience).await;
    };
    assert_eq!(quick.up_to(99_999).await.len(), 999);
    drop(quick);
    let mut last = slow.next().await.expect("it is told why");
    let mut expected = 0;
    while last.event == "hidden" {
        assert_eq!(last.id, Some(expected), "what came is in order");
        expected += 1;
        last = slow.next().await.expect("it is told why");
    }
    assert_eq!((last.event.as_str(), last.data["code"].as_str()), ("end", Some("too_slow")));
    assert!(slow.next().await.is_none());
    assert!(expected < 99_999, "it was let go before the end");
}

#[tokio::test]
async fn a_stop_ends_streams_with_the_reason_and_does_not_wait_for_them() {
    let world = World::create().await;
    let mut lines = vec![];
    for tenant in TENANTS {
        let mut followed = world.follow(&world.key(tenant).await, -1).await;
        followed.expect("position").await;
        lines.push(followed);
    }
    let World { app, .. } = world;
    let stopped = tokio::spawn(app.stop());
    for mut followed in lines {
        assert_eq!(followed.expect("end").await.data["code"], "stopping");
        assert!(followed.next().await.is_none());
    }
    stopped.await.unwrap();
}
