//! Parked orders over HTTP: listed with reasons, given to a tenant for good, dismissed and shown again.

use logistics_ledger::sandbox::{Fault, OrderSpec};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::site::{CLIENT, Site};
use crate::support::service::until;

const LIST: &str = "logistics/parked-orders";

fn park(site: &Site, number: &str, sku: &str) -> i64 {
    site.sandbox.world().create_order(OrderSpec::of(CLIENT, number, &[(sku, 1)]))
}

/// The one parked order of this number, and its address.
async fn parked(site: &Site, number: &str) -> (Value, String) {
    let listed = site.get(&format!("{LIST}?search={number}")).await.body;
    assert_eq!(listed["total"], 1, "{listed}");
    let order = listed["items"][0].clone();
    let place =
        format!("{LIST}/{}/{}", order["account_id"].as_str().unwrap(), order["row_key"].as_str().unwrap());
    (order, place)
}

async fn owner(site: &Site, mintsoft_order_id: i64) -> Option<i64> {
    sqlx::query_scalar("select tenant_id from logistics_orders where mintsoft_order_id = $1")
        .bind(mintsoft_order_id)
        .fetch_optional(site.world.database.owner_pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn parked_orders_are_listed_counted_by_reason_and_searched() {
    let site = Site::with_both_brands().await;
    park(&site, "tumi-1", "TUMI_A");
    park(&site, "tumi-2", "TUMI_100%");
    park(&site, "ladore-3", "KALLPA_X");
    site.sync(7).await;
    let all = site.get(LIST).await.body;
    assert_eq!(
        (&all["total"], &all["by_reason"]),
        (&json!(3), &json!({"sku_disagrees": 1, "unknown_prefix": 2}))
    );
    for (query, total) in [
        ("reason=unknown_prefix", 2),
        ("reason=no_sku", 0),
        ("search=TUMI-", 2),
        ("search=100%25", 1),
        ("search=kallpa_x", 1),
        ("search=%25", 1),
        ("account_id=00000000-0000-0000-0000-000000000000", 0),
        ("state=dismissed", 0),
        ("limit=1", 3),
    ] {
        let found = site.get(&format!("{LIST}?{query}")).await.body;
        assert_eq!(found["total"], total, "{query}: {found}");
    }
    for bad in ["limit=0", "skip=-1", "state=lost", "reasons=x", "account_id=7"] {
        assert_eq!(site.get(&format!("{LIST}?{bad}")).await.code(), "query_invalid", "{bad}");
    }
}

#[tokio::test]
async fn an_assigned_order_is_taken_in_by_name_and_stays_whatever_later_readings_say() {
    let site = Site::with_both_brands().await;
    let id = park(&site, "AMZ-77", "KALLPA_X");
    site.sync(7).await;
    let (order, place) = parked(&site, "AMZ-77").await;
    assert_eq!(order["reason"], "unknown_prefix");

    let nobody =
        site.send(Method::POST, &format!("{place}/assign"), &json!({"tenant_id": 99, "reason": "x"})).await;
    assert_eq!(
        (nobody.status, &nobody.body["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("tenant_id"))
    );
    let why = json!({"tenant_id": 7, "reason": " "});
    let silent = site.send(Method::POST, &format!("{place}/assign"), &why).await;
    assert_eq!(silent.body["field"], "reason");

    let given = json!({"tenant_id": 7, "reason": "Sold on a market place, as Ladore wrote on Monday"});
    let taken = site.send(Method::POST, &format!("{place}/assign"), &given).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED, "{taken:?}");
    let decision = &taken.body["decisions"][0];
    assert_eq!((&decision["decision"], &decision["tenant_id"]), (&json!("assigned"), &json!(7)));
    assert!(decision["actor"].as_str().unwrap().starts_with("key:"), "{decision}");
    until("the order is Ladore's", async || owner(&site, id).await == Some(7)).await;
    let (source, actor): (String, String) = sqlx::query_as(
        "select metadata->>'source', metadata->>'actor' from events order by position limit 1",
    )
    .fetch_one(site.world.database.owner_pool())
    .await
    .unwrap();
    assert_eq!((source.as_str(), Some(actor.as_str())), ("operator", decision["actor"].as_str()));

    // Every SKU of it is Kallpa's by its prefix, and still no reading takes it away, parks it or withholds it.
    site.sandbox.world().touch(id).unwrap();
    site.sync(7).await;
    site.sync(8).await;
    assert_eq!(owner(&site, id).await, Some(7));
    assert_eq!(site.get(LIST).await.body["total"], 0);
    let path = "logistics/orders?tenant_id=7";
    assert_eq!(site.get(path).await.body["total"], 1, "it is shown to its tenant");
    let shown = site.get(&place).await.body;
    assert_eq!(shown["state"], "settled", "{shown}");

    let other = json!({"tenant_id": 8, "reason": "No, it is Kallpa's"});
    let refused = site.send(Method::POST, &format!("{place}/assign"), &other).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "already_assigned"));
}

#[tokio::test]
async fn an_order_with_a_history_is_given_to_nobody_else() {
    let site = Site::with_both_brands().await;
    let id = park(&site, "ladore-5", "LADORE_A");
    site.sync(7).await;
    assert_eq!(owner(&site, id).await, Some(7));
    site.sandbox.world().edit(id, |order| order.number = "kallpa-5".into()).unwrap();
    site.sandbox.world().edit(id, |order| order.items[0].sku = "KALLPA_A".into()).unwrap();
    site.sync(7).await;
    let (order, place) = parked(&site, "kallpa-5").await;
    assert_eq!(order["reason"], "owner_changed");
    let to_kallpa = json!({"tenant_id": 8, "reason": "It looks like theirs"});
    let refused = site.send(Method::POST, &format!("{place}/assign"), &to_kallpa).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "order_has_owner"));

    // To its owner it may be given: it is shown to it again, and stays so.
    let back = json!({"tenant_id": 7, "reason": "Renamed by mistake in the warehouse"});
    let taken = site.send(Method::POST, &format!("{place}/assign"), &back).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED, "{taken:?}");
    until("it is shown to Ladore again", async || {
        site.get("logistics/orders?tenant_id=7").await.body["total"] == 1
    })
    .await;
    site.sandbox.world().touch(id).unwrap();
    site.sync(7).await;
    assert_eq!(site.get("logistics/orders?tenant_id=7").await.body["total"], 1);
}

