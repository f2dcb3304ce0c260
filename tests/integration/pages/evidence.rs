//! The raw answer that an event was read from: shown for reading, and taken as the bytes that came.

use hex::encode;
use logistics_domain::Command;
use logistics_ledger::access::Role;
use logistics_ledger::ledger::{Intended, OpenOrder, RawPayload};
use sha2::{Digest as _, Sha256};

use super::told::{ORDER, carried_by, intend};
use super::world::{FIRST, ORDERS, SECOND, World};
use crate::rebuild::world::address;

/// As no program would write it anew.
const RAW: &str = "{ \"b\":1.10,\r\n\"a\" : \"\\u00f1\", \"a\":2 }";

#[tokio::test]
async fn the_bytes_that_came_can_be_taken_as_they_came() {
    let world = World::with_orders(4).await;
    let sha256 = encode(Sha256::digest(RAW));
    let named = sha256.clone();
    let seen = move |_: &OpenOrder| -> Intended {
        let mut command = carried_by("Evri", 0);
        if let Command::Observe { observation, .. } = &mut command {
            observation.observed.raw_sha256 = Some(named.clone());
        }
        let raw = RawPayload { sha256_hex: named.clone(), bytes: RAW.as_bytes().into() };
        Intended { raw: Some(raw), ..command.into() }
    };
    intend(&world, &seen).await;
    let cookie = world.sign_in("ana", Role::Auditor, &[FIRST]).await;
    let place = format!("{ORDERS}/{}/evidence/{sha256}", address(ORDER).stream());
    let page = world.get(&cookie, &place, &[]).await;
    assert!(
        page.text.contains(&format!("guardamos los {} bytes tal como llegaron", RAW.len())),
        "{}",
        page.text
    );
    assert!(
        page.text.contains(&sha256) && page.text.contains(&format!("href=\"{place}?raw\"")),
        "{}",
        page.text
    );
    let part = [("hx-request", "true"), ("hx-target", "evidence-1")];
    let part = world.get(&cookie, &place, &part).await;
    assert!(part.text.contains(&format!("href=\"{place}?raw\"")), "{}", part.text);

    let bytes = world.get(&cookie, &format!("{place}?raw"), &[]).await;
    assert_eq!((bytes.status, bytes.text.as_str()), (200, RAW));
    assert_eq!(encode(Sha256::digest(&bytes.text)), sha256, "as the page prints it");
    assert_eq!(bytes.headers["content-type"], "application/octet-stream");
    assert_eq!(bytes.headers["content-disposition"], format!("attachment; filename=\"{sha256}\""));
    assert_eq!(bytes.headers["x-content-type-options"], "nosniff");

    for (who, role, brand, status) in [
        ("eva", Role::Viewer, FIRST, 403),
        ("luz", Role::Auditor, SECOND, 404),
        ("sol", Role::Logistica, FIRST, 403),
    ] {
        let cookie = world.sign_in(who, role, &[brand]).await;
        assert_eq!(world.get(&cookie, &format!("{place}?raw"), &[]).await.status, status, "{who}");
    }
}
