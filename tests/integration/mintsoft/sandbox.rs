//! The client against the sandbox, which writes its JSON by itself: a misreading on either side shows here.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::clock::Clock;
use logistics_ledger::mintsoft::wire::{NewConnectAction, Order, OrderStatus, Row};
use logistics_ledger::mintsoft::{
    Credentials, DocumentKind, MintsoftAccount, OrderListQuery, UpstreamError, wall_clock,
};
use logistics_ledger::sandbox::{
    Brand, Fault, OrderSpec, Sandbox, SandboxSettings, SandboxUser, WorldHandle,
};

use super::stub::Scene;

struct Site {
    scene: Scene,
    sandbox: Sandbox,
    world: WorldHandle,
}

impl Site {
    async fn at(start: &str) -> Self {
        let clock = Clock::manual(DateTime::parse_from_rfc3339(start).unwrap().to_utc());
        let sandbox = Sandbox::start(SandboxSettings {
            clock: clock.clone(),
            users: vec![
                SandboxUser::admin("ada", "right").with_static_key("fixed-key"),
                SandboxUser {
                    can_edit: false,
                    can_cancel: false,
                    ..SandboxUser::client("reader", "right", 3)
                },
            ],
            ..SandboxSettings::default()
        })
        .await
        .unwrap();
        let scene = Scene { clock, ..Scene::create().await };
        Self { world: sandbox.world(), sandbox, scene }
    }

    async fn start() -> Self {
        Self::at("2026-02-09T14:00:00Z").await
    }

    fn account(&self, credentials: Credentials) -> MintsoftAccount {
        let mut access = self.scene.access(credentials);
        access.api_url = self.sandbox.url();
        self.scene.client().account(access)
    }

    fn by_login(&self) -> MintsoftAccount {
        self.account(Credentials::login("ada", "right"))
    }

    fn order(&self, number: &str) -> i64 {
        self.world.create_order(OrderSpec::of(3, number, &[("LADORE_A", 1), ("LADORE_B", 2)]))
    }
}

fn read(row: &Row<Order>) -> &Order {
    row.parsed.as_ref().unwrap()
}

fn ids(rows: &[Row<Order>]) -> Vec<i64> {
    rows.iter().map(|row| row.id.unwrap()).collect()
}

async fn since(account: &MintsoftAccount, since: DateTime<Utc>) -> Vec<i64> {
    let query =
        OrderListQuery { since_last_updated: Some(since), oldest_first: true, ..OrderListQuery::default() };
    ids(&account.order_list(&query).await.unwrap().value)
}

#[tokio::test]
async fn every_order_of_the_account_is_found_page_by_page() {
    let site = Site::start().await;
    let mut made = site.world.create_bulk(230, &Brand::of(3, "LADORE"));
    let account = site.by_login();
    let mut found = Vec::new();
    for page in 1..=3 {
        let query =
            OrderListQuery { page, oldest_first: true, include_items: true, ..OrderListQuery::default() };
        let rows = account.order_list(&query).await.unwrap().value;
        assert!(rows.iter().all(|row| !read(row).order_items.as_ref().unwrap().is_empty()));
        found.extend(ids(&rows));
    }
    found.sort_unstable();
    made.sort_unstable();
    assert_eq!(found, made);
}

#[tokio::test]
async fn an_order_is_found_by_number_and_by_id_with_its_lines() {
    let site = Site::start().await;
    let id = site.order("LADORE-#10/2");
    let account = site.by_login();
    assert_eq!(ids(&account.order_search("LADORE-#10/2", true).await.unwrap().value), [id]);
    assert!(account.order_search("LADORE-#11", true).await.unwrap().value.is_empty());
    let row = account.order(id).await.unwrap().value.unwrap();
    let order = read(&row);
    let skus: Vec<_> = order.order_items.as_ref().unwrap().iter().map(|item| item.sku.as_deref()).collect();
    assert_eq!(skus, [Some("LADORE_A"), Some("LADORE_B")]);
    assert_eq!((order.order_number.as_deref(), order.client_id), (Some("LADORE-#10/2"), Some(3)));
    assert_eq!(order.country.as_ref().unwrap().code.is_some(), order.country_id.is_some());
    let updated = wall_clock::read(order.last_updated.as_deref().unwrap(), wall_clock::DEFAULT_ZONE).unwrap();
    assert_eq!(updated.map(|at| (at - site.world.now()).num_minutes()), Some(0));
    assert!(account.order(id + 1_000).await.unwrap().value.is_none());
}

