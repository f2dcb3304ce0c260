//! The keys that checkpoints are signed with: one for many instances, sealed in the database, and renewed.

use chrono::TimeDelta;
use futures_util::future::join_all;
use logistics_ledger::audit::note::{NoteError, VerifierKey};
use logistics_ledger::audit::seal::{Sealing, seal};
use logistics_ledger::audit::signing_key::{current, renew};
use logistics_ledger::audit::{AuditError, Tiles, verify_consistency};
use logistics_ledger::clock::Clock;
use logistics_ledger::secrets::{KeyRing, SecretError};
use logistics_ledger::telemetry;
use uuid::Uuid;

use super::world::{NAME, OTHER, TENANT, World, scope};
use crate::support::service::until;

const ANOTHER: &str = "k2:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_instances_make_one_key() {
    let world = World::create().await;
    let making = (0..8).map(|_| current(world.pool(), &world.ring, &world.clock, NAME));
    let keys: Vec<VerifierKey> =
        join_all(making).await.into_iter().map(|key| key.unwrap().verifier_key(TENANT)).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(world.count("select count(*) from audit_signing_keys").await, 1);

    let renewing = (0..4).map(|_| renew(world.pool(), &world.ring, &world.clock, Some(NAME)));
    for renewed in join_all(renewing).await {
        assert_ne!(renewed.unwrap().key.verifier_key(TENANT), keys[0]);
    }
    assert_eq!(world.count("select count(*) from audit_signing_keys where retired_at is null").await, 1);
}

#[tokio::test]
async fn each_log_has_its_name_which_stays_as_long_as_the_key() {
    let world = World::create().await;
    let key = world.key().await;
    assert_eq!(key.origin(TENANT), "ledger.example/tenants/7");
    assert_ne!(key.verifier_key(TENANT), key.verifier_key(OTHER));
    let moved = current(world.pool(), &world.ring, &world.clock, "elsewhere.example").await.unwrap();
    assert_eq!(moved.verifier_key(TENANT), key.verifier_key(TENANT));
    let renewed = renew(world.pool(), &world.ring, &world.clock, Some("elsewhere.example")).await.unwrap();
    assert_eq!(renewed.key.verifier_key(TENANT).origin(), "elsewhere.example/tenants/7");
    let nameless = renew(world.pool(), &world.ring, &world.clock, None).await.unwrap();
    assert_eq!(nameless.key.origin(TENANT), "elsewhere.example/tenants/7", "the logs keep their names");
}

#[tokio::test]
async fn a_renewed_key_goes_on_where_the_one_before_signed() {
    let world = World::create().await;
    world.grow(TENANT, 300).await;
    let first = world.seal(TENANT).await;
    let renewed = renew(world.pool(), &world.ring, &world.clock, Some("elsewhere.example")).await.unwrap();
    world.grow(TENANT, 900).await;
    let second = world.seal(TENANT).await;
    let before: VerifierKey = first.verifier_key.parse().unwrap();
    assert_eq!(before.open(&first.note).unwrap().size, 300);
    assert_eq!(before.open(&second.note), Err(NoteError::OtherKey));
    assert_eq!(renewed.key.verifier_key(TENANT).open(&second.note).unwrap().size, 900);
    let mut connection = world.pool().acquire().await.unwrap();
    let proof = Tiles::of(&mut connection, scope(TENANT)).prove_consistency(300, 900).await.unwrap();
    verify_consistency((300, &first.root), (900, &second.root), &proof).unwrap();
    world.assert_whole(TENANT).await;
}

#[tokio::test]
async fn the_private_half_stands_nowhere_in_clear() {
    let world = World::create().await;
    let key = world.key().await;
    let (id, sealed): (Uuid, Vec<u8>) = sqlx::query_as("select id, private_sealed from audit_signing_keys")
        .fetch_one(world.owner())
        .await
        .unwrap();
    let seed = world.ring.open(&format!("audit_signing_keys/{id}/private"), &sealed).unwrap();
    assert_eq!(seed.len(), 32);
    assert!(!sealed.windows(32).any(|window| window == seed.as_slice()));
    assert!(!format!("{key:?}").contains(&hex::encode(&*seed)));
    let another = Uuid::from_u128(1);
    let refused = world.ring.open(&format!("audit_signing_keys/{another}/private"), &sealed);
    assert_eq!(refused.unwrap_err(), SecretError::Refused);
}

#[tokio::test]
async fn where_the_ring_does_not_open_the_key_nothing_is_sealed_and_it_is_counted() {
    telemetry::measure();
    let world = World::create().await;
    world.grow(TENANT, 5).await;
    world.key().await;
    let another: KeyRing = ANOTHER.parse().unwrap();
    let refused = current(world.pool(), &another, &world.clock, NAME).await.unwrap_err();
    assert!(matches!(refused, AuditError::Key(SecretError::UnknownKey)), "{refused:?}");
    let mut sealer = world.sealer(&another);
    sealer.seal_all().await;
    assert!(telemetry::measured().contains("ledger_sealings_total{outcome=\"failed\"} 1"));
    assert!(world.checkpoints(TENANT).await.is_empty());

    // Once it is renewed, the new ring goes on.
    renew(world.pool(), &another, &world.clock, None).await.unwrap();
    sealer.seal_all().await;
    assert_eq!(world.checkpoints(TENANT).await.len(), 1);
}

