//! Problems in the caller's language, the table of their codes, and the limits that every request meets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use logistics_ledger::access::Role;
use logistics_ledger::words::{Language, Words};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::description::refreshing_documents;
use super::world::{LADORE, World, answer};
use crate::rules::tree::product_files;

/// What stands before the code of a problem where one is made.
const BEFORE: [&str; 4] = ["not_found(", "unavailable(", "unauthorized(", "conflict("];

/// Where a problem is made.
#[derive(Default)]
struct Made {
    /// The statuses that stand beside its code.
    statuses: BTreeSet<u16>,
    /// Whether that is anywhere but in the pages.
    is_of_api: bool,
}

/// Every code that a problem is made with.
fn codes() -> BTreeMap<String, Made> {
    let mut found = BTreeMap::<_, Made>::new();
    for file in product_files() {
        if file.path.starts_with("src/sandbox/") {
            continue;
        }
        let is_of_api = !file.path.starts_with("src/dashboard/");
        let mut note = |code: &str, status: &str| {
            let made = found.entry(code.to_owned()).or_default();
            made.statuses.insert(status_number(status));
            made.is_of_api |= is_of_api;
        };
        let text = file.product();
        for (at, _) in text.match_indices("StatusCode::") {
            let (name, rest) = split_name(&text[at + "StatusCode::".len()..]);
            if let Some(code) = rest.strip_prefix(',').and_then(literal) {
                note(code, name);
            }
        }
        // What the domain refuses is kept with its code.
        let refused = text.split_once("const REFUSED_AT_ONCE").and_then(|(_, rest)| rest.split_once("];"));
        for code in refused.iter().flat_map(|(list, _)| list.lines()).filter_map(literal) {
            note(code, "CONFLICT");
        }
        for word in BEFORE {
            let status = match word {
                "not_found(" => "NOT_FOUND",
                "unavailable(" => "SERVICE_UNAVAILABLE",
                "unauthorized(" => "UNAUTHORIZED",
                _ => "CONFLICT",
            };
            for (at, _) in text.match_indices(word) {
                if let Some(code) = literal(&text[at + word.len()..]) {
                    note(code, status);
                }
            }
        }
    }
    assert!(found.len() > 30, "the search for codes went astray: {:?}", found.keys());
    found
}

fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_uppercase() && letter != '_').unwrap_or(text.len());
    text.split_at(end)
}

/// The code that begins the text, if one does.
fn literal(text: &str) -> Option<&str> {
    let code = text.trim_start().strip_prefix('"')?.split('"').next()?;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    (!code.is_empty() && code.chars().all(plain)).then_some(code)
}

#[test]
fn every_code_has_a_sentence_in_both_languages() {
    for code in codes().keys() {
        for language in Language::ALL {
            let said = Words::of(language).problem(code, &[]);
            let said = said.unwrap_or_else(|| panic!("say problem-{code} in src/words/es.ftl and en.ftl"));
            assert!(said.ends_with('.') && !said.contains("{$"), "{language}: {said}");
        }
    }
}

#[test]
fn the_table_of_codes_in_the_documents_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md");
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- codes: made from the code -->\n", "<!-- end of codes -->");
    let (before, rest) = text.split_once(begin).expect("the table's begin");
    let (kept, after) = rest.split_once(end).expect("the table's end");
    let codes = codes();
    let apart = "\nThe pages under `/dashboard` tell these of themselves alone; no program meets them under `/api/v1`.\n\n";
    let table = [table_of(&codes, true), table_of(&codes, false)].join(apart);
    if refreshing_documents() {
        fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(kept, table, "run UPDATE_DOCS=1 cargo test --test integration api::words");
    }
}

/// The codes that the API has, or those that the pages alone have.
fn table_of(codes: &BTreeMap<String, Made>, is_of_api: bool) -> String {
    let mut table = String::from("| code | status | what it means |\n|---|---|---|\n");
    for (code, made) in codes.iter().filter(|(_, made)| made.is_of_api == is_of_api) {
        let status = made.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let said = Words::of(Language::English).problem(code, &[]).unwrap_or_default();
        writeln!(table, "| `{code}` | {status} | {said} |").unwrap();
    }
    table
}

#[test]
fn a_code_that_has_two_statuses_is_told_with_both() {
    let codes = codes();
    assert_eq!(codes["logistics_config_missing"].statuses, [404, 409].into());
    assert_eq!(codes["body_not_json"].statuses, [400, 415].into());
}

#[test]
fn a_code_that_the_pages_alone_have_is_told_apart() {
    let codes = codes();
    for (code, is_of_api) in
        [("form_outdated", false), ("sign_in_stray", false), ("order_unknown", true), ("rate_limited", true)]
    {
        assert_eq!(codes[code].is_of_api, is_of_api, "{code}");
    }
}

