//! Two instances on one database share the work, the login and the answers.

use logistics_ledger::sandbox::Fault;
use reqwest::Method;
use serde_json::Value;

use super::site::{LADORE, Site};
use super::truth;
use crate::support::service::until;

#[tokio::test]
async fn two_instances_read_each_order_once_with_one_login_and_see_each_others_work() {
    let quick = [("LEDGER_POLL_INTERVAL", "1s"), ("LEDGER_JOB_LEASE", "2s")];
    let site = Site::create(&quick).await;
    let other = site.service.beside(&[]).await;
    let orders: Vec<i64> = (0..30).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.sync().await;
    for id in &orders {
        site.mintsoft.despatch(*id, Some("JD1")).unwrap();
    }
    // Forced through one, seen through the other.
    site.sync().await;
    let list =
        other.get("/api/v1/logistics/orders?limit=200&status=DESPATCHED", &site.ladore).await.expect(200);
    assert_eq!(list["total"], orders.len());
    let discovered = "select count(*) from events where event_type = 'OrderDiscovered'";
    assert_eq!(site.count(discovered).await, i64::try_from(orders.len()).unwrap());
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;

    let polls = "select count(*) from sync_runs where requested_by = 'schedule' and state = 'done'";
    until("the schedule made some runs", async || site.count(polls).await > 2).await;
    let overlapping =
        "select count(*) from sync_runs a join sync_runs b on a.account_id = b.account_id and a.id < b.id
                       and a.started_at < b.finished_at and b.started_at < a.finished_at";
    assert_eq!(site.count(overlapping).await, 0, "runs of one account at the same time");
    assert_eq!(site.count("select count(*) from sync_runs where state = 'failed'").await, 0);

    assert_eq!(site.mintsoft.count_calls("post /api/auth"), 1, "one login serves both");
    site.mintsoft.expire_keys();
    site.sync().await;
    assert_eq!(site.mintsoft.count_calls("post /api/auth"), 2, "and is renewed once");
}

#[tokio::test]
async fn a_sync_that_one_instance_runs_is_under_way_for_the_other() {
    let site = Site::settled(&[]).await;
    let other = site.service.beside(&[]).await;
    site.mintsoft.fail_next(Fault::Slow { milliseconds: 1_500 }, 1, Some("order/list"));
    let path = format!("/api/v1/tenants/{LADORE}/logistics/sync");
    let first = site.service.send(Method::POST, &path, &site.staff, &Value::Null).await;
    assert_eq!(first.status, 202, "{}", first.text);
    let location = first.headers["location"].to_str().unwrap().to_owned();
    let first = first.body;
    let second = other.send(Method::POST, &path, &site.staff, &Value::Null).await.expect(409);
    assert_eq!(second["run_id"], first["run_id"]);
    assert_eq!(location, format!("{path}/{}", first["run_id"].as_str().unwrap()));
    until("the other instance says that it is done", async || {
        let run = other.get(&location, &site.staff).await.expect(200);
        assert_ne!(run["state"], "failed", "{run}");
        run["state"] == "done"
    })
    .await;
}

#[tokio::test]
async fn whoever_starts_learns_which_pieces_of_texts_are_common() {
    let site = Site::settled(&[]).await;
    let common = "select count(*) from logistics_common_pieces";
    let owner = site.database.owner_pool();
    let texts = "insert into logistics_order_searches (logistics_order_id, tenant_id, search_text)
                   select gen_random_uuid(), 7, 'ladore-' || n from generate_series(1, 600) n";
    for sql in [texts, "vacuum analyze logistics_order_searches"] {
        sqlx::raw_sql(sql).execute(owner).await.unwrap();
    }
    let known = async || sqlx::query_scalar::<_, i64>(common).fetch_one(owner).await.unwrap();
    assert_eq!(known().await, 0, "it is looked at again only after a while");
    let _other = site.service.beside(&[]).await;
    until("the other instance looks at the statistics", async || known().await > 0).await;
}

#[tokio::test]
async fn a_service_sweeps_old_runs_by_itself() {
    let mut site = Site::settled(&[]).await;
    let old =
        "insert into sync_runs (id, account_id, requested_by, state, created_at, started_at, finished_at)
               select gen_random_uuid(), id, 'schedule', 'done', old, old, old
               from mintsoft_accounts, (select now() - interval '91 days') as before (old)";
    sqlx::query(old).execute(site.database.owner_pool()).await.unwrap();
    site.service.restart().await;
    let kept = "select count(*) from sync_runs where finished_at < now() - interval '90 days'";
    until("it is swept", async || site.count(kept).await == 0).await;
    assert!(site.count("select count(*) from sync_runs where state = 'done'").await > 0);
}
