//! The verification of a ledger in its database: what is untouched holds, and each way to alter it is found and named.

use aws_lc_rs::signature::Ed25519KeyPair;
use futures_util::future::join;
use logistics_ledger::audit::Finding;

use super::sealed::{Sealed, signed};

/// The change of one event that a courier or a customer could dispute.
fn invented(position: i64) -> String {
    format!(
        "update events set payload = (payload::jsonb || '{{\"invented\": 1}}')::json \
         where tenant_id = 7 and position = {position}"
    )
}

/// Somebody who owns the tables can drop what checks them.
const UNCHECKED: &str = "alter table events drop constraint events_position, drop constraint events_position_check, \
                         drop constraint events_leaf_hash_check";

/// Another event, in a stream of its own, made of the one at position 1.
fn second_at(place: &str) -> String {
    format!(
        "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
                             tenant_id, position, recorded_at, leaf_hash) \
         select aggregate_type, 'other', 1, event_type, event_version, payload, metadata, \
                tenant_id, {place}, recorded_at, leaf_hash from events where tenant_id = 7 and position = 1"
    )
}

#[tokio::test]
async fn an_untouched_ledger_holds_and_what_is_not_sealed_is_counted() {
    let sealed = Sealed::twice().await;
    let (report, sizes) = (sealed.verify().await, sealed.sizes().await);
    assert!(report.holds(), "{report:?}");
    assert_eq!(sizes.len(), 2);
    assert_eq!((report.checkpoints, report.holding), (2, 2));
    assert_eq!(report.sealed.map(u64::cast_signed), sizes.last().copied());
    assert_eq!(report.events.cast_signed(), sealed.events().await);
    assert_eq!(report.unsealed().cast_signed(), sealed.events().await - sizes[1]);
    assert!(report.unsealed() > 0);
}

#[tokio::test]
async fn an_empty_ledger_and_one_that_was_never_sealed_hold() {
    let sealed = Sealed::unsealed(0).await;
    let report = sealed.verify().await;
    assert!(report.holds() && report.events == 0 && report.sealed.is_none(), "{report:?}");
    sealed.world.order("ladore-1");
    sealed.world.poll().await;
    let report = sealed.verify().await;
    assert!(report.holds() && report.events > 0 && report.unsealed() == report.events, "{report:?}");
}

#[tokio::test]
async fn each_change_of_events_is_found_and_named() {
    let sealed = Sealed::twice().await;
    let (sizes, events) = (sealed.sizes().await, sealed.events().await);
    let (first, last) = (sizes[0], sizes[1]);
    let stream_at = |position: i64| {
        format!(
            "delete from events where aggregate_id = (select aggregate_id from events where tenant_id = 7 and position = {position}) and sequence = 1"
        )
    };
    let changes = [
        (invented(1), vec!["the event at position 1 (number 1 of ".to_owned()]),
        (
            "update events set recorded_at = recorded_at + interval '1 microsecond' where tenant_id = 7 and position = 2".into(),
            vec!["the event at position 2 (number 1 of ".into()],
        ),
        (
            "update events set event_type = 'OrderReleased' where tenant_id = 7 and position = 0".into(),
            vec!["the event at position 0 (number 1 of ".into()],
        ),
        (
            "update events set payload = '{\"weight\": 1.5}' where tenant_id = 7 and position = 1".into(),
            vec!["the event at position 1 (number 1 of ".into(), "cannot be read: the number 1.5".into()],
        ),
        (
            stream_at(1),
            vec!["there is no event at the positions from 1 up to 2 without it".into(), " has number 2, at position ".into()],
        ),
        (
            format!("delete from events where tenant_id = 7 and position >= {}", last - 1),
            vec![format!("the ledger ends after {} events, and {last} were sealed", last - 1)],
        ),
        (
            format!("delete from events where tenant_id = 7 and position >= {last}"),
            vec![format!("there is no event at the positions from {last} up to {events} without it")],
        ),
        (
            "update events set position = 1000000 where tenant_id = 7 and position = 1; \
             update events set position = 1 where tenant_id = 7 and position = 2; \
             update events set position = 2 where tenant_id = 7 and position = 1000000"
                .into(),
            vec!["the event at position 1 ".into(), "the event at position 2 ".into()],
        ),
        (
            format!("update ledger_heads set next_position = {events} - 1 where tenant_id = 7"),
            vec![format!("there are events from position {} on, where the next append goes", events - 1)],
        ),
        (
            "update events set recorded_at = 'infinity' where tenant_id = 7 and position = 1".into(),
            vec!["the event at position 1 (number 1 of ".into(), "at which nothing can have been".into()],
        ),
        (
            "update events set recorded_at = '200000-01-01' where tenant_id = 7 and position = 1".into(),
            vec!["the event at position 1 (number 1 of ".into(), "at which nothing can have been".into()],
        ),
        (
            "update events set leaf_hash = '\\x00' where tenant_id = 7 and position = 1".into(),
            vec!["the event at position 1 (number 1 of ".into(), "is not the one that was recorded".into()],
        ),
        (
            second_at("position - 2"),
            vec!["there is an event at position -1, and the first position is 0".into()],
        ),
        (
            second_at(&i64::MAX.to_string()),
            vec![format!("there are events from position {events} on, where the next append goes")],
        ),
    ];
    sealed.tamper(UNCHECKED).await;
    sealed.copy().await;
    for (change, expected) in changes {
        sealed.tamper(&change).await;
        let found = sealed.findings().await.join("\n");
        for one in expected {
            assert!(found.contains(&one), "{change}\n{one}\n{found}");
        }
        sealed.restore().await;
        assert_eq!(sealed.findings().await, Vec::<String>::new(), "{change}");
    }
    assert!(first > 2, "the changes above are of what the first checkpoint is over");
}