fn status_number(name: &str) -> u16 {
    let reason = name.replace('_', " ").to_lowercase();
    let all = (400..600).filter_map(|code| StatusCode::from_u16(code).ok());
    all.filter(|status| {
        status.canonical_reason().is_some_and(|told| told.to_lowercase().replace('-', " ") == reason)
    })
    .map(|status| status.as_u16())
    .next()
    .unwrap_or_else(|| if name == "UNPROCESSABLE_ENTITY" { 422 } else { panic!("no status {name}") })
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_that_is_asked_for() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let ask = |language: Option<&'static str>, query: &str| {
        let request = world.request(Method::GET, &format!("/api/v1/logistics/orders?{query}"));
        let request = request.header("x-api-key", &key);
        answer(match language {
            Some(language) => request.header("accept-language", language),
            None => request,
        })
    };
    let spanish = ask(Some("es-PE, en;q=0.5"), "limit=many").await;
    assert_eq!(spanish.code(), "query_invalid");
    assert!(spanish.detail().contains("limit: envía un número entero"), "{spanish:?}");
    assert_eq!(spanish.headers["content-language"], "es-PE");
    assert_eq!(spanish.headers["vary"], "accept-language");
    assert_eq!(spanish.headers["x-request-id"].len(), 36);
    for other in [None, Some("fr"), Some("en-GB")] {
        let english = ask(other, "limit=many").await;
        assert!(english.detail().contains("limit: send a whole number"), "{english:?}");
        assert_eq!((english.body["field"].as_str(), english.code()), (Some("limit"), spanish.code()));
    }
    for (query, told) in [("limit=0", "de 1 a 200"), ("page=2", "`skip`"), ("sort_order=up", "`asc`")] {
        let refused = ask(Some("es"), query).await;
        assert!(refused.detail().contains(told), "{refused:?}");
    }
    let staff = world.staff().await;
    let tenant = json!({ "id": 9, "slug": "Not Plain", "name": "x", "timezone": "America/Lima" });
    let refused = world.request(Method::POST, "/api/v1/tenants").header("x-api-key", &staff).json(&tenant);
    let refused = answer(refused.header("accept-language", "es")).await;
    assert!(refused.detail().contains("slug: envía de 1 a 63 minúsculas"), "{refused:?}");
    let nobody =
        answer(world.request(Method::GET, "/api/v1/logistics/orders").header("accept-language", "es")).await;
    assert_eq!((nobody.status, nobody.code()), (StatusCode::UNAUTHORIZED, "credential_missing"));
    assert!(nobody.detail().contains("Falta la credencial"), "{nobody:?}");
    assert!(nobody.headers.contains_key("www-authenticate"), "what a problem brings along stays");
}

#[tokio::test]
async fn what_is_too_long_too_many_or_too_deep_is_refused_before_it_is_worked_on() {
    let world = World::create().await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    let orders = "/api/v1/logistics/orders";
    let long = world.get(&format!("{orders}?search={}", "x".repeat(9_000)), &key).await;
    assert_eq!((long.status, long.code()), (StatusCode::URI_TOO_LONG, "uri_too_long"));
    let heavy =
        world.request(Method::GET, orders).header("x-api-key", &key).header("x-other", "x".repeat(40_000));
    let heavy = answer(heavy).await;
    assert_eq!(heavy.code(), "headers_too_large");
    let many = world.get(&format!("{orders}?{}", "skip=1&".repeat(70)), &key).await;
    assert_eq!((many.status, many.code()), (StatusCode::BAD_REQUEST, "query_invalid"));
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let deep = json!({"order_id": 1, "order_name": deep});
    let deep = world.send(Method::POST, "/api/v1/logistics/links", &key, &deep).await;
    assert_eq!((deep.status, deep.code()), (StatusCode::UNPROCESSABLE_ENTITY, "body_too_deep"));
}

#[tokio::test]
async fn large_json_is_compressed_for_whoever_takes_it_and_head_and_options_are_plain() {
    let world = World::create().await;
    assert!(raw_headers(&world, "/openapi.json").await.contains("content-encoding: gzip"));
    for small_or_page in ["/healthz", "/docs/"] {
        assert!(!raw_headers(&world, small_or_page).await.contains("content-encoding"), "{small_or_page}");
    }

    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let head = world
        .request(Method::HEAD, "/api/v1/logistics/orders")
        .header("x-api-key", &key)
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.headers().contains_key("etag"));
    assert_eq!(head.text().await.unwrap(), "");
    let options = answer(world.request(Method::OPTIONS, "/api/v1/logistics/orders")).await;
    assert_eq!((options.status, options.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    assert!(!options.headers.keys().any(|name| name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn a_long_refusal_is_read_in_either_language_by_who_takes_it_compressed() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let path = format!("/api/v1/logistics/orders?{}=1", "%01".repeat(60));
    for language in ["en", "es"] {
        let asked = world.request(Method::GET, &path).header("x-api-key", &key);
        let refused = answer(asked.header("accept-language", language)).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::BAD_REQUEST, "query_invalid"),
            "{language}"
        );
        assert!(refused.body.to_string().len() > 1024, "it is compressed: {}", refused.body);
    }
}

/// The head of an answer as it goes over the wire; the usual client opens what is compressed, and does not say so.
async fn raw_headers(world: &World, path: &str) -> String {
    let mut stream = TcpStream::connect(world.app.address()).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: ledger\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    head
}
