//! The host's own call for a link, and the list of what is paid and not in the warehouse, over the API.

use logistics_ledger::access::{KeyRequest, Role, issue_key};
use logistics_ledger::api::{self, Gate, Links};
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::links::mark_look;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::site::{KALLPA, LADORE, Site, http, paid_order};
use crate::support::world::sources;

/// The API beside the webhook endpoints.
struct Desk {
    site: Site,
    url: String,
    http: reqwest::Client,
    _server: AbortOnDropHandle<()>,
}

impl Desk {
    async fn create() -> Self {
        let site = Site::create().await;
        let gate = Gate::over(site.pool().clone(), site.tenancy.clone(), site.clock.clone());
        let sources = sources(site.pool(), site.clock.clone(), SyncSettings::default());
        let routes = Links::over(&gate, &sources).routes();
        let router = api::router(&gate, routes, axum::Router::new(), api::TIME_LIMIT);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v1/logistics/links", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { site, url, http: http(), _server: AbortOnDropHandle::new(server) }
    }

    async fn key(&self, role: Role) -> String {
        let tenant = (role != Role::Superadmin).then_some(LADORE);
        let request = KeyRequest { tenant, role, label: String::new(), expires_at: None };
        issue_key(self.site.pool(), &request, self.site.now()).await.unwrap().text
    }

    async fn ask(&self, key: &str, query: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{query}", self.url)).header("x-api-key", key).json(body);
        said(request).await
    }

    async fn list(&self, key: &str, query: &str) -> (u16, Value) {
        said(self.http.get(format!("{}{query}", self.url)).header("x-api-key", key)).await
    }
}

async fn said(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn the_hosts_call_is_accepted_and_shown_as_pending() {
    let desk = Desk::create().await;
    let key = desk.key(Role::Ventas).await;
    let (status, link) = desk.ask(&key, "", &json!({"order_id": 812, "order_name": "#1001"})).await;
    assert_eq!((status, &link["state"], &link["order_id"]), (202, &json!("pending"), &json!(812)));
    assert_eq!(link["candidates"], json!([{"number": "ladore-1001", "basis": "name"}]));
    assert!(link["requested_by"].as_str().unwrap().starts_with("key:"));
    let (status, page) = desk.list(&key, "?state=pending").await;
    assert_eq!(
        (status, &page["total"], &page["skip"], &page["limit"]),
        (200, &json!(1), &json!(0), &json!(50))
    );
    assert_eq!(page["items"][0], link);
}

#[tokio::test]
async fn a_delivery_and_the_hosts_call_are_one_link_under_the_hosts_id() {
    let desk = Desk::create().await;
    desk.site.shopify("d", &paid_order(1, "#1001")).await;
    desk.site.work().await;
    let key = desk.key(Role::Admin).await;
    desk.ask(&key, "", &json!({"order_id": 812, "order_name": "1001"})).await;
    let (_, page) = desk.list(&key, "").await;
    assert_eq!((&page["total"], &page["items"][0]["order_id"]), (&json!(1), &json!(812)));
}

#[tokio::test]
async fn what_is_paid_and_not_in_the_warehouse_is_listed_with_its_reason() {
    let desk = Desk::create().await;
    let key = desk.key(Role::Viewer).await;
    desk.site.shopify("d", &paid_order(1, "#1001")).await;
    desk.site.work().await;
    let (_, page) = desk.list(&key, "").await;
    let id = page["items"][0]["id"].as_str().unwrap().parse().unwrap();
    let mut conn = desk.site.pool().acquire().await.unwrap();
    mark_look(&mut conn, (id, i64::MAX), true, "No order carries the number.", desk.site.now())
        .await
        .unwrap();
    let (_, page) = desk.list(&key, "?state=not_found").await;
    assert_eq!(page["items"][0]["reason"], "No order carries the number.");
    assert_eq!(desk.list(&key, "?state=linked").await.1["total"], 0);
}

#[tokio::test]
async fn only_those_who_may_ask_for_links_and_staff_name_the_tenant() {
    let desk = Desk::create().await;
    let body = json!({"order_id": 812, "order_name": "#1001"});
    for role in [Role::Logistica, Role::Viewer, Role::Auditor] {
        let key = desk.key(role).await;
        assert_eq!(desk.ask(&key, "", &body).await.0, 403, "{role}");
        assert_eq!(desk.list(&key, "").await.0, 200, "{role}");
    }
    let staff = desk.key(Role::Superadmin).await;
    assert_eq!(desk.ask(&staff, "", &body).await.0, 400);
    assert_eq!(desk.ask(&staff, &format!("?tenant_id={LADORE}"), &body).await.0, 202);
    let admin = desk.key(Role::Admin).await;
    assert_eq!(desk.ask(&admin, &format!("?tenant_id={KALLPA}"), &body).await.0, 404);
    assert_eq!(desk.list(&staff, &format!("?tenant_id={KALLPA}")).await.1["total"], 0);
    assert_eq!(desk.list("nonsense", "").await.0, 401);
}

#[tokio::test]
async fn bad_input_is_told_and_loses_nothing() {
    let desk = Desk::create().await;
    let key = desk.key(Role::Admin).await;
    for (body, status) in [
        (json!({"order_id": 0, "order_name": "#1"}), 422),
        (json!({"order_id": 1_000_000_000, "order_name": "#1"}), 422),
        (json!({"order_id": 1, "order_name": " # "}), 422),
        (json!({"order_id": 1, "order_name": "a\u{0}"}), 422),
        (json!({"order_id": 1, "order_name": "9".repeat(500)}), 422),
        (json!({"order_id": "1", "order_name": "#1"}), 422),
        (json!({"order_id": 1}), 422),
        (json!({"order_id": 1, "order_name": "#1", "more": 1}), 422),
        (json!([]), 422),
    ] {
        let (found, told) = desk.ask(&key, "", &body).await;
        assert_eq!(found, status, "{body}");
        assert!(!told["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(desk.ask(&key, "", &json!({"order_id": 1, "order_name": "#1"})).await.0, 202);
    let (status, told) = desk.ask(&key, "", &json!({"order_id": 1, "order_name": "#2"})).await;
    assert_eq!((status, &told["code"]), (409, &json!("order_id_taken")));
    for query in ["?state=lost", "?limit=0", "?limit=201", "?skip=-1", "?more=1"] {
        assert_eq!(desk.list(&key, query).await.0, 400, "{query}");
    }
    assert_eq!(desk.list(&key, "").await.1["total"], 1);
}
