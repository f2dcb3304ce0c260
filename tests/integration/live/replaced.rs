//! A server that lacks the last commits took over: whoever follows is told so, and hears what happens from then on.

use super::world::{Lines, TENANTS, World};

#[tokio::test]
async fn followers_of_what_was_lost_are_told_to_begin_anew_whether_or_not_others_came_in_its_place() {
    for others in [0, 2, 3, 5] {
        let world = World::create().await;
        let (tenant, viewer) = (TENANTS[1], world.key(TENANTS[1]).await);
        world.write(6, 0..4).await;
        let head = world.head(tenant).await;
        assert!(head > 3);
        let (mut one, mut another) = (world.follow(&viewer, -1).await, world.follow(&viewer, head - 1).await);
        one.up_to(head).await;
        another.up_to(head).await;

        world.lose(tenant, 3, others).await;
        for lines in [&mut one, &mut another] {
            let end = lines.expect("end").await;
            assert_eq!((end.data["code"].as_str(), end.forgets), (Some("position_ahead"), true), "{others}");
            assert!(lines.next().await.is_none());
        }

        // The feed goes on from what is there now, and remembers nothing of what is gone.
        let newest = head - 3 + others;
        let mut anew = Lines::of(world.ask(&viewer, "", None).await);
        assert_eq!(anew.expect("position").await.id, Some(newest));
        let told = world.follow(&viewer, head - 4).await.up_to(newest).await;
        assert!(told.iter().skip(1).all(|line| line.event == "hidden"), "{told:?}");
        world.lose(tenant, 0, 1).await;
        assert_eq!(anew.up_to(newest + 1).await.len(), 1);
    }
}

#[tokio::test]
async fn who_follows_another_tenant_hears_nothing_of_it() {
    let world = World::create().await;
    let viewer = world.key(TENANTS[2]).await;
    world.write(7, 0..4).await;
    let head = world.head(TENANTS[2]).await;
    let mut lines = world.follow(&viewer, -1).await;
    lines.up_to(head).await;
    world.lose(TENANTS[1], 2, 0).await;
    world.lose(TENANTS[2], 0, 1).await;
    assert_eq!(lines.up_to(head + 1).await.len(), 1);
}
