//! What was sealed stays: nobody changes it, and a ledger that is not what was sealed is signed no further.

use std::time::Duration;

use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::TimeDelta;
use logistics_ledger::audit::AuditError;
use logistics_ledger::audit::note::{Checkpoint, VerifierKey};
use logistics_ledger::telemetry;
use sqlx::PgPool;

use super::world::{NAME, OTHER, TENANT, World, root};
use crate::support::lost::lose_events;

/// How many sealings came to this.
fn counted(outcome: &str) -> usize {
    let begin = format!("ledger_sealings_total{{outcome=\"{outcome}\"}} ");
    let page = telemetry::measured();
    let line = page.lines().find_map(|line| line.strip_prefix(&begin));
    line.map_or(0, |number| number.parse().unwrap())
}

/// That nothing is signed of the ledger of 300 sealed events, however it grows, and that this is counted each time.
async fn assert_refused(world: &World, told: impl Fn(&AuditError) -> bool) {
    let before = counted("altered");
    for (attempt, size) in [310, 700].into_iter().enumerate() {
        world.grow(TENANT, size).await;
        let error = world.try_seal(TENANT).await.unwrap_err();
        assert!(told(&error), "{error:?}");
        assert_eq!(counted("altered"), before + attempt + 1);
    }
    let sizes: Vec<i64> = world.checkpoints(TENANT).await.iter().map(|one| one.size).collect();
    assert_eq!(sizes, [300]);
    assert_eq!(world.count("select count(*) from audit_subtrees").await, 1);
}

const fn is_altered(error: &AuditError) -> bool {
    matches!(error, AuditError::Altered { tenant: 7, size: 300 })
}

/// Somebody who owns the tables can drop what checks them.
const UNCHECKED: &str = "alter table audit_checkpoints drop constraint audit_checkpoints_root_check; \
                         alter table audit_subtrees drop constraint audit_subtrees_hash_check; \
                         alter table events drop constraint events_leaf_hash_check";

async fn sealed_world() -> World {
    telemetry::measure();
    let world = World::create().await;
    world.grow(TENANT, 300).await;
    world.seal(TENANT).await;
    world
}

#[tokio::test]
async fn an_event_that_was_altered_is_not_signed_over() {
    let world = sealed_world().await;
    world.tamper("update events set leaf_hash = sha256('') where tenant_id = 7 and position = 299").await;
    assert_refused(&world, is_altered).await;
}

#[tokio::test]
async fn a_ledger_that_lost_what_was_sealed_is_not_signed() {
    let world = sealed_world().await;
    lose_events(world.owner(), TENANT, 3, 0).await;
    let error = world.try_seal(TENANT).await.unwrap_err();
    assert!(is_altered(&error), "{error:?}");
    lose_events(world.owner(), TENANT, 0, 3).await;
    assert_refused(&world, is_altered).await;
}

#[tokio::test]
async fn a_subtree_or_a_checkpoint_that_was_altered_is_not_signed_over() {
    for (attempt, change) in [
        "update audit_subtrees set hash = sha256('')",
        "delete from audit_subtrees",
        "update audit_checkpoints set root = sha256('')",
        "update audit_checkpoints set note = replace(note, '300', '299')",
    ]
    .into_iter()
    .enumerate()
    {
        let world = sealed_world().await;
        world.tamper(change).await;
        let error = world.try_seal(TENANT).await.unwrap_err();
        assert!(is_altered(&error), "{change}: {error:?}");
        assert_eq!(counted("altered"), attempt + 1);
    }
}

#[tokio::test]
async fn a_checkpoint_that_another_signed_counts_as_altered() {
    let world = sealed_world().await;
    world.tamper("update events set leaf_hash = sha256('') where tenant_id = 7 and position = 299").await;
    // All fits but the key: the owner of the tables has no other one.
    let root = root(&world.leaves(TENANT).await);
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let origin = format!("{NAME}/tenants/7");
    let note = Checkpoint { origin: origin.clone(), size: 300, root }.sign(&pair);
    let key = VerifierKey::of(&origin, &pair).to_string();
    let root = hex::encode(root);
    world
        .tamper(&format!(
            "update audit_checkpoints set root = '\\x{root}', note = '{note}', verifier_key = '{key}'"
        ))
        .await;
    assert_refused(&world, is_altered).await;
}

#[tokio::test]
async fn a_hole_in_what_is_new_is_not_signed_over() {
    let world = sealed_world().await;
    world.grow(TENANT, 305).await;
    world.tamper("delete from events where tenant_id = 7 and position = 302").await;
    assert_refused(&world, |error| matches!(error, AuditError::Missing { level: 0, index: 302, .. })).await;
}

#[tokio::test]
async fn what_is_altered_beneath_a_subtree_is_not_what_is_signed() {
    let world = sealed_world().await;
    let as_sealed = world.leaves(TENANT).await;
    world.tamper("update events set leaf_hash = sha256('') where tenant_id = 7 and position = 3").await;
    world.grow(TENANT, 301).await;
    let sealed = world.seal(TENANT).await;
    let new = world.leaves(TENANT).await[300];
    assert_eq!(sealed.root, root(&[as_sealed, vec![new]].concat()));
}