#[tokio::test]
async fn a_dismissed_order_is_hidden_until_it_changes_or_is_wanted_back() {
    let site = Site::with_both_brands().await;
    let id = park(&site, "test-1", "TEST_A");
    site.sync(7).await;
    let (_, place) = parked(&site, "test-1").await;
    let why = json!({"reason": "A trial order of the warehouse"});
    let hidden = site.send(Method::POST, &format!("{place}/dismiss"), &why).await;
    assert_eq!((hidden.status, &hidden.body["state"]), (StatusCode::OK, &json!("dismissed")), "{hidden:?}");
    assert_eq!(site.get(LIST).await.body["total"], 0);
    assert_eq!(site.get(&format!("{LIST}?state=dismissed")).await.body["total"], 1);

    site.sandbox.world().touch(id).unwrap();
    site.sync(7).await;
    assert_eq!(site.get(LIST).await.body["total"], 0, "it says what it said before");

    site.sandbox.world().edit(id, |order| order.number = "test-1b".into()).unwrap();
    site.sync(7).await;
    assert_eq!(site.get(LIST).await.body["total"], 1, "it says something else");

    site.send(Method::POST, &format!("{place}/dismiss"), &why).await;
    let back =
        site.send(Method::POST, &format!("{place}/restore"), &json!({"reason": "Let us look again"})).await;
    assert_eq!((back.status, &back.body["state"]), (StatusCode::OK, &json!("open")), "{back:?}");
    let told: Vec<&str> = back.body["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["decision"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["restored", "dismissed", "dismissed"]);
}

#[tokio::test]
async fn an_assigned_order_that_the_warehouse_has_no_more_may_be_dismissed() {
    let site = Site::with_both_brands().await;
    let id = park(&site, "AMZ-9", "OTHER_A");
    site.sync(7).await;
    let (_, place) = parked(&site, "AMZ-9").await;
    let (warehouse, theirs) = (site.sandbox.world(), json!({"tenant_id": 7, "reason": "Ladore's"}));
    warehouse.fail_next(Fault::Status { code: 404 }, 100, Some(&format!("get /api/order/{id}")));
    let taken = site.send(Method::POST, &format!("{place}/assign"), &theirs).await;
    assert_eq!((taken.status, &taken.body["state"]), (StatusCode::ACCEPTED, &json!("assigned")), "{taken:?}");
    until("it is told that the order is gone", async || {
        let shown = site.get(&place).await.body;
        shown["detail"].as_str().unwrap().starts_with("The warehouse does not have the order any more")
    })
    .await;
    let why = json!({"reason": "Deleted in Mintsoft"});
    for (deed, state) in [("dismiss", "dismissed"), ("restore", "open"), ("dismiss", "dismissed")] {
        let done = site.send(Method::POST, &format!("{place}/{deed}"), &why).await;
        assert_eq!((done.status, &done.body["state"]), (StatusCode::OK, &json!(state)), "{done:?}");
        assert_eq!(site.get(&format!("{LIST}?state={state}")).await.body["total"], 1);
    }
    assert_eq!(site.get(&format!("{LIST}?state=assigned")).await.body["total"], 0);

    // It was a mistake after all: asked for once more it is taken in, and then it is nothing that could be hidden.
    warehouse.forget_faults();
    site.send(Method::POST, &format!("{place}/assign"), &theirs).await;
    until("the order is Ladore's", async || site.get(&place).await.body["state"] == "settled").await;
    assert_eq!(owner(&site, id).await, Some(7));
    assert_eq!(site.send(Method::POST, &format!("{place}/dismiss"), &why).await.code(), "already_assigned");
}

#[tokio::test]
async fn of_two_who_assign_at_once_one_is_heard() {
    let site = Site::with_both_brands().await;
    let id = park(&site, "AMZ-1", "OTHER_A");
    site.sync(7).await;
    let (_, place) = parked(&site, "AMZ-1").await;
    let place = format!("{place}/assign");
    let (to_ladore, to_kallpa) =
        (json!({"tenant_id": 7, "reason": "Ladore's"}), json!({"tenant_id": 8, "reason": "Kallpa's"}));
    let both = tokio::join!(
        site.send(Method::POST, &place, &to_ladore),
        site.send(Method::POST, &place, &to_kallpa),
    );
    let mut codes = [both.0.status.as_u16(), both.1.status.as_u16()];
    let winner = if codes[0] == 202 { 7 } else { 8 };
    codes.sort_unstable();
    assert_eq!(codes, [202, 409]);
    until("the order has an owner", async || owner(&site, id).await.is_some()).await;
    site.sync(7).await;
    assert_eq!(owner(&site, id).await, Some(winner));
}

#[tokio::test]
async fn what_is_not_parked_is_not_found() {
    let site = Site::create().await;
    let place = format!("{LIST}/00000000-0000-0000-0000-000000000000/order:1");
    assert_eq!(site.get(&place).await.code(), "parked_order_unknown");
    assert_eq!(site.get(&format!("{place}%00")).await.code(), "parked_order_unknown");
    for (deed, body) in [
        ("assign", json!({"tenant_id": 7, "reason": "x"})),
        ("dismiss", json!({"reason": "x"})),
        ("restore", json!({"reason": "x"})),
    ] {
        let refused = site.send(Method::POST, &format!("{place}/{deed}"), &body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::NOT_FOUND, "parked_order_unknown"),
            "{deed}"
        );
    }
}