#[tokio::test]
async fn a_leaf_hash_that_was_mended_to_fit_is_told_by_the_root() {
    let sealed = Sealed::twice().await;
    let sizes = sealed.sizes().await;
    sealed.tamper(&invented(sizes[0])).await;
    sealed.mend_leaves().await;
    let report = sealed.verify().await;
    let [Finding::Root { size, since }] = report.findings[..] else { panic!("{report:?}") };
    assert_eq!([size, since].map(u64::cast_signed), [sizes[1], sizes[0]], "it is between the two");
    assert_eq!((report.holding, report.checkpoints), (1, 2));
}

#[tokio::test]
async fn each_change_of_a_checkpoint_is_found_and_named() {
    let sealed = Sealed::twice().await;
    let size = sealed.sizes().await[0];
    let of = |set: &str| format!("update audit_checkpoints set {set} where tenant_id = 7 and size = {size}");
    sealed.tamper("alter table audit_checkpoints drop constraint audit_checkpoints_root_check").await;
    sealed.copy().await;
    for (set, what) in [
        ("root = '\\x00'", "its root is not what was signed"),
        ("sealed_at = 'infinity'", "its instant is not what was signed"),
        ("sealed_at = '200000-01-01'", "its instant is not what was signed"),
        ("root = sha256('')", "its root is not what was signed"),
        ("size = size + 1", "its size is not what was signed"),
        (
            "note = replace(note, E'\\n' || size || E'\\n', E'\\n' || (size + 1) || E'\\n')",
            "the signature does not fit",
        ),
        ("note = 'none'", "this is no signed checkpoint"),
        ("verifier_key = 'none'", "this is no verifier key"),
        (
            "note = (select note from audit_checkpoints order by size desc limit 1)",
            "its size is not what was signed",
        ),
    ] {
        sealed.tamper(&of(set)).await;
        let found = sealed.findings().await.join("\n");
        assert!(found.starts_with("the checkpoint of ") && found.contains(what), "{set}\n{found}");
        sealed.restore().await;
    }
    assert_eq!(sealed.findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn stored_subtrees_are_those_of_the_events_and_findings_beyond_twenty_are_counted() {
    let sealed = Sealed::unsealed(260).await;
    sealed.seal().await;
    assert!(sealed.verify().await.holds());
    sealed.copy().await;
    sealed.tamper("update audit_subtrees set hash = sha256('') where index = 0").await;
    let told = "the stored hash of the events at the positions from 0 up to 256 without it is another one";
    assert_eq!(sealed.findings().await, [told]);
    sealed.tamper("alter table audit_subtrees drop constraint audit_subtrees_hash_check").await;
    sealed.tamper("update audit_subtrees set hash = '\\x00' where index = 0").await;
    assert_eq!(sealed.findings().await, [told]);
    sealed.tamper("delete from audit_subtrees where index = 0").await;
    assert_eq!(
        sealed.findings().await,
        ["the hash of the events at the positions from 0 up to 256 without it is missing"]
    );
    sealed.restore().await;
    sealed.tamper("update events set recorded_at = recorded_at + interval '1 s' where position < 30").await;
    let report = sealed.verify().await;
    // Thirty events, and the root; of the subtree nothing more is to tell.
    assert_eq!((report.findings.len(), report.further), (20, 11), "{report:?}");
}

#[tokio::test]
async fn a_ledger_of_many_pages_is_read_to_its_end() {
    let sealed = Sealed::unsealed(0).await;
    for size in (1..=205).chain([4100]) {
        sealed.grow(size).await;
        sealed.seal().await;
    }
    sealed.grow(4200).await;
    let report = sealed.verify().await;
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.events, report.checkpoints, report.holding, report.unsealed()), (4200, 206, 206, 100));
    for position in [1999, 2000, 3999, 4150] {
        let version = |version: &str| {
            format!(
                "update events set event_version = '{version}' where tenant_id = 7 and position = {position}"
            )
        };
        sealed.tamper(&version("2.0")).await;
        let found = sealed.findings().await;
        assert!(found[0].starts_with(&format!("the event at position {position} ")), "{found:?}");
        assert_eq!(
            found.len(),
            if position < 4100 { 2 } else { 1 },
            "nothing is signed of it yet: {found:?}"
        );
        sealed.tamper(&version("1.0")).await;
    }
    sealed.tamper(UNCHECKED).await;
    for border in [1999, 2000] {
        sealed.tamper(&second_at(&border.to_string())).await;
        let found = sealed.findings().await;
        let told = format!("there is more than one event at position {border}");
        assert!(found.contains(&told), "{found:?}");
        sealed.tamper("delete from events where aggregate_id = 'other'").await;
    }
    sealed.tamper("delete from events where tenant_id = 7 and position between 1990 and 2010").await;
    let found = sealed.findings().await;
    assert_eq!(found[0], "there is no event at the positions from 1990 up to 2011 without it");
    assert_eq!(found.len(), 2, "that, and the stream: {found:?}");
}

