//! Exports: the same orders as the list in the same sequence, whole or visibly broken, and plain for spreadsheets.

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_ledger::access::Role;
use logistics_ledger::app::{AppSettings, ConnectionSettings};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use super::world::{LADORE, World, unlimited};
use crate::projections::{order, put_orders};
use crate::support::bar::Bar;
use crate::support::database::TestDatabase;
use crate::support::service::until;

/// More than a portion, so that an export goes on from one to the next.
const ORDERS: i64 = 2300;

async fn export(world: &World, key: &str, query: &str) -> Response {
    let path = format!("/api/v1/logistics/orders/export?{query}");
    world.request(Method::GET, &path).header("x-api-key", key).send().await.unwrap()
}

async fn filled() -> (World, String) {
    let world = World::create().await;
    let mut rows: Vec<_> = (1..=ORDERS).map(order).collect();
    rows[0].tracking_number = Some("=HYPERLINK(1)".into());
    rows[0].courier_service = Some("@courier".into());
    // Two days as London tells them, one in winter and one in summer, a day of Lima's, and an hour.
    rows[1].estimated_delivery = "2026-11-25T00:00:00Z".parse().ok();
    rows[2].estimated_delivery = "2026-07-09T23:00:00Z".parse().ok();
    rows[3].estimated_delivery = "2026-11-25T05:00:00Z".parse().ok();
    rows[3].order_data.details.zone = Some("America/Lima".into());
    rows[4].estimated_delivery = "2026-11-25T02:00:00Z".parse().ok();
    put_orders(world.database.pool(), &rows).await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    (world, key)
}

#[tokio::test]
async fn a_jsonl_export_is_the_whole_list_in_its_sequence() {
    let (world, key) = filled().await;
    let answer = export(&world, &key, "format=jsonl&sort_by=mintsoft_order_number&sort_order=asc").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos.jsonl\"");
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let numbers: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["mintsoft_order_number"].as_str().unwrap().to_owned()
        })
        .collect();
    let mut expected: Vec<String> = (1..=ORDERS).map(|n| format!("ladore-{n}")).collect();
    expected.sort();
    assert_eq!(numbers, expected);

    let few = export(&world, &key, "format=jsonl&search=ladore-230").await.text().await.unwrap();
    let page = world.get("/api/v1/logistics/orders?search=ladore-230", &key).await;
    let lines: Vec<Value> = few.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::Array(lines), page.body["items"]);

    // Too short to be looked up, and so looked for in portions of the list.
    let short =
        export(&world, &key, "format=jsonl&search=la&sort_by=mintsoft_order_number&sort_order=asc").await;
    assert_eq!(short.text().await.unwrap(), text);
}

#[tokio::test]
async fn a_csv_export_opens_in_a_spreadsheet_and_computes_nothing() {
    let (world, key) = filled().await;
    let answer = export(&world, &key, "format=csv&sort_by=created_at&sort_order=asc").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos.csv\"");
    let text = answer.text().await.unwrap();
    let mut lines = csv::ReaderBuilder::new().from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    assert_eq!(lines.headers().unwrap().get(0), Some("Pedido"));
    let rows: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), usize::try_from(ORDERS).unwrap());
    let first = &rows[0];
    assert_eq!(
        (first.get(0), first.get(4), first.get(5)),
        (Some("ladore-1"), Some("'@courier"), Some("'=HYPERLINK(1)"))
    );
    // Noon and a minute in UTC, as Lima has it.
    assert_eq!((first.get(7), first.get(8)), (Some("2026-03-01 07:01:00"), Some("")));
    let promised: Vec<_> = rows[1..5].iter().map(|row| row.get(9).unwrap()).collect();
    assert_eq!(promised, ["2026-11-25", "2026-07-10", "2026-11-25", "2026-11-24 21:00:00"]);
    let none = export(&world, &key, "format=csv&status=nothing").await.text().await.unwrap();
    assert_eq!(none.lines().count(), 1, "a list without orders has its head");
    let english = world.request(Method::GET, "/api/v1/logistics/orders/export?format=csv&search=ladore-2300");
    // A language that was chosen on the pages is none of a program's.
    let english = english.header("x-api-key", &key).header("cookie", "language=es");
    let english = english.header("accept-language", "en").send().await.unwrap();
    let english = english.text().await.unwrap();
    assert!(english.contains("Order,Status,Stage,") && english.contains(",In the warehouse,"), "{english}");
}

#[tokio::test]
async fn an_xlsx_export_is_a_workbook() {
    let (world, key) = filled().await;
    let answer = export(&world, &key, "format=xlsx").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos.xlsx\"");
    let bytes = answer.bytes().await.unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(bytes.starts_with(b"PK") && holds("xl/worksheets/sheet1.xml") && holds("xl/workbook.xml"));
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06", "the archive has its end");
}