#[tokio::test]
async fn one_altered_ledger_keeps_no_other_from_being_sealed() {
    let world = sealed_world().await;
    world.tamper("update events set leaf_hash = sha256('') where tenant_id = 7 and position = 299").await;
    world.grow(TENANT, 301).await;
    let mut sealer = world.sealer(&world.ring);
    for size in [5, 6] {
        world.grow(OTHER, size).await;
        sealer.seal_all().await;
        assert_eq!(world.checkpoints(OTHER).await.last().unwrap().size, size);
    }
    assert_eq!((counted("altered"), counted("sealed")), (2, 3));
    assert_eq!(world.checkpoints(TENANT).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_of_one_ledger_keeps_no_other_from_being_sealed() {
    for change in [
        "update audit_checkpoints set sealed_at = 'infinity' where tenant_id = 7",
        "update audit_checkpoints set sealed_at = '-infinity' where tenant_id = 7",
        "update audit_checkpoints set sealed_at = '200000-01-01' where tenant_id = 7",
        "update audit_checkpoints set root = '\\x00' where tenant_id = 7",
        "update audit_subtrees set hash = '\\x00' where tenant_id = 7",
        "update events set leaf_hash = '\\x00' where tenant_id = 7 and position = 299",
        "update events set leaf_hash = '\\x00' where tenant_id = 7 and position = 300",
    ] {
        let world = sealed_world().await;
        world.tamper(UNCHECKED).await;
        world.grow(TENANT, 301).await;
        world.tamper(change).await;
        let before = (counted("altered"), counted("failed"));
        let mut sealer = world.sealer(&world.ring);
        for size in [5, 6] {
            world.grow(OTHER, size).await;
            sealer.seal_all().await;
            assert_eq!(world.checkpoints(OTHER).await.last().unwrap().size, size, "{change}");
        }
        assert_eq!((counted("altered"), counted("failed")), (before.0 + 2, before.1), "{change}");
        assert_eq!(world.count("select count(*) from audit_checkpoints where tenant_id = 7").await, 1);
    }
}

#[tokio::test]
async fn what_a_sealer_saw_sealed_is_not_taken_back_while_it_runs() {
    for (taken, rewritten) in [
        ("delete from audit_checkpoints; delete from audit_subtrees", 300),
        ("delete from audit_checkpoints where size = 300", 100),
        ("delete from audit_checkpoints; delete from audit_subtrees", 700),
    ] {
        telemetry::measure();
        let world = World::create().await;
        let mut sealer = world.sealer(&world.ring);
        for size in [100, 300] {
            world.grow(TENANT, size).await;
            sealer.seal_all().await;
        }
        let before = counted("altered");
        world.tamper(taken).await;
        world
            .tamper(
                "update events set leaf_hash = sha256('anew'::bytea) where tenant_id = 7 and position = 200",
            )
            .await;
        if rewritten > 100 {
            // Another instance was started since, and signs the new history.
            world.grow(TENANT, rewritten).await;
            world.sealer(&world.ring).seal_all().await;
            assert_eq!(world.checkpoints(TENANT).await.len(), 1);
        }
        for attempt in 1..=2 {
            sealer.seal_all().await;
            assert_eq!(counted("altered"), before + attempt, "{taken} {rewritten}");
        }
        assert_eq!(world.checkpoints(TENANT).await.len(), 1, "it signs nothing more");
    }
}

#[tokio::test]
async fn subtrees_that_a_checkpoint_left_behind_which_was_taken_away_are_told() {
    let world = World::create().await;
    for size in [100, 300] {
        world.grow(TENANT, size).await;
        world.seal(TENANT).await;
    }
    world.tamper("delete from audit_checkpoints where size = 300").await;
    let error = world.try_seal(TENANT).await.unwrap_err();
    assert!(is_altered(&error), "{error:?}");
    assert_eq!(world.checkpoints(TENANT).await.len(), 1);
}

#[tokio::test]
async fn a_damaged_ledger_is_counted_each_time_and_read_each_tenth() {
    let world = sealed_world().await;
    world.grow(TENANT, 301).await;
    let sealer = &mut world.sealer_at(&world.ring, Duration::from_mins(1));
    world.clock.advance(TimeDelta::minutes(1));
    world
        .tamper("update events set leaf_hash = sha256(leaf_hash) where tenant_id = 7 and position = 299")
        .await;
    sealer.seal_all().await;
    let before = counted("altered");
    // As it was again, so that the next reading finds nothing amiss.
    world
        .tamper(
            "update events set leaf_hash = sha256((tenant_id || ' ' || position)::bytea) \
             where tenant_id = 7 and position = 299",
        )
        .await;
    for round in 1..=9 {
        world.clock.advance(TimeDelta::minutes(1));
        sealer.seal_all().await;
        assert_eq!((counted("altered"), world.checkpoints(TENANT).await.len()), (before + round, 1));
    }
    world.clock.advance(TimeDelta::minutes(1));
    sealer.seal_all().await;
    assert_eq!((counted("altered"), world.checkpoints(TENANT).await.len()), (before + 9, 2));
}

#[tokio::test]
async fn neither_the_service_nor_the_owner_changes_what_was_sealed() {
    let world = sealed_world().await;
    for table in ["audit_checkpoints", "audit_subtrees"] {
        let changes = [
            format!("update {table} set tenant_id = 8"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ];
        for change in &changes {
            let (code, message) = refusal_of(world.pool(), change).await;
            assert_eq!(
                (&*code, message),
                ("42501", format!("permission denied for table {table}")),
                "{change}"
            );
            let (code, message) = refusal_of(world.owner(), change).await;
            assert!(code == "42501" && message.contains("what was sealed stays"), "{change}: {message}");
        }
    }
    let rename = "update audit_signing_keys set name = 'another'";
    assert_eq!(refusal_of(world.pool(), rename).await.0, "42501");
    assert_eq!(refusal_of(world.pool(), "delete from audit_signing_keys").await.0, "42501");
    world.assert_whole(TENANT).await;
}

async fn refusal_of(pool: &PgPool, change: &str) -> (String, String) {
    let error = sqlx::query(change).execute(pool).await.unwrap_err();
    let told = error.as_database_error().unwrap();
    (told.code().unwrap().into_owned(), told.message().to_owned())
}
