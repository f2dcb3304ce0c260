//! Which sources events come of when people have things done, against what the catalogue of events says.

use logistics_ledger::sync::links::{LinkRequest, Origin};

use super::quiet::QuietDesk;
use crate::service::truth;
use crate::support::world::LADORE;

#[tokio::test]
async fn what_a_person_asked_for_is_read_back_under_the_persons_source() {
    let desk = QuietDesk::create().await;
    let world = &desk.world;
    // Cancelled, and then read.
    let cancelled = desk.known_order("ladore-1").await;
    desk.actions.cancel(&desk.asking(cancelled), "mistake").await.unwrap();
    desk.work_once().await;
    // Merged into another, which shows when it is to be cancelled.
    let gone = desk.known_order("ladore-2").await;
    world.mintsoft.merge(world.order("ladore-3"), gone).unwrap();
    desk.actions.cancel(&desk.asking(gone), "mistake").await.unwrap();
    desk.work_once().await;
    // Looked for, since the host asks for a link.
    let linked = world.order("ladore-1001");
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Host { order_id: 501 },
        name: "#1001".into(),
        order_number: Some("1001".into()),
        requested_by: "key:1".into(),
    };
    world.request_link(&request).await;
    world.settle().await;
    assert_eq!(world.history(linked).await, ["OrderDiscovered", "OrderLinked"]);

    let pairs = truth::events_come_of_the_sources_of_the_catalogue(world.pool()).await;
    for name in ["StatusChanged", "CancellationConfirmed", "OrderVanished", "OrderDiscovered", "OrderLinked"]
    {
        assert!(
            pairs.contains(&(name.to_owned(), "user".to_owned())),
            "{name} is not the person's: {pairs:?}"
        );
    }
}