#[tokio::test]
async fn a_delta_is_asked_for_on_the_local_clock_in_summer_too() {
    let site = Site::at("2026-07-06T09:00:00Z").await;
    let early = site.order("SO-1");
    site.world.skip_time(TimeDelta::minutes(30)).unwrap();
    let late = site.order("SO-2");
    let account = site.by_login();
    let now = site.world.now();
    assert_eq!(since(&account, now - TimeDelta::minutes(10)).await, [late]);
    assert_eq!(since(&account, now - TimeDelta::minutes(50)).await, [early, late]);
    assert!(since(&account, now + TimeDelta::minutes(10)).await.is_empty());
}

#[tokio::test]
async fn a_key_that_dies_after_a_day_or_at_any_moment_is_replaced() {
    let site = Site::start().await;
    let account = site.by_login();
    account.order_statuses().await.unwrap();
    site.world.expire_keys();
    account.order_statuses().await.unwrap();
    site.world.skip_time(TimeDelta::hours(25)).unwrap();
    account.order_statuses().await.unwrap();
    site.world.fail_next(Fault::Unauthorized, 1, Some("order/statuses"));
    account.order_statuses().await.unwrap();
    assert_eq!(site.world.count_calls("/api/auth"), 4);
}

#[tokio::test]
async fn who_may_not_cancel_is_told_so() {
    let site = Site::start().await;
    let id = site.order("SO-1");
    let error = site.account(Credentials::login("reader", "right")).cancel(id).await.unwrap_err();
    assert!(
        matches!(error, UpstreamError::NotPermitted | UpstreamError::Refused { .. })
            && !error.may_have_acted(),
        "{error}"
    );
}

#[tokio::test]
async fn an_order_is_cancelled_once_and_a_despatched_one_is_refused() {
    let site = Site::start().await;
    let (id, gone) = (site.order("SO-1"), site.order("SO-2"));
    site.world.despatch(gone, Some("JD01")).unwrap();
    let account = site.by_login();
    account.cancel(id).await.unwrap();
    assert_eq!(read(&account.order(id).await.unwrap().value.unwrap()).order_status_id, Some(3));
    let error = account.cancel(gone).await.unwrap_err();
    assert!(matches!(&error, UpstreamError::Refused { message } if !message.is_empty()), "{error}");
    let error = account.cancel(gone + 1_000).await.unwrap_err();
    assert!(!error.may_have_acted() && !error.is_transient(), "{error}");
}

#[tokio::test]
async fn an_action_whose_answer_is_lost_is_not_repeated() {
    let site = Site::start().await;
    let id = site.order("SO-1");
    let account = site.account(Credentials::api_key("fixed-key"));
    site.world.fail_next(Fault::LostAnswer, 1, Some("cancel"));
    let error = account.cancel(id).await.unwrap_err();
    assert!(error.may_have_acted(), "{error}");
    assert_eq!(site.world.count_calls("/cancel"), 1);
    assert_eq!(read(&account.order(id).await.unwrap().value.unwrap()).order_status_id, Some(3));
}