#[tokio::test]
async fn a_ledger_that_grows_and_is_sealed_meanwhile_holds() {
    let sealed = Sealed::unsealed(0).await;
    let growing = async {
        for step in 1..=30 {
            sealed.grow(step * 100).await;
            sealed.seal().await;
        }
    };
    let verifying = async {
        for _ in 0..15 {
            let report = sealed.verify().await;
            assert!(report.holds() && report.checkpoints == report.holding, "{report:?}");
        }
    };
    join(growing, verifying).await;
    assert_eq!(sealed.verify().await.events, 3000);
}

#[tokio::test]
async fn what_the_database_forgot_is_held_against_a_checkpoint_that_was_kept() {
    let sealed = Sealed::twice().await;
    let kept = signed(&sealed.checkpoint(None).await);
    sealed.tamper("delete from audit_checkpoints").await;
    let report = sealed.verify_against(&[], std::slice::from_ref(&kept)).await;
    assert!(report.holds() && report.holding == 1, "{report:?}");
    sealed.tamper("delete from events where tenant_id = 7 and position > 1").await;
    let report = sealed.verify_against(&[], std::slice::from_ref(&kept)).await;
    let told = format!("a checkpoint of {} events was kept, and the ledger has 2", kept.size);
    assert!(report.findings.iter().any(|one| one.to_string().starts_with(&told)), "{report:?}");
}

#[tokio::test]
async fn a_history_that_was_written_anew_holds_but_against_a_checkpoint_that_was_kept() {
    let sealed = Sealed::twice().await;
    let kept = signed(&sealed.checkpoint(None).await);
    sealed.rewrite(&invented(1)).await;
    let report = sealed.verify().await;
    assert!(report.holds(), "whoever has all can make all fit: {report:?}");
    let report = sealed.verify_against(&[], std::slice::from_ref(&kept)).await;
    assert!(matches!(report.findings[..], [Finding::Kept { size }] if size == kept.size), "{report:?}");
}

#[tokio::test]
async fn checkpoints_have_to_be_signed_by_the_keys_that_are_trusted() {
    let mut sealed = Sealed::unsealed(2).await;
    sealed.seal().await;
    let before = sealed.verifier_key();
    sealed.renew_key().await;
    sealed.world.order("ladore-3");
    sealed.world.poll().await;
    sealed.seal().await;
    let now = sealed.verifier_key();
    assert_ne!(before, now);
    assert!(sealed.verify_against(&[], &[]).await.holds());
    assert!(sealed.verify_against(&[before.clone(), now.clone()], &[]).await.holds());
    for key in [before, now] {
        let report = sealed.verify_against(&[key], &[]).await;
        assert_eq!((report.findings.len(), report.holding), (1, 1), "{report:?}");
        assert!(
            report.findings[0].to_string().ends_with("the checkpoint is not signed by this key"),
            "{report:?}"
        );
    }
}

#[tokio::test]
async fn a_key_that_signs_again_after_another_one_is_found() {
    let sealed = Sealed::twice().await;
    sealed.seal().await;
    let sizes = sealed.sizes().await;
    let own = sealed.verifier_key();
    assert_eq!(sealed.verify().await.keys.as_slice(), std::slice::from_ref(&own));

    // Whoever has the database, and no key, lays one of his own beside what he signs.
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let other = sealed.sign_with(sizes[2], &pair).await;
    let report = sealed.verify().await;
    assert!(
        report.holds() && report.keys == [own.clone(), other.clone()],
        "only its own keys tell: {report:?}"
    );
    assert!(!sealed.verify_against(std::slice::from_ref(&own), &[]).await.holds());

    sealed.sign_with(sizes[0], &pair).await;
    let report = sealed.verify().await;
    assert!(
        matches!(report.findings[..], [Finding::FormerKey { size }] if size.cast_signed() == sizes[2]),
        "{report:?}"
    );
    assert_eq!((report.keys, report.holding), (vec![other, own], 3));
}

#[tokio::test]
async fn what_was_found_before_the_database_failed_is_told() {
    let sealed = Sealed::unsealed(0).await;
    sealed.grow(2100).await;
    sealed.tamper(&invented(1)).await;
    sealed
        .tamper(
            "alter table events alter column event_type drop not null; \
             update events set event_type = null where tenant_id = 7 and position = 2050",
        )
        .await;
    let report = sealed.verify().await;
    assert!(!report.holds() && report.broken_off.is_some(), "{report:?}");
    assert!(matches!(report.findings[..], [Finding::Altered { position: 1, .. }]), "{report:?}");
    assert_eq!(report.events, 2000);
}
