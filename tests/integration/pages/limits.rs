//! Pages and the rate limits: a crowd at the same address shuts out nobody who is signed in, and a person has a limit as well.

use std::num::NonZeroU32;
use std::time::Duration;

use logistics_ledger::access::Role;
use logistics_ledger::api::{LimitSettings, Rate};
use logistics_ledger::app::AppSettings;

use super::world::{FIRST, ORDERS, World};

const SIGN_IN: &str = "/dashboard/sign-in";

/// So many at once, and then one an hour: no test waits for the next.
fn few(burst: u32) -> Rate {
    Rate { every: Duration::from_hours(1), burst: NonZeroU32::new(burst).unwrap() }
}

async fn world(limits: LimitSettings) -> World {
    World::with(4, AppSettings { limits, ..AppSettings::default() }).await
}

impl World {
    async fn status(&self, cookie: &str, place: &str) -> u16 {
        self.get(cookie, place, &[]).await.status
    }
}

#[tokio::test]
async fn a_crowd_of_strangers_at_the_same_address_shuts_out_nobody_who_is_signed_in() {
    let world = world(LimitSettings { per_address: Some(few(3)), ..LimitSettings::default() }).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    // Nobody knew the session before, so this counts as the address once.
    let page = world.get(&cookie, ORDERS, &[]).await;
    assert_eq!(page.status, 200);
    let style = page.between("rel=\"stylesheet\" href=\"", "\"").remove(0);
    let guessed = format!("ledger_session={}", "A".repeat(43));
    assert_eq!(world.status("", SIGN_IN).await, 200);
    assert_eq!(world.status(&guessed, SIGN_IN).await, 200);
    for (cookie, place) in [("", SIGN_IN), (&guessed, SIGN_IN), (&guessed, ORDERS), ("", &style)] {
        assert_eq!(world.status(cookie, place).await, 429, "{place}");
    }
    for place in [ORDERS, &style, "/dashboard/nowhere"] {
        assert_ne!(world.status(&cookie, place).await, 429, "{place}");
    }
    assert_eq!(world.status(&cookie, ORDERS).await, 200);

    // A session that is over is a stranger's, from the first time that it shows.
    sqlx::query("delete from sessions").execute(world.database.owner_pool()).await.unwrap();
    assert_eq!(world.status(&cookie, ORDERS).await, 429);
    assert_eq!(world.status(&cookie, &style).await, 429);
}

#[tokio::test]
async fn a_person_has_one_limit_for_pages_and_what_is_asked_of_the_api() {
    let world = world(LimitSettings { per_credential: Some(few(3)), ..LimitSettings::default() }).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let other = world.sign_in("berta", Role::Viewer, &[FIRST]).await;
    let page = world.get(&cookie, ORDERS, &[]).await;
    assert_eq!((page.status, page.headers["ratelimit-remaining"].as_str()), (200, "2"));
    assert_eq!(world.status(&cookie, "/api/v1/me").await, 200);
    assert_eq!(world.status(&cookie, ORDERS).await, 200);
    let limited = world.get(&cookie, ORDERS, &[]).await;
    assert_eq!((limited.status, limited.headers.contains_key("retry-after")), (429, true));
    assert!(limited.headers["content-type"].starts_with("text/html"), "{limited:?}");
    assert_eq!(world.status(&cookie, "/api/v1/me").await, 429);
    assert_eq!((world.status(&other, ORDERS).await, world.status("", SIGN_IN).await), (200, 200));
}