#[tokio::test]
async fn comments_callbacks_documents_and_parcels_go_there_and_back() {
    let site = Site::start().await;
    let id = site.order("SO-1");
    let document = site.world.add_document(id, 5, "label.pdf").unwrap();
    site.world.add_shipment(id, "JD01", true).unwrap();
    assert!(site.world.add_tracking_event(id, "Delivered").unwrap());
    let account = site.by_login();

    account.post_comment(id, "Customer asks for a morning delivery", true).await.unwrap();
    let comments = account.comments(id).await.unwrap().value;
    let comment = comments[0].parsed.as_ref().unwrap();
    assert_eq!(comment.comment.as_deref(), Some("Customer asks for a morning delivery"));
    assert_eq!(comment.last_updated_by.as_deref(), Some("ada-API"));

    assert!(account.connect_actions(id).await.unwrap().value.is_empty());
    let action = NewConnectAction {
        source_order_id: format!("SO-1/{id}"),
        despatched_url: "https://hooks.example.com/despatched".to_owned(),
        ..NewConnectAction::default()
    };
    account.put_connect_action(id, &action).await.unwrap();
    let actions = account.connect_actions(id).await.unwrap().value;
    let there = actions[0].parsed.as_ref().unwrap();
    assert_eq!(
        (there.kind.as_deref(), there.despatched_url.as_deref()),
        (Some("API"), Some("https://hooks.example.com/despatched"))
    );

    assert_eq!(account.documents(id).await.unwrap().value[0].id, Some(document));
    assert_eq!(account.document_data(id, document).await.unwrap().value.kind, DocumentKind::Pdf);

    let shipments = account.shipments(id).await.unwrap().value;
    assert_eq!(shipments[0].parsed.as_ref().unwrap().number.as_deref(), Some("JD01"));
    let events =
        account.tracking_events(Some(site.world.now() - TimeDelta::minutes(5)), 1).await.unwrap().value;
    let event = events[0].parsed.as_ref().unwrap();
    assert_eq!(event.order_shipment.as_ref().and_then(|shipment| shipment.order_id), Some(id));
    let statuses = account.tracking_statuses().await.unwrap().value;
    let delivered = statuses
        .iter()
        .find(|row| row.parsed.as_ref().is_ok_and(|status| status.name.as_deref() == Some("Delivered")));
    assert_eq!(delivered.and_then(|row| row.id), event.tracking_status_id);
}

#[tokio::test]
async fn the_lists_of_names_are_read() {
    let site = Site::start().await;
    let account = site.by_login();
    let statuses = account.order_statuses().await.unwrap().value;
    let name = |row: &Row<OrderStatus>| row.parsed.as_ref().unwrap().name.clone().unwrap();
    assert!(statuses.iter().map(name).any(|name| name == "DESPATCHED"));
    let services = account.courier_services().await.unwrap().value;
    assert!(services.iter().all(|row| row.parsed.as_ref().unwrap().name.is_some()));
}

#[tokio::test]
async fn passing_trouble_is_borne_and_broken_answers_are_told() {
    let mut site = Site::start().await;
    site.scene.settings.body_limit_bytes = 100_000;
    let account = site.by_login();
    account.order_statuses().await.unwrap();
    for fault in [
        Fault::HtmlBadGateway,
        Fault::Status { code: 503 },
        Fault::Status { code: 500 },
        Fault::LostAnswer,
        Fault::Slow { milliseconds: 50 },
    ] {
        site.world.fail_next(fault.clone(), 1, Some("order/statuses"));
        assert!(account.order_statuses().await.is_ok(), "{fault:?}");
    }
    for fault in [Fault::NotAnArray, Fault::NullBody, Fault::HtmlOk, Fault::TruncatedJson] {
        site.world.fail_next(fault.clone(), 1, Some("order/statuses"));
        let error = account.order_statuses().await.unwrap_err();
        assert!(matches!(error, UpstreamError::ContractViolation { .. }), "{fault:?}: {error}");
    }
    site.world.fail_next(Fault::Oversize { bytes: 200_000 }, 1, Some("order/statuses"));
    let error = account.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::TooLarge { .. }), "{error}");
    site.world.fail_next(Fault::TooManyRequests { retry_after_seconds: Some(30) }, 1, None);
    let error = account.order_statuses().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)), "{error}");
}
