//! Scans by the page: more than one run reads, and a list that moves while it is read.

use chrono::TimeDelta;
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{Fault, OrderSpec, SandboxSettings};
use logistics_ledger::sync::SyncSettings;

use crate::support::world::World;

/// The client of another brand of the same warehouse.
const STRANGER: i64 = 99;

#[tokio::test]
async fn each_run_goes_on_where_the_one_before_stopped_until_the_list_is_read() {
    let clock = Clock::manual(Clock::system().now() - TimeDelta::days(2));
    let settings = SyncSettings { scan_pages_max: 3, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings { clock, ..SandboxSettings::default() }).await;
    let theirs = world.mintsoft.create_order(OrderSpec::of(STRANGER, "other-1", &[("OTHER", 1)]));
    let ours = world.order("ladore-1");
    for (id, number) in [(theirs, "JD1"), (ours, "JD2")] {
        world.mintsoft.despatch(id, Some(number)).unwrap();
        world.mintsoft.add_shipment(id, number, true).unwrap();
    }
    for _ in 0..13 {
        for _ in 0..200 {
            world.mintsoft.add_tracking_event(theirs, "InTransit").unwrap();
        }
        world.mintsoft.skip_time(TimeDelta::hours(1)).unwrap();
    }
    world.mintsoft.add_tracking_event(ours, "OutForDelivery").unwrap();
    let recorded = "select count(*) from logistics_tracking_events";
    let mut runs = 0;
    while world.count(recorded).await == 0 {
        let run = world.poll().await;
        assert_eq!((run.state.as_str(), run.error), ("done", None));
        runs += 1;
        assert!(runs < 5, "they get on");
    }
    assert!(runs > 1, "one run does not read so many");
    world.mintsoft.forget_calls();
    world.poll().await;
    assert_eq!(world.mintsoft.count_calls("TrackingEvents/List"), 1, "the end was reached");
}

#[tokio::test]
async fn scans_that_move_past_a_page_while_the_list_is_read_are_read_all_the_same() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    for _ in 0..1_100 {
        world.mintsoft.add_tracking_event(id, "InTransit").unwrap();
    }
    // The second page leaves a row out, and the third shows one again.
    for fault in [Fault::Slow { milliseconds: 0 }, Fault::RowSkipped, Fault::RowRepeated] {
        world.mintsoft.fail_next(fault, 1, Some("TrackingEvents/List"));
    }
    world.poll().await;
    assert_eq!(world.count("select count(*) from logistics_tracking_events").await, 1_100);
}
