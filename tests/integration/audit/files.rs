//! What was taken away is verified by nothing but itself: it holds as it was made, and with any part of it changed it does not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use logistics_ledger::audit::dossier::{CheckpointFile, Dossier, ProvedEvent};
use logistics_ledger::audit::note::VerifierKey;
use logistics_ledger::audit::verify_file::{verify_against, verify_file};
use logistics_ledger::audit::{AuditFile, EventFault, FileError};
use logistics_ledger::ledger::leaf::{Content, canonical_json};
use logistics_projections::event_log::ERASURE;
use serde::Serialize;
use serde_json::{Value, json};

use super::sealed::{Sealed, read, signed};
use crate::cli::terminal::typed;

/// What is told beside what is signed: to be believed or not.
const UNSIGNED: [&str; 2] = ["/sealed_at", "/unsealed_events"];

/// The text of a file holds, by the key that it comes with, or by one from elsewhere.
fn holds(text: &str, key: Option<&VerifierKey>) -> Result<(), FileError> {
    let file = AuditFile::read(text)?;
    let own = file.own_key().map_err(FileError::Key)?;
    let keys: Vec<VerifierKey> = key.cloned().or(own).into_iter().collect();
    verify_file(&file, &keys).map(drop)
}

/// The places of everything in a file that is not made of other things.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, one) in fields {
                places(one, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (number, one) in items.iter().enumerate() {
                places(one, &format!("{at}/{number}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// The same with one letter or digit changed, in a few ways.
fn altered(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            let last = letters.len().saturating_sub(1);
            let mut altered = vec![format!("{text}x").into()];
            for place in [0, last / 2, last].into_iter().filter(|place| *place < letters.len()) {
                let mut letters = letters.clone();
                letters[place] = match letters[place] {
                    '0'..='8' => '9',
                    'x' => 'y',
                    _ => 'x',
                };
                altered.push(letters.into_iter().collect::<String>().into());
            }
            altered
        }
        Value::Number(number) => vec![(number.as_i64().unwrap() + 1).into(), number.to_string().into()],
        Value::Bool(truth) => vec![(!truth).into()],
        _ => vec![false.into()],
    }
}

/// Changes everything in a file, a part at a time, and requires that none of it holds any more.
fn require_whole(file: &impl Serialize, key: &VerifierKey) -> usize {
    let whole = serde_json::to_value(file).unwrap();
    for key in [None, Some(key)] {
        holds(&whole.to_string(), key).unwrap();
    }
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    for place in found.iter().filter(|place| !UNSIGNED.contains(&place.as_str())) {
        for other in altered(whole.pointer(place).unwrap()) {
            let mut file = whole.clone();
            *file.pointer_mut(place).unwrap() = other.clone();
            for key in [None, Some(key)] {
                let outcome = holds(&file.to_string(), key);
                // Without a proof of consistency a checkpoint stands for itself.
                assert!(outcome.is_err() || place.starts_with("/consistency"), "{place}: {other}");
            }
        }
    }
    found.len()
}

#[tokio::test]
async fn a_dossier_holds_and_with_anything_in_it_changed_it_does_not() {
    let sealed = Sealed::unsealed(5).await;
    let order = sealed.world.order("ladore-1001");
    sealed.world.poll().await;
    sealed.world.mintsoft.despatch(order, Some("JD0001")).unwrap();
    sealed.world.poll().await;
    sealed.seal().await;
    let dossier = sealed.dossier(order).await;
    assert!(dossier.events.len() > 1 && dossier.events.iter().all(|event| !event.proof.is_empty()));
    assert!(require_whole(&dossier, &sealed.verifier_key()) > 40);
}

#[tokio::test]
async fn a_dossier_that_leaves_an_event_out_does_not_hold() {
    let sealed = Sealed::unsealed(2).await;
    let order = sealed.world.order("ladore-1001");
    sealed.world.poll().await;
    sealed.world.mintsoft.despatch(order, Some("JD0001")).unwrap();
    sealed.world.poll().await;
    sealed.seal().await;
    let whole = sealed.dossier(order).await;
    let key = [sealed.verifier_key()];

    let mut first_left_out = whole.clone();
    first_left_out.events.remove(0);
    let error = verify_file(&read(&first_left_out), &key).unwrap_err();
    assert!(matches!(error, FileError::Gap { expected: 1, found: 2, .. }), "{error}");

    let mut swapped = whole.clone();
    swapped.events.swap(0, 1);
    let error = verify_file(&read(&swapped), &key).unwrap_err();
    assert!(matches!(error, FileError::Gap { expected: 1, found: 2, .. }), "{error}");

    let mut empty = whole.clone();
    empty.events.clear();
    assert!(matches!(verify_file(&read(&empty), &key), Err(FileError::NoEvents)));

    // The beginning of a history is one: only what is sealed later shows that it went on.
    let mut shortened = whole;
    shortened.events.pop();
    verify_file(&read(&shortened), &key).unwrap();
}

/// The hash over an event without its place, as whoever has the event whole can compute it.
fn true_hash(dossier: &Dossier, event: &ProvedEvent) -> String {
    let (payload, metadata) =
        (canonical_json(&event.payload).unwrap(), canonical_json(&event.metadata).unwrap());
    let content = Content {
        aggregate_type: "logistics_order",
        aggregate_id: &dossier.order_id.to_string(),
        sequence: event.sequence,
        event_type: &event.name,
        event_version: &event.version,
        payload: &payload,
        metadata: &metadata,
    };
    STANDARD.encode(content.hash())
}

/// The same dossier, in which this event is passed off as one that is left out.
fn passed_off(dossier: &Dossier, place: usize) -> Dossier {
    let mut forged = dossier.clone();
    let hash = true_hash(dossier, &dossier.events[place]);
    let event = &mut forged.events[place];
    (event.content_hash, event.name) = (Some(hash), "TrackingEventRecorded".to_owned());
    (event.payload, event.metadata) = (Value::Null, Value::Null);
    forged
}

#[tokio::test]
async fn a_hash_stands_for_an_event_only_where_the_person_was_erased_and_nothing_else_is_told_of_it() {
    let sealed = Sealed::unsealed(1).await;
    let world = &sealed.world;
    let order = world.order("ladore-1001");
    world.mintsoft.despatch(order, Some("JD0001")).unwrap();
    world.mintsoft.add_tracking_event_at(order, "InTransit", "Left with Mrs Ash", world.clock.now()).unwrap();
    world.poll().await;
    sealed.seal().await;
    let before = sealed.dossier(order).await;
    let told = typed(world.database.url(), &["erase", "ladore-1001", "--reason", "She asked for it."]).await;
    assert!(told.answer().ends_with("is erased"), "{told:?}");
    let not_sealed = sealed.dossier(order).await;
    sealed.seal().await;
    let after = sealed.dossier(order).await;
    let outcome = |dossier: &Dossier| verify_file(&read(dossier), &[sealed.verifier_key()]);
    let fault = |dossier: &Dossier| match outcome(dossier) {
        Err(FileError::Event { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    for (dossier, left_out, tells_erasure) in
        [(&before, 0, false), (&not_sealed, 1, false), (&after, 1, true)]
    {
        outcome(dossier).unwrap();
        let count = dossier.events.iter().filter(|event| event.is_left_out()).count();
        assert_eq!((count, dossier.tells_erasure()), (left_out, tells_erasure));
    }
    assert!(before.unsealed_events == 0 && not_sealed.unsealed_events > 0);

    // The true hash beside another payload, of any kind of event.
    let place = after.events.iter().position(ProvedEvent::is_left_out).unwrap();
    for dossier in [&before, &after] {
        for forged in [0, place] {
            let mut changed = dossier.clone();
            let hash = true_hash(&before, &before.events[forged]);
            changed.events[forged].content_hash = Some(hash);
            changed.events[forged].payload = json!({"told": "otherwise"});
            let refused = matches!(fault(&changed), EventFault::LeftOut | EventFault::NotErased);
            assert!(refused, "event {forged}");
        }
    }

    // Another event, relabelled: nowhere but where the person was erased. There only its place and instant are proved.
    for place in 0..before.events.len() {
        assert!(matches!(fault(&passed_off(&before, place)), EventFault::NotErased), "event {place}");
    }
    outcome(&passed_off(&after, 0)).unwrap();

    // Without its erasure, a dossier of which nothing is waiting leaves nothing out; and no other event is one.
    let erasure = after.events.iter().position(|event| event.name == ERASURE).unwrap();
    let mut without = after.clone();
    without.events.truncate(erasure);
    assert!(matches!(fault(&without), EventFault::NotErased));
    let mut invented = passed_off(&before, place);
    invented.events[0].name = ERASURE.to_owned();
    assert!(matches!(fault(&invented), EventFault::NotIncluded(_)));
}

#[tokio::test]
async fn a_checkpoint_holds_and_with_anything_in_it_changed_it_does_not() {
    let sealed = Sealed::twice().await;
    assert!(require_whole(&sealed.checkpoint(None).await, &sealed.verifier_key()) > 6);
}

#[tokio::test]
async fn the_note_alone_holds_by_a_key_from_elsewhere_however_its_end_was_copied() {
    let sealed = Sealed::twice().await;
    let (note, key) = (sealed.checkpoint(None).await.note, sealed.verifier_key());
    for copied in [note.clone(), note.trim_end().to_owned(), format!("{note}\n\n")] {
        holds(&copied, Some(&key)).unwrap();
        assert!(holds(&copied, None).is_err(), "it comes without a key");
    }
    assert!(matches!(AuditFile::read("none"), Err(FileError::NoFile(_))));
    assert!(matches!(AuditFile::read("{\"format\":\"dossier/9\"}"), Err(FileError::Format(_))));
}

/// The proof in a file that an earlier checkpoint is its beginning.
fn leads(file: &CheckpointFile, kept: &CheckpointFile) -> Result<(), FileError> {
    verify_against(&read(file), &signed(file), &signed(kept))
}

#[tokio::test]
async fn a_checkpoint_from_before_is_the_beginning_of_a_later_one() {
    let sealed = Sealed::twice().await;
    let kept = sealed.checkpoint(None).await;
    leads(&kept, &kept).unwrap();
    sealed.seal().await;
    let later = sealed.checkpoint(Some(kept.size)).await;
    assert!(later.size > kept.size);
    leads(&later, &kept).unwrap();

    let unproved = sealed.checkpoint(None).await;
    assert!(
        matches!(leads(&unproved, &kept), Err(FileError::NoConsistency { kept: size }) if size == kept.size)
    );
    let other = sealed.checkpoint(Some(kept.size - 1)).await;
    assert!(matches!(leads(&other, &kept), Err(FileError::NoConsistency { .. })));
    assert!(matches!(leads(&kept, &later), Err(FileError::Older { .. })));
    let mut altered = later;
    altered.consistency.as_mut().unwrap().proof.pop();
    assert!(matches!(leads(&altered, &kept), Err(FileError::Consistency { .. })));
    altered.consistency.as_mut().unwrap().proof.push("none".to_owned());
    assert!(matches!(leads(&altered, &kept), Err(FileError::Hash { .. })));
}

#[tokio::test]
async fn a_history_that_was_written_anew_does_not_lead_from_a_checkpoint_that_was_kept() {
    let sealed = Sealed::twice().await;
    let kept = sealed.checkpoint(None).await;
    let invented =
        "update events set recorded_at = recorded_at + interval '1 s' where tenant_id = 7 and position = 1";
    sealed.rewrite(invented).await;
    let later = sealed.checkpoint(Some(kept.size)).await;
    verify_file(&read(&later), &[sealed.verifier_key()]).unwrap();
    assert!(matches!(leads(&later, &kept), Err(FileError::Consistency { .. })));

    // Nor one that ends where the kept one did.
    sealed.tamper(&format!("delete from events where tenant_id = 7 and position >= {}", kept.size)).await;
    sealed
        .tamper(&format!("update ledger_heads set next_position = {} where tenant_id = 7", kept.size))
        .await;
    sealed.rewrite("select 1").await;
    let same_size = sealed.checkpoint(None).await;
    assert_eq!(same_size.size, kept.size);
    assert!(matches!(leads(&same_size, &kept), Err(FileError::Diverged { .. })));
}
