//! `ledger history`: an order by its id or number, as a table or as JSON, as of now or as of then.

use logistics_ledger::sandbox::OrderSpec;
use serde_json::Value;

use super::terminal::{Told, typed};
use crate::support::world::{CLIENT, World};

async fn history(world: &World, words: &[&str]) -> Told {
    let words: Vec<&str> = ["history"].iter().chain(words).copied().collect();
    typed(world.database.url(), &words).await
}

/// An order that was first new and then despatched, and an instant between the two.
async fn despatched(world: &World) -> (i64, String) {
    let id = world.order("ladore-1001");
    world.poll().await;
    let between = world.clock.now().to_rfc3339();
    world.mintsoft.despatch(id, Some("JD0001")).unwrap();
    world.poll().await;
    (id, between)
}

#[tokio::test]
async fn the_table_shows_every_event_of_the_order_and_where_it_came_from() {
    let world = World::shared().await;
    let (id, _) = despatched(&world).await;
    let told = history(&world, &["LADORE-1001"]).await;
    let mut lines = told.answer().lines();
    let heading = lines.next().unwrap();
    assert!(heading.starts_with("ladore-1001 of tenant 7 (ladore), Mintsoft order "), "{heading}");
    assert!(heading.contains(&world.stream(id).to_string()), "{heading}");
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["POSITION", "RECORDED", "OBSERVED", "SOURCE", "ACTOR", "TYPE", "PAYLOAD"]);
    let rows: Vec<&str> = lines.collect();
    let events = world.history(id).await;
    assert_eq!(rows.len(), events.len());
    for (row, event) in rows.iter().zip(&events) {
        assert!(row.contains(event) && row.contains("poll"), "{event} in {row}");
    }
}

#[tokio::test]
async fn as_json_there_is_an_event_a_line_and_the_person_stays_sealed() {
    let world = World::shared().await;
    let (id, _) = despatched(&world).await;
    let person = world.mintsoft.order(id).unwrap().recipient;
    let told = history(&world, &[&world.stream(id).to_string(), "--json"]).await;
    let names: Vec<Value> = told.json().into_iter().map(|event| event["type"].clone()).collect();
    assert_eq!(names, world.history(id).await);
    assert_eq!(told.json()[0]["sequence"], 1);
    for personal in [person.last_name, person.email, person.address1].into_iter().flatten() {
        assert!(!told.answer().contains(&personal), "{personal}");
    }
}

#[tokio::test]
async fn as_of_then_only_what_was_known_then_is_shown() {
    let world = World::shared().await;
    let (id, between) = despatched(&world).await;
    let then = history(&world, &["ladore-1001", "--as-of", &between]).await;
    assert!(then.answer().contains("OrderDiscovered") && !then.answer().contains("JD0001"), "{then:?}");
    let known: Vec<Vec<&str>> = then
        .answer()
        .lines()
        .skip_while(|line| !line.starts_with("As known at "))
        .skip(1)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        (known[0][..].to_vec(), known[2].last(), known[3].last()),
        (vec!["status", "NEW"], Some(&"-"), Some(&"-"))
    );

    let told = history(&world, &["ladore-1001", "--as-of", "2199-12-31", "--json"]).await;
    let mut lines = told.json();
    let known = &lines.pop().unwrap()["known"];
    assert_eq!(lines.len(), world.history(id).await.len());
    assert_eq!((&known["status"], &known["tracking_number"]), (&"DESPATCHED".into(), &"JD0001".into()));
    assert!(known["dispatched_at"].is_string() && known["delivered_at"].is_null(), "{known}");
}

#[tokio::test]
async fn a_day_ends_in_the_tenants_zone_and_before_the_first_one_nothing_was_known() {
    let world = World::shared().await;
    despatched(&world).await;
    let told = history(&world, &["ladore-1001", "--as-of", "2001-09-09", "--json"]).await;
    assert_eq!(told.json(), [serde_json::json!({"as_of": "2001-09-10T04:59:59.999999Z", "known": null})]);
    let told = history(&world, &["ladore-1001", "--as-of", "2001-09-09"]).await;
    assert!(told.answer().ends_with("nothing was known of the order."), "{told:?}");
}

#[tokio::test]
async fn an_order_that_is_withheld_from_its_tenant_is_shown_to_the_operator() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    let told = history(&world, &["ladore-1", "--tenant", "7"]).await;
    assert!(told.answer().lines().next().unwrap().contains("; withheld from its tenant: "), "{told:?}");
    assert!(told.answer().contains("OrderWithheld"), "{told:?}");
}

#[tokio::test]
async fn where_several_orders_have_the_number_their_ids_are_told() {
    let world = World::shared().await;
    let spec = OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_A", 1), ("LADORE_B", 1)]);
    let id = world.mintsoft.create_order(spec);
    world.poll().await;
    let part = world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    world.poll().await;
    let told = history(&world, &["ladore-1"]).await;
    assert!(told.failure().starts_with("several orders have the number ladore-1; choose one"), "{told:?}");
    for (id, which) in [(id, "part 1 of 2"), (part, "part 2 of 2")] {
        assert!(told.failure().contains(&world.stream(id).to_string()), "{told:?}");
        assert!(told.failure().contains(which), "{told:?}");
        let chosen = history(&world, &[&world.stream(id).to_string()]).await;
        assert!(chosen.answer().lines().next().unwrap().contains(which), "{chosen:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_unknown_or_anothers_is_not_found() {
    let world = World::shared().await;
    world.order("ladore-1");
    world.poll().await;
    for words in
        [&["ladore-2"][..], &["ladore-1", "--tenant", "8"], &["00000000-0000-5000-8000-000000000000"]]
    {
        let told = history(&world, words).await;
        assert!(told.failure().starts_with(&format!("there is no order {}", words[0])), "{told:?}");
    }
    let told = history(&world, &["ladore-1", "--tenant", "99"]).await;
    assert_eq!(told.failure(), "there is no such tenant; add it with `ledger tenant add`");
}
