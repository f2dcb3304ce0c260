//! Ledgers are sealed as they grow: what is signed is the root of their leaves, proofs lead to it, and of many that seal at once
//! one does.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use logistics_domain::Source;
use logistics_ledger::audit::checkpoints::{StoredCheckpoint, newest};
use logistics_ledger::audit::seal::{Sealing, seal};
use logistics_ledger::audit::{Tiles, verify_consistency, verify_inclusion};
use logistics_ledger::postgres::Reader;
use sqlx::{PgConnection, Postgres, Transaction};
use tokio_util::sync::CancellationToken;

use super::world::{NAME, OTHER, TENANT, World, scope};
use crate::ledger::desk::{Desk, address, provenance, sight};
use crate::rebuild::world::Chance;
use crate::support::service::until;

#[tokio::test]
async fn what_commands_appended_is_sealed_once() {
    let desk = Desk::open().await;
    let sealing = Sealing::by(&desk.ring, &desk.clock, NAME);
    let sealed =
        async || seal(desk.database.pool(), &sealing, scope(crate::ledger::desk::TENANT)).await.unwrap();
    assert_eq!(sealed().await, None, "there is nothing to sign");
    for (order, minute, status) in [(1, 0, 1), (2, 0, 1), (1, 10, 2)] {
        let seen = sight(minute, status);
        desk.ledger.execute(address(order), &seen, &provenance(Source::Poll)).await.unwrap();
    }
    let first = sealed().await.unwrap();
    assert_eq!(first.size, desk.count("select next_position from ledger_heads").await);
    assert_eq!(sealed().await, Some(first.clone()));
    desk.ledger.execute(address(2), &sight(20, 2), &provenance(Source::Poll)).await.unwrap();
    assert!(sealed().await.unwrap().size > first.size);
    assert_eq!(desk.count("select count(*) from audit_checkpoints").await, 2);
}

#[tokio::test]
async fn every_size_has_the_root_of_its_leaves_and_proofs_lead_there() {
    let world = World::create().await;
    for size in [1, 2, 255, 256, 257, 511, 513, 10_300, 65_535, 65_536, 65_537] {
        world.grow(TENANT, size).await;
        assert_eq!(world.seal(TENANT).await.size, size);
    }
    world.assert_whole(TENANT).await;
    assert_eq!(world.checkpoints(TENANT).await.len(), 11);
    assert_proved(&world).await;
}

#[tokio::test]
async fn ledgers_that_grow_at_random_are_proved() {
    let world = World::create().await;
    let (mut chance, mut size) = (Chance(11), 0);
    for _ in 0..12 {
        let more = chance.of(&[1, 3, 255, 256, 300, 700]);
        size += i64::try_from(1 + chance.below(more)).unwrap();
        world.grow(TENANT, size).await;
        world.seal(TENANT).await;
    }
    world.assert_whole(TENANT).await;
    assert_proved(&world).await;
}

/// That events in each checkpoint and every pair of checkpoints are proved from what is stored.
async fn assert_proved(world: &World) {
    let (leaves, checkpoints) = (world.leaves(TENANT).await, world.checkpoints(TENANT).await);
    let mut connection = world.pool().acquire().await.unwrap();
    let mut chance = Chance(5);
    for (at, second) in checkpoints.iter().enumerate() {
        let size = second.size.cast_unsigned();
        for position in [0, size / 2, chance.below(size), size - 1] {
            let proof =
                Tiles::of(&mut connection, scope(TENANT)).prove_inclusion(position, size).await.unwrap();
            let leaf = &leaves[usize::try_from(position).unwrap()];
            verify_inclusion(leaf, position, size, &proof, &second.root).unwrap();
        }
        for first in &checkpoints[..=at] {
            assert_consistent(&mut connection, first, second).await;
        }
    }
}