#[tokio::test]
async fn a_checkpoint_by_a_key_that_cannot_be_opened_is_not_taken_for_altered() {
    let world = World::create().await;
    world.grow(TENANT, 5).await;
    let sealed = world.seal(TENANT).await;
    let another: KeyRing = ANOTHER.parse().unwrap();
    renew(world.pool(), &another, &world.clock, None).await.unwrap();
    world.grow(TENANT, 6).await;
    world.sealer(&another).seal_all().await;
    assert_eq!(world.checkpoints(TENANT).await, [sealed]);

    // With both keys on the ring it goes on.
    let both: KeyRing = format!("{ANOTHER},k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").parse().unwrap();
    world.sealer(&both).seal_all().await;
    assert_eq!(world.checkpoints(TENANT).await.len(), 2);
}

#[tokio::test]
async fn a_key_that_was_renewed_since_it_leaked_signs_nothing_later() {
    let world = World::create().await;
    world.grow(TENANT, 5).await;
    let sealed = world.seal(TENANT).await;
    world.clock.advance(TimeDelta::hours(1));
    renew(world.pool(), &world.ring, &world.clock, None).await.unwrap();
    world.grow(TENANT, 6).await;
    let later = |seconds: i64| {
        let at = (world.clock.now() + TimeDelta::seconds(seconds)).to_rfc3339();
        format!("update audit_checkpoints set sealed_at = '{at}' where size = {}", sealed.size)
    };
    world.tamper(&later(1)).await;
    let refused = world.try_seal(TENANT).await.unwrap_err();
    assert!(matches!(refused, AuditError::Altered { tenant: 7, size: 5 }), "{refused:?}");
    world.tamper(&later(0)).await;
    assert_eq!(world.seal(TENANT).await.size, 6);
}

#[tokio::test]
async fn a_renewal_by_a_clock_that_is_behind_alters_no_ledger() {
    let world = World::create().await;
    for tenant in [TENANT, OTHER] {
        world.grow(tenant, 5).await;
    }
    world.seal(OTHER).await;
    let ahead = Clock::manual(world.clock.now() + TimeDelta::hours(1));
    let by_another = Sealing::by(&world.ring, &ahead, NAME);
    seal(world.pool(), &by_another, scope(TENANT)).await.unwrap();
    // An instant that is none neither counts nor keeps the key from being renewed.
    world.tamper("update audit_checkpoints set sealed_at = 'infinity' where tenant_id = 8").await;
    let renewed = renew(world.pool(), &world.ring, &world.clock, None).await.unwrap();
    let reached: Vec<(i64, i64)> = renewed.reached.iter().map(|last| (last.tenant_id, last.size)).collect();
    assert_eq!(reached, [(7, 5), (8, 5)]);
    world.grow(TENANT, 6).await;
    let sealed = world.seal(TENANT).await;
    assert_eq!(sealed.verifier_key, renewed.key.verifier_key(TENANT).to_string());
}

/// How many wait for a lock in this database.
const WAITING: &str =
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_waits_for_the_checkpoint_that_is_written_and_tells_it() {
    let world = World::create().await;
    world.grow(TENANT, 5).await;
    let before = world.key().await;
    let mut held = world.owner().begin().await.unwrap();
    sqlx::query("insert into audit_checkpoints values (7, 5, sha256(''), 'none', 'none', now())")
        .execute(&mut *held)
        .await
        .unwrap();
    let renewing = async {
        until("the checkpoint waits", async || world.count(WAITING).await == 1).await;
        renew(world.pool(), &world.ring, &world.clock, None).await.unwrap()
    };
    let meanwhile = async {
        until("the renewal waits for it", async || world.count(WAITING).await == 2).await;
        held.rollback().await.unwrap();
    };
    let (sealed, renewed, ()) = tokio::join!(world.seal(TENANT), renewing, meanwhile);
    assert_eq!(sealed.verifier_key, before.verifier_key(TENANT).to_string());
    assert_eq!(renewed.reached.iter().map(|last| last.size).collect::<Vec<_>>(), [5]);
    world.grow(TENANT, 6).await;
    world.seal(TENANT).await;
    world.assert_whole(TENANT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_renewed_in_the_middle_of_a_round_signs_in_it() {
    telemetry::measure();
    let world = World::create().await;
    for tenant in [TENANT, OTHER] {
        world.grow(tenant, 256).await;
    }
    world.key().await;
    // The round waits in the first ledger, with a key that it has read, until it is known whether this subtree comes.
    let mut held = world.owner().begin().await.unwrap();
    sqlx::query("insert into audit_subtrees values (7, 8, 0, sha256(''))").execute(&mut *held).await.unwrap();
    let mut sealer = world.sealer(&world.ring);
    let meanwhile = async {
        until("the round waits", async || world.count(WAITING).await == 1).await;
        assert!(world.checkpoints(OTHER).await.is_empty(), "the other ledger is still to come");
        let renewed = renew(world.pool(), &world.ring, &world.clock, None).await.unwrap();
        let sealed = world.seal(OTHER).await;
        assert_eq!(sealed.verifier_key, renewed.key.verifier_key(OTHER).to_string());
        assert!(renewed.reached.is_empty(), "nothing is sealed yet");
        held.rollback().await.unwrap();
        renewed.key
    };
    let ((), renewed) = tokio::join!(sealer.seal_all(), meanwhile);
    assert_eq!(
        world.checkpoints(TENANT).await[0].verifier_key,
        renewed.verifier_key(TENANT).to_string(),
        "nothing comes by a key that is retired"
    );
    world.assert_whole(TENANT).await;
    let told = telemetry::measured();
    assert!(!told.contains("outcome=\"altered\"") && !told.contains("outcome=\"failed\""), "{told}");
}
