//! What Mintsoft does besides: splits, merges, copies, backward steps, unknown statuses, erased people, foreign rows.

use std::time::Duration;

use logistics_ledger::sandbox::{Fault, OrderSpec, SandboxSettings, status};
use logistics_ledger::sync::{Refreshed, Refresher, SyncSettings};

use crate::support::world::{CLIENT, LADORE, World};

#[tokio::test]
async fn an_order_of_doubtful_owner_is_nobodys_and_its_reason_is_told() {
    let world = World::shared().await;
    for (number, skus) in [
        ("SO-1", vec![("LADORE_1", 1)]),
        ("ladore-2", vec![("KALLPA_1", 1)]),
        ("ladore-3", vec![("LADORE_1", 1), ("KALLPA_1", 1)]),
        ("ladore-4", vec![]),
    ] {
        world.mintsoft.create_order(OrderSpec::of(CLIENT, number, &skus));
    }
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.changed, run.parked), ("done", 0, 4));
    let parked = world.parked().await;
    let told: Vec<_> = parked.iter().map(|(number, reason)| (number.as_str(), reason.as_str())).collect();
    assert_eq!(
        told,
        [
            ("SO-1", "unknown_prefix"),
            ("ladore-2", "sku_disagrees"),
            ("ladore-3", "sku_disagrees"),
            ("ladore-4", "no_sku"),
        ]
    );
    assert_eq!(world.count("select count(*) from logistics_orders").await, 0);
    assert_eq!(world.count("select count(*) from events").await, 0);
}

#[tokio::test]
async fn a_foreign_or_misshapen_row_is_parked_alone_and_the_page_goes_on() {
    let world = World::shared().await;
    world.order("ladore-1");
    world.mintsoft.fail_next(Fault::ForeignRow, 1, Some("Order/List"));
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.changed, run.parked), ("done", 1, 1));
    assert_eq!(world.parked().await[0].1, "foreign_client");
}

#[tokio::test]
async fn a_parked_order_that_becomes_clear_finds_its_tenant() {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("LADORE_1", 1)]));
    world.poll().await;
    world.mintsoft.edit(id, |order| order.number = "ladore-1".into()).unwrap();
    world.poll().await;
    assert_eq!(world.parked().await, []);
    assert_eq!(world.row(id, "tenant_id").await.as_deref(), Some("7"));
}

#[tokio::test]
async fn an_order_that_looks_like_anothers_is_hidden_until_that_is_settled() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    assert!(world.row(id, "withheld_reason").await.is_some());
    assert_eq!(world.parked().await[0].1, "foreign_client");
    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.poll().await;
    assert_eq!(world.row(id, "withheld_reason").await, None);
    let history = world.history(id).await;
    assert!(history.contains(&"OrderWithheld".to_owned()) && history.contains(&"OrderReleased".to_owned()));
}

#[tokio::test]
async fn parts_of_a_split_order_are_streams_of_their_own() {
    let world = World::shared().await;
    let spec = OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_A", 1), ("LADORE_B", 1)]);
    let id = world.mintsoft.create_order(spec);
    world.poll().await;
    let part = world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    world.poll().await;
    assert_eq!(world.row(id, "number_of_parts").await.as_deref(), Some("2"));
    assert_eq!(world.row(part, "part").await.as_deref(), Some("2"));
    assert_eq!(world.row(part, "mintsoft_order_number").await.as_deref(), Some("ladore-1"));
}

#[tokio::test]
async fn a_merged_away_order_vanishes_and_is_not_deleted() {
    let world = World::shared().await;
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    world.mintsoft.merge(kept, gone).unwrap();
    world.poll().await;
    assert_eq!(world.row(gone, "vanished_at").await, None, "a list cannot tell");
    world.read_whole(gone).await;
    assert!(world.row(gone, "vanished_at").await.is_some());
    assert_eq!(world.row(kept, "mintsoft_order_number").await.as_deref(), Some("ladore-1+ladore-2"));
    assert_eq!(world.history(gone).await, ["OrderDiscovered", "OrderVanished"]);
}

#[tokio::test]
async fn a_status_that_goes_back_or_is_unheard_of_is_taken_as_it_comes() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    for (step, name) in [(status::PRINTED, "PRINTED"), (status::NEW, "NEW"), (77, "STATUS 77")] {
        world.mintsoft.set_status(id, step).unwrap();
        assert_eq!(world.poll().await.state, "done");
        assert_eq!(world.row(id, "status").await.as_deref(), Some(name));
    }
    let backward: Vec<bool> = sqlx::query_scalar(
        "select (payload->>'backward')::bool from events where event_type = 'StatusChanged' order by sequence",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    assert_eq!(backward, [true, false]);
}

#[tokio::test]
async fn when_upstream_erases_a_person_so_do_we() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 1);
    world.mintsoft.remove_personal_data(id).unwrap();
    world.poll().await;
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 0);
    assert_eq!(world.count("select count(*) from order_streams where sealed_key is not null").await, 0);
    assert_eq!(world.history(id).await.last().map(String::as_str), Some("PersonalDataErased"));
}

#[tokio::test]
async fn a_copy_is_shown_as_an_order_of_its_own() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    let copy = world.mintsoft.copy(id).unwrap();
    world.poll().await;
    assert_eq!(world.row(copy, "mintsoft_order_number").await.as_deref(), Some("ladore-1-Copy"));
}

#[tokio::test]
async fn many_readers_of_one_order_share_one_call() {
    let patient = SyncSettings { refresh_wait: Duration::from_mins(1), ..SyncSettings::default() };
    let world = World::with(patient, SandboxSettings::default()).await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.forget_calls();
    world.mintsoft.set_status(id, status::PRINTED).unwrap();
    let refresher = Refresher::over(world.sources.clone());
    let readers = (0..20).map(|_| refresher.refresh(LADORE, world.account, id));
    let seen = futures_util::future::join_all(readers).await;
    assert!(seen.iter().all(|outcome| *outcome == Refreshed::Read));
    assert_eq!(world.mintsoft.count_calls(&format!("get /api/order/{id}")), 1);
    assert_eq!(world.row(id, "status").await.as_deref(), Some("PRINTED"));
}

#[tokio::test]
async fn a_reader_is_not_kept_waiting_by_an_upstream_that_is_down() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.fail_next(Fault::HtmlBadGateway, 20, None);
    let refresher = Refresher::over(world.sources.clone());
    assert_eq!(refresher.refresh(LADORE, world.account, id).await, Refreshed::NotRead);
    assert_eq!(world.row(id, "status").await.as_deref(), Some("NEW"), "what is known stands");
}
