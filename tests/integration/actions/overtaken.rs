//! An order that moves on between a wish and its call, in a warehouse that does whatever it is asked: what the ledger knows by
//! then decides, and not what it knew when it was asked.

use futures_util::future::join;
use logistics_ledger::sandbox::{Fault, SandboxSettings, status};
use serde_json::json;

use super::desk::{calls, cancel, count, known_order, settled, silent};
use super::quiet::QuietDesk;
use crate::service::site::Site;
use crate::support::bar::Bar;
use crate::support::service::until;

/// Another client of the warehouse than the brands'.
const STRANGER: i64 = 99;

/// A warehouse that cancels what has left. A lost call is settled two seconds later, so that the test comes between.
async fn obliging() -> Site {
    let settings = [("LEDGER_UPSTREAM_TIMEOUT", "6s"), ("LEDGER_RECHECK_INTERVAL", "1h")];
    let sandbox = SandboxSettings { refuse_cancel_of_despatched: false, ..SandboxSettings::default() };
    silent(&settings, sandbox).await
}

/// The status of an order in the warehouse.
fn status_of(site: &Site, upstream: i64) -> i32 {
    site.mintsoft.order(upstream).unwrap().status
}

#[tokio::test]
async fn an_order_that_leaves_after_a_lost_call_is_not_cancelled_by_the_next() {
    let site = obliging().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Disconnect, 1, Some("/cancel"));
    let leaving = async {
        until("the call is lost", async || calls(&site, upstream) == 1).await;
        site.mintsoft.despatch(upstream, Some("JD1")).unwrap();
    };
    let (_answer, ()) = join(cancel(&site, &order, None, "mistake"), leaving).await;
    let state = settled(&site, &order).await;
    assert_eq!(state["state"], "refused", "{state}");
    assert!(state["message"].as_str().unwrap().contains("left the warehouse"), "{state}");
    assert_eq!(calls(&site, upstream), 1);
    assert_eq!(status_of(&site, upstream), status::DESPATCHED);
    assert_eq!(count(&site, &order, "CancellationRefused").await, 1);
    let dead = "select count(*) from jobs where kind = 'cancel_order' and state = 'dead'";
    assert_eq!(site.count(dead).await, 0, "nobody has to look after it");
}

#[tokio::test]
async fn an_order_that_comes_into_doubt_after_a_lost_call_is_not_cancelled_by_the_next() {
    let site = obliging().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Disconnect, 1, Some("/cancel"));
    let moving = async {
        until("the call is lost", async || calls(&site, upstream) == 1).await;
        site.mintsoft.set_client(upstream, STRANGER).unwrap();
    };
    let (_answer, ()) = join(cancel(&site, &order, None, "mistake"), moving).await;
    let refused = "select count(*) from events where event_type = 'CancellationRefused'
                     and payload::text like '%It is not settled whose order this is%'";
    until("it is refused", async || site.count(refused).await == 1).await;
    assert_eq!(calls(&site, upstream), 1);
    assert_eq!(status_of(&site, upstream), status::NEW);
}

#[tokio::test]
async fn an_order_that_is_cancelled_in_the_warehouse_after_a_lost_call_is_what_was_wanted() {
    let site = obliging().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    site.mintsoft.fail_next(Fault::Disconnect, 1, Some("/cancel"));
    let cancelling = async {
        until("the call is lost", async || calls(&site, upstream) == 1).await;
        site.mintsoft.cancel(upstream).unwrap();
    };
    let (_answer, ()) = join(cancel(&site, &order, None, "mistake"), cancelling).await;
    assert_eq!(settled(&site, &order).await["state"], "confirmed");
    assert_eq!(calls(&site, upstream), 1);
}

#[tokio::test]
async fn a_first_call_that_has_to_wait_is_not_made_once_a_poll_told_that_the_order_left() {
    let site = obliging().await;
    let (upstream, order) = known_order(&site, "ladore-1").await;
    let open = "insert into order_requests
           (request_id, tenant_id, stream_id, kind, fingerprint, requested_by, created_at, calls_begun, call_open)
         values (gen_random_uuid(), 7, $1::uuid, 'cancel', '', 'user:x', now(), 1, true)";
    let owner = site.database.owner_pool();
    sqlx::query(open).bind(&order).execute(owner).await.unwrap();
    let leaving = async {
        let tried = "select count(*) from jobs where kind = 'cancel_order' and attempts > 0";
        until("the call waits for another", async || site.count(tried).await == 1).await;
        site.mintsoft.despatch(upstream, Some("JD1")).unwrap();
        site.sync().await;
        sqlx::query("update order_requests set call_open = false").execute(owner).await.unwrap();
    };
    let (_answer, ()) = join(cancel(&site, &order, None, "mistake"), leaving).await;
    assert_eq!(settled(&site, &order).await["state"], json!("refused"));
    assert_eq!((calls(&site, upstream), status_of(&site, upstream)), (0, status::DESPATCHED));
}

#[tokio::test]
async fn words_of_a_person_who_is_erased_while_they_wait_are_not_sent() {
    let desk = QuietDesk::create().await;
    let (world, id) = (&desk.world, desk.known_order("ladore-1").await);
    desk.actions.comment(&desk.asking(id), "Ring twice", false).await.unwrap();
    // The attempt has opened the order by the time that it asks for its request.
    let bar = Bar::before(&world.database, "order_requests").await;
    let erasing = async {
        bar.is_reached().await;
        world.mintsoft.remove_personal_data(id).unwrap();
        world.read_whole(id).await;
        bar.lift().await;
    };
    let ((), ()) = join(desk.work_once(), erasing).await;
    assert_eq!(desk.events(id, "PersonalDataErased").await, 1);
    assert_eq!(desk.events(id, "CommentRefused").await, 1);
    assert_eq!(world.mintsoft.count_calls(&format!("post /api/order/{id}/comments")), 0);
    assert_eq!(world.mintsoft.comments(id), []);
}

#[tokio::test]
async fn a_lost_call_whose_words_were_erased_is_left_to_a_person_and_not_refused() {
    let desk = QuietDesk::create().await;
    let (world, id) = (&desk.world, desk.known_order("ladore-1").await);
    world.mintsoft.fail_next(Fault::Disconnect, 1, Some(&format!("post /api/order/{id}/comments")));
    desk.actions.comment(&desk.asking(id), "Ring twice", false).await.unwrap();
    desk.work_once().await;
    assert_eq!(desk.calls_begun().await, 1);
    world.mintsoft.remove_personal_data(id).unwrap();
    world.read_whole(id).await;
    desk.work_once().await;
    let left = "select left_to_person from order_requests where left_to_person is not null";
    let left: String = sqlx::query_scalar(left).fetch_one(world.pool()).await.unwrap();
    assert!(left.contains("the words were erased"), "{left}");
    assert_eq!(desk.events(id, "CommentRefused").await, 0, "it may have been written");
}