async fn assert_consistent(
    connection: &mut PgConnection,
    first: &StoredCheckpoint,
    second: &StoredCheckpoint,
) {
    let (small, large) = (first.size.cast_unsigned(), second.size.cast_unsigned());
    let proof = Tiles::of(connection, scope(TENANT)).prove_consistency(small, large).await.unwrap();
    verify_consistency((small, &first.root), (large, &second.root), &proof).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_seal_at_once_leave_one_chain() {
    let world = World::create().await;
    for size in [100, 256, 700, 1300, 1301] {
        world.grow(TENANT, size).await;
        let sealing = (0..4).map(|_| world.try_seal(TENANT));
        let sealed = join_all(sealing).await.into_iter().map(Result::unwrap);
        assert_eq!(sealed.flatten().map(|one| one.size).max(), Some(size));
    }
    let sizes: Vec<i64> = world.checkpoints(TENANT).await.iter().map(|one| one.size).collect();
    assert_eq!(sizes, [100, 256, 700, 1300, 1301]);
    world.assert_whole(TENANT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_late_leaves_it_to_the_first_and_one_that_is_killed_leaves_nothing() {
    let world = World::create().await;
    world.grow(TENANT, 300).await;
    let first = world.seal(TENANT).await;
    world.grow(TENANT, 600).await;
    let held = hold_checkpoints(&world).await;
    let sealing = world.try_seal(TENANT);
    let meanwhile = async {
        until("one waits to write", async || waiting(&world, "count(*)").await == 1).await;
        assert_eq!(world.seal(TENANT).await, first, "it does not wait for the other");
        assert_eq!(waiting(&world, "count(pg_terminate_backend(pid))").await, 1);
        held.rollback().await.unwrap();
    };
    let (killed, ()) = tokio::join!(sealing, meanwhile);
    assert!(killed.is_err());
    assert_eq!(world.count("select count(*) from audit_subtrees").await, 1);
    assert_eq!(world.checkpoints(TENANT).await, [first]);
    assert_eq!(world.seal(TENANT).await.size, 600);
    world.assert_whole(TENANT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealer_that_is_stopped_in_the_middle_ends_and_leaves_nothing() {
    let world = World::create().await;
    world.grow(TENANT, 300).await;
    let (held, stopping) = (hold_checkpoints(&world).await, CancellationToken::new());
    let running = world.sealer_at(&world.ring, Duration::from_millis(1)).run(stopping.clone());
    let running = tokio::spawn(running);
    until("one waits to write", async || waiting(&world, "count(*)").await == 1).await;
    stopping.cancel();
    running.await.unwrap();
    held.rollback().await.unwrap();
    until("it waits no more", async || waiting(&world, "count(*)").await == 0).await;
    assert!(world.checkpoints(TENANT).await.is_empty());
    until("another may seal", async || world.try_seal(TENANT).await.unwrap().is_some()).await;
    world.assert_whole(TENANT).await;
}

/// Holds up whoever seals where the checkpoint is written, after the subtrees.
async fn hold_checkpoints(world: &World) -> Transaction<'static, Postgres> {
    let mut held = world.owner().begin().await.unwrap();
    sqlx::query("lock table audit_checkpoints in exclusive mode").execute(&mut *held).await.unwrap();
    held
}

/// What is told of those who wait for a lock in this database.
async fn waiting(world: &World, told: &str) -> i64 {
    let here = "database = (select oid from pg_database where datname = current_database())";
    world.count(&format!("select {told} from pg_locks where not granted and {here}")).await
}

#[tokio::test]
async fn a_ledger_holds_its_own_tenants_events_and_a_reader_sees_its_own_checkpoints() {
    let world = World::create().await;
    for (tenant, size) in [(TENANT, 300), (OTHER, 5)] {
        world.grow(tenant, size).await;
    }
    world.sealer(&world.ring).seal_all().await;
    let reader = Reader::beside(world.pool());
    for (tenant, other, size) in [(TENANT, OTHER, 300), (OTHER, TENANT, 5)] {
        world.assert_whole(tenant).await;
        let mut reading = reader.of(tenant).await.unwrap();
        let own = newest(&mut *reading, &scope(tenant)).await.unwrap().unwrap();
        assert_eq!(own.size, size);
        assert!(own.note.starts_with(&format!("{NAME}/tenants/{tenant}\n{size}\n")), "{}", own.note);
        assert_eq!(newest(&mut *reading, &scope(other)).await.unwrap(), None);
        let seen: i64 =
            sqlx::query_scalar("select count(*) from audit_subtrees").fetch_one(&mut *reading).await.unwrap();
        assert_eq!(seen, size / 256);
    }
}

#[tokio::test]
async fn a_sealer_looks_after_what_moved_alone() {
    let world = World::create().await;
    let mut sealer = world.sealer(&world.ring);
    sealer.seal_all().await;
    let keys = "select count(*) from audit_signing_keys";
    assert_eq!(world.count(keys).await, 0, "without an event no key is called for");
    world.grow(TENANT, 3).await;
    sealer.seal_all().await;
    sealer.seal_all().await;
    world.grow(OTHER, 2).await;
    sealer.seal_all().await;
    let sizes = async |tenant| world.checkpoints(tenant).await.iter().map(|one| one.size).collect::<Vec<_>>();
    assert_eq!((sizes(TENANT).await, sizes(OTHER).await), (vec![3], vec![2]));
    assert_eq!(world.count(keys).await, 1);
}

#[tokio::test]
async fn a_ledger_that_is_not_read_in_time_is_sealed_as_far_as_it_was() {
    let world = World::create().await;
    world.grow(TENANT, 20_300).await;
    let sealing = Sealing { reading: Duration::ZERO, ..world.sealing() };
    for size in [10_000, 20_000, 20_300] {
        let sealed = seal(world.pool(), &sealing, scope(TENANT)).await.unwrap().unwrap();
        assert_eq!(sealed.size, size);
    }
    world.assert_whole(TENANT).await;
}

#[tokio::test]
async fn a_sealer_goes_on_with_a_ledger_that_it_does_not_come_through_at_once() {
    let world = World::create().await;
    world.grow(TENANT, 20_300).await;
    let mut sealer = world.sealer_at(&world.ring, Duration::from_nanos(1));
    sealer.seal_all().await;
    let sizes: Vec<i64> = world.checkpoints(TENANT).await.iter().map(|one| one.size).collect();
    assert_eq!(sizes, [10_000, 20_000, 20_300]);
    world.assert_whole(TENANT).await;
}

#[tokio::test]
async fn instances_out_of_step_make_one_checkpoint_an_interval() {
    let world = World::create().await;
    let minute = || world.sealer_at(&world.ring, Duration::from_mins(1));
    let mut sealers = [minute(), minute(), minute()];
    for size in 1..=9 {
        world.grow(TENANT, size).await;
        sealers[usize::try_from(size).unwrap() % 3].seal_all().await;
        world.clock.advance(TimeDelta::seconds(20));
    }
    let sizes = async || world.checkpoints(TENANT).await.iter().map(|one| one.size).collect::<Vec<_>>();
    assert_eq!(sizes().await, [1, 4, 7]);

    // One that a clock made which went wrong holds nothing up.
    world.tamper("update audit_checkpoints set sealed_at = sealed_at + interval '1 year'").await;
    sealers[0].seal_all().await;
    assert_eq!(sizes().await, [1, 4, 7, 9]);
}