#[tokio::test]
async fn roles_that_may_not_export_are_refused_and_a_form_must_be_named() {
    let (world, key) = filled().await;
    let unnamed = world.get("/api/v1/logistics/orders/export", &key).await;
    assert_eq!((unnamed.status, unnamed.code()), (StatusCode::BAD_REQUEST, "query_invalid"));
    assert!(unnamed.detail().contains("format"), "{unnamed:?}");
    let wrong = world.get("/api/v1/logistics/orders/export?format=pdf", &key).await;
    assert!(wrong.detail().contains("xlsx"), "{wrong:?}");
}

/// Sessions of the test's database that hold a snapshot.
async fn exporting(database: &TestDatabase) -> Vec<i32> {
    sqlx::query_scalar(
        "select pid from pg_stat_activity \
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' \
           and xact_start is not null and query like 'select o.id, o.tenant_id%'",
    )
    .fetch_all(database.owner_pool())
    .await
    .unwrap()
}

/// An export that is larger than what the sockets between hold, of which nothing was taken yet.
async fn half_taken() -> (World, String, Response) {
    half_taken_of(World::create().await).await
}

/// The same of this service.
async fn half_taken_of(world: World) -> (World, String, Response) {
    let words = "w".repeat(32_000);
    for first in (0..2000).step_by(1000) {
        let mut rows: Vec<_> = (first + 1..=first + 1000).map(order).collect();
        for row in &mut rows {
            row.order_data.external_reference = Some(words.clone());
        }
        put_orders(world.database.pool(), &rows).await;
    }
    let key = world.key(Role::Admin, Some(LADORE)).await;
    let answer = export(&world, &key, "format=jsonl").await;
    assert_eq!(answer.status(), StatusCode::OK);
    (world, key, answer)
}

#[tokio::test]
async fn an_export_that_breaks_off_does_not_look_whole() {
    let (world, _, answer) = half_taken().await;
    let sessions = exporting(&world.database).await;
    assert_eq!(sessions.len(), 1, "the export waits for its caller");
    sqlx::query("select pg_terminate_backend($1)")
        .bind(sessions[0])
        .execute(world.database.owner_pool())
        .await
        .unwrap();
    assert!(answer.bytes().await.is_err(), "the caller notices");
}

#[tokio::test]
async fn a_caller_that_goes_away_ends_the_work() {
    let (world, key, answer) = half_taken().await;
    assert_eq!(exporting(&world.database).await.len(), 1);
    let second = world.get("/api/v1/logistics/orders/export?format=csv", &key).await;
    assert_eq!((second.status, second.code()), (StatusCode::TOO_MANY_REQUESTS, "export_under_way"));
    assert_eq!(second.headers["retry-after"], "10");
    drop(answer);
    let mut left = 1;
    for _ in 0..200 {
        left = exporting(&world.database).await.len();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(left, 0, "the snapshot was given back");
}

/// A service that gives those under way no time once it stops.
async fn hasty() -> World {
    let connections = ConnectionSettings { ended_within: Duration::ZERO, ..ConnectionSettings::default() };
    World::with(AppSettings { connections, ..unlimited() }).await
}

#[tokio::test]
async fn a_stop_waits_for_no_export_that_is_taken_slowly() {
    let (world, _, mut answer) = half_taken_of(hasty().await).await;
    let much = async {
        let mut bytes = 0;
        while let Ok(Some(piece)) = answer.chunk().await {
            bytes += piece.len();
            if bytes > 16 << 20 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // It breaks off where the service stops.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = world.app.stop() => {}
        () = much => panic!("the stop waits until it is taken"),
    }
}

#[tokio::test]
async fn a_stop_waits_for_no_export_that_the_database_is_slow_to_give() {
    let world = hasty().await;
    put_orders(world.database.pool(), &[order(1)]).await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    let bar = Bar::before(&world.database, "logistics_orders").await;
    let path = "/api/v1/logistics/orders/export?format=jsonl";
    let asking = tokio::spawn(world.request(Method::GET, path).header("x-api-key", key).send());
    until("the export stands at the bar", async || exporting(&world.database).await.len() == 1).await;
    world.app.stop().await;
    assert!(asking.await.unwrap().is_err(), "the caller notices");
    bar.lift().await;
}

/// Since when the session of an export lies idle in its snapshot, if it does, and when its statement began.
async fn lying_idle(database: &TestDatabase) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    sqlx::query_as(
        "select query_start, state_change from pg_stat_activity \
         where datname = current_database() and state = 'idle in transaction' and query like 'select o.id, o.tenant_id%'",
    )
    .fetch_optional(database.owner_pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn whoever_is_slow_over_a_portion_keeps_its_snapshot() {
    let (world, _, mut answer) = half_taken().await;
    let mut before = None;
    // The database ends what lies idle for too long; each piece that is taken has it count anew.
    while let Ok(Some(_)) = answer.chunk().await {
        let now = lying_idle(&world.database).await;
        if let (Some((portion, since)), Some((same, later))) = (before, now)
            && portion == same
            && later > since
        {
            return;
        }
        before = now.or(before);
    }
    panic!("the snapshot lay idle over whole portions");
}
