//! `/metrics`: what it shows, whom it shows it to, and what never stands in it; and health where a part has stopped.

use std::time::Duration;

use logistics_ledger::access::Role;
use logistics_ledger::api::{self, Gate, MetricsAccess, Routes};
use logistics_ledger::app::AppSettings;
use logistics_ledger::jobs::{Pulse, WorkerSettings};
use logistics_ledger::telemetry;
use reqwest::{Method, StatusCode};
use tower::ServiceExt as _;

use super::addresses::NOBODYS;
use super::world::{LADORE, World, answer};
use crate::support::service::until;
use crate::support::world;

async fn page(world: &World) -> String {
    let got = answer(world.request(Method::GET, "/metrics")).await;
    assert_eq!(got.status, StatusCode::OK, "{got:?}");
    assert_eq!(got.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    got.body.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn requests_are_counted_by_template_and_nothing_of_a_tenant_is_told() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let path = format!("/api/v1/logistics/orders/{NOBODYS}");
    assert_eq!(world.get(&path, &key).await.status, StatusCode::NOT_FOUND);
    world.get("/api/v1/secret-place/of-nobody", &key).await;
    let page = page(&world).await;
    for line in [
        "ledger_requests_total{route=\"/api/v1/logistics/orders/{id}\",method=\"GET\",status=\"404\"} 1",
        "ledger_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1",
        "ledger_request_seconds_bucket{route=\"/api/v1/logistics/orders/{id}\",method=\"GET\",le=\"10\"} 1",
        "ledger_database_up 1",
        "ledger_pool_connections{pool=\"service\",state=\"max\"} 10",
        "ledger_pool_connections{pool=\"reader\",state=\"max\"} 10",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    for word in ["ladore", "kallpa", "of-nobody", NOBODYS, &key] {
        assert!(!page.contains(word), "{word}\n{page}");
    }
}

#[tokio::test]
async fn dead_letters_of_both_kinds_are_told_until_somebody_dismisses_them() {
    let world = World::create().await;
    let told = async |deliveries: i64, jobs: i64| {
        let page = page(&world).await;
        for (kind, count) in [("delivery", deliveries), ("job", jobs)] {
            let line = format!("ledger_dead_letters{{kind=\"{kind}\"}} {count}\n");
            assert!(page.contains(&line), "{line}\n{page}");
        }
    };
    told(0, 0).await;
    sqlx::raw_sql(
        "insert into jobs (kind, state, finished_at)
         select 'post_comment', 'dead', now() from generate_series(1, 3);
         insert into inbox_deliveries (id, source, tenant_id, topic, dedupe_key, body_sealed, body_sha256, body_bytes,
                                       received_at, state, reason, processed_at)
         values (gen_random_uuid(), 'shopify', 7, 'orders/paid', 'd1', '', sha256(''), 0, now(), 'dead', 'unreadable', now());",
    )
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    told(1, 3).await;
    sqlx::raw_sql(
        "insert into dead_letter_dismissals (letter, reason, actor, dismissed_at)
         select 'job-' || min(id), 'seen to', 'user:1', now() from jobs where state = 'dead';
         insert into dead_letter_dismissals (letter, reason, actor, dismissed_at)
         select 'delivery-' || id, 'seen to', 'user:1', now() from inbox_deliveries;",
    )
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    told(0, 2).await;
}

#[tokio::test]
async fn without_a_token_only_this_machine_reads_and_not_through_a_proxy() {
    let world = World::create().await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let passed_on = world.request(Method::GET, "/metrics").header(header, "127.0.0.1");
        let got = answer(passed_on).await;
        assert_eq!((got.status, got.code()), (StatusCode::FORBIDDEN, "metrics_local_only"), "{header}");
        assert!(got.detail().contains("LEDGER_METRICS_TOKEN"));
    }
}

#[tokio::test]
async fn a_service_with_a_public_address_shows_nothing_without_a_token() {
    let world = World::with(AppSettings { metrics: MetricsAccess::Nobody, ..AppSettings::default() }).await;
    let got = answer(world.request(Method::GET, "/metrics")).await;
    assert_eq!((got.status, got.code()), (StatusCode::FORBIDDEN, "metrics_token_unset"));
}

#[tokio::test]
async fn with_a_token_whoever_has_it_reads_and_nobody_else() {
    let metrics = MetricsAccess::Bearer("0123456789abcdef".to_owned().into());
    let world = World::with(AppSettings { metrics, ..AppSettings::default() }).await;
    let ask = async |token: &str| {
        let request = world.request(Method::GET, "/metrics").header("x-forwarded-for", "192.0.2.1");
        answer(request.header("authorization", token)).await
    };
    assert_eq!(ask("Bearer 0123456789abcdef").await.status, StatusCode::OK);
    for wrong in ["Bearer 0123456789abcdeF", "Bearer ", "Basic 0123456789abcdef", "0123456789abcdef"] {
        let got = ask(wrong).await;
        assert_eq!((got.status, got.code()), (StatusCode::UNAUTHORIZED, "metrics_token_invalid"), "{wrong}");
    }
    let none = answer(world.request(Method::GET, "/metrics")).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_shows_in_every_meter_that_it_passes() {
    telemetry::measure();
    let site = world::World::shared().await;
    site.order("ladore-1001");
    site.poll().await;
    let measured = telemetry::measured();
    for name in [
        "ledger_commits_total 1",
        "ledger_commit_orders_bucket{le=\"1\"} 1",
        "ledger_events_appended_total",
        "ledger_jobs_total{kind=\"poll_account\",outcome=\"done\"} 1",
        "ledger_upstream_calls_total{outcome=\"2xx\"}",
        "ledger_upstream_call_seconds_count{outcome=\"2xx\"}",
    ] {
        assert!(measured.contains(name), "{name}\n{measured}");
    }

    let gate = Gate::over(site.pool().clone(), site.sources.tenancy.clone(), site.clock.clone());
    let open = Gate { metrics: MetricsAccess::Bearer("t".to_owned().into()), ..gate };
    let router = api::router(&open, Routes::behind(&open), axum::Router::new(), api::TIME_LIMIT);
    let request = axum::http::Request::get("/metrics").header("authorization", "Bearer t");
    let answered = router.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    let body = axum::body::to_bytes(answered.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    for line in [
        format!("ledger_poll_lag_seconds{{account=\"{}\"}}", site.account.0),
        "ledger_events{tenant=\"7\"}".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn a_worker_that_no_longer_turns_makes_the_service_unready() {
    let worker = WorkerSettings { pulse: Pulse::within(Duration::ZERO), ..WorkerSettings::default() };
    let world = World::with(AppSettings { worker, ..AppSettings::default() }).await;
    until("the silence is told", async || {
        let got = answer(world.request(Method::GET, "/readyz")).await;
        got.status == StatusCode::SERVICE_UNAVAILABLE && got.code() == "worker_silent"
    })
    .await;
    assert_eq!(answer(world.request(Method::GET, "/healthz")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_service_whose_readers_find_no_database_is_not_ready() {
    let world = World::create().await;
    let sources = world.app.sources();
    let gate = Gate::over(sources.pool.clone(), sources.tenancy.clone(), sources.clock.clone());
    let router = api::router(&gate, Routes::behind(&gate), axum::Router::new(), api::TIME_LIMIT);
    let ask = async || {
        let request = axum::http::Request::get("/readyz").body(axum::body::Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(ask().await, StatusCode::OK);
    gate.reader.close().await;
    assert_eq!(ask().await, StatusCode::OK, "what was found a moment ago is told without asking again");
    until("it is found out", async || ask().await == StatusCode::SERVICE_UNAVAILABLE).await;
}
