//! Exports of paid shop orders: the same links as the list in the same sequence, for their tenant alone, and plain for
//! spreadsheets.

use logistics_ledger::access::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use super::world::{KALLPA, LADORE, World};
use crate::support::links::put_missing;

/// More than a portion, so that an export goes on from one to the next.
const LINKS: i64 = 2300;

const EXPORT: &str = "/api/v1/logistics/links/export";

async fn export(world: &World, key: &str, query: &str) -> Response {
    world.request(Method::GET, &format!("{EXPORT}?{query}")).header("x-api-key", key).send().await.unwrap()
}

async fn filled() -> (World, String) {
    let world = World::create().await;
    put_missing(world.database.pool(), LADORE, 1..=LINKS).await;
    put_missing(world.database.pool(), KALLPA, 1..=3).await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    (world, key)
}

#[tokio::test]
async fn a_jsonl_export_is_the_whole_list_of_links_in_its_sequence() {
    let (world, key) = filled().await;
    let answer = export(&world, &key, "format=jsonl&state=not_found").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos-pagados.jsonl\"");
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let read = |line| serde_json::from_str::<Value>(line).unwrap();
    let names: Vec<String> =
        text.lines().map(|line| read(line)["order_name"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<String> = (1..=LINKS).rev().map(|n| format!("#{n}")).collect();
    assert_eq!(names, expected);

    let few = export(&world, &key, "format=jsonl&search=ladore-220").await.text().await.unwrap();
    let page = world.get("/api/v1/logistics/links?search=LADORE-220", &key).await;
    assert_eq!((page.body["total"].as_i64(), few.lines().count()), (Some(11), 11));
    assert_eq!(Value::Array(few.lines().map(read).collect()), page.body["items"]);
    let linked = export(&world, &key, "format=jsonl&state=linked").await.text().await.unwrap();
    assert_eq!(linked, "", "none of them is in the warehouse");

    // What is shown as paid and not in the warehouse: also what is being looked for.
    let sought = "update shop_links set state = 'pending' where tenant_id = 7 and order_id % 2 = 0";
    sqlx::query(sought).execute(world.database.pool()).await.unwrap();
    let missing = export(&world, &key, "format=jsonl&state=not_linked").await.text().await.unwrap();
    assert_eq!(missing.lines().count(), expected.len());
    let page = world.get("/api/v1/logistics/links?state=not_linked", &key).await;
    assert_eq!(page.body["total"].as_u64(), u64::try_from(expected.len()).ok());
}

#[tokio::test]
async fn a_csv_export_of_links_opens_in_a_spreadsheet_in_the_callers_language_and_computes_nothing() {
    let (world, key) = filled().await;
    sqlx::query(
        "update shop_links set order_name = '=HYPERLINK(1)', reason = '@SUM(A1)' where tenant_id = 7 and order_id = 2300",
    )
    .execute(world.database.pool())
    .await
    .unwrap();
    let answer = export(&world, &key, "format=csv").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos-pagados.csv\"");
    let text = answer.text().await.unwrap();
    let mut lines = csv::ReaderBuilder::new().from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let heads: Vec<String> = lines.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(heads[..4], ["Pedido de la tienda", "Estado", "Motivo", "Buscado como"]);
    let rows: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), usize::try_from(LINKS).unwrap());
    let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cells(&rows[0])[..3], ["'=HYPERLINK(1)", "No está en el almacén", "'@SUM(A1)"]);
    let told = cells(&rows[1]);
    assert_eq!(told[2..5], ["El almacén aún no tiene un pedido con este número.", "ladore-2299", "11"]);
    // A minute for each, after noon in UTC, as Lima has it.
    assert_eq!((told[5].as_str(), told[6].as_str(), told[8].as_str()), ("2026-03-02 21:19:00", "", "2299"));

    let none = export(&world, &key, "format=csv&search=nothing").await.text().await.unwrap();
    assert_eq!(none.lines().count(), 1, "a list without links has its head");
    let english = world.request(Method::GET, &format!("{EXPORT}?format=csv&search=2298"));
    let english = english.header("x-api-key", &key).header("accept-language", "en").send().await.unwrap();
    let english = english.text().await.unwrap();
    assert!(
        english.contains("Shop order,Status,Reason,") && english.contains(",Not in the warehouse,"),
        "{english}"
    );
}

#[tokio::test]
async fn an_xlsx_export_of_links_is_a_workbook() {
    let (world, key) = filled().await;
    let answer = export(&world, &key, "format=xlsx").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"pedidos-pagados.xlsx\"");
    let bytes = answer.bytes().await.unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(bytes.starts_with(b"PK") && holds("xl/worksheets/sheet1.xml") && holds("xl/workbook.xml"));
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06", "the archive has its end");
}

#[tokio::test]
async fn another_tenants_links_are_in_no_file_and_what_is_asked_for_must_be_known() {
    let (world, key) = filled().await;
    let kallpa = world.key(Role::Viewer, Some(KALLPA)).await;
    let own = export(&world, &kallpa, "format=jsonl").await.text().await.unwrap();
    assert_eq!(own.lines().count(), 3);
    let foreign = export(&world, &kallpa, "format=jsonl&search=ladore-1").await.text().await.unwrap();
    assert_eq!(foreign, "");
    let refused = world.get(&format!("{EXPORT}?format=csv&tenant_id=7"), &kallpa).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "tenant_unknown"));
    let long = "x".repeat(201);
    let wrongs = ["", "format=pdf", "format=csv&state=lost", &format!("format=csv&search={long}")];
    for wrong in wrongs {
        let refused = world.get(&format!("{EXPORT}?{wrong}"), &key).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "query_invalid"), "{wrong}");
    }
    let long = world.get(&format!("/api/v1/logistics/links?search={long}"), &key).await;
    assert_eq!((long.status, long.code()), (StatusCode::BAD_REQUEST, "query_invalid"));
}
