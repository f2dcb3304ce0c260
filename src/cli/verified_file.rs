//! What `ledger verify FILE` tells of a dossier or a checkpoint that holds, and what it does not prove.

use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

use super::answer;
use super::table::printable;
use crate::audit::dossier::Dossier;
use crate::audit::note::{Checkpoint, VerifierKey};
use crate::audit::verify_file::{Verified, open, verify_against, verify_file};
use crate::audit::{AuditFile, FileError};

/// Verifies a file by the keys that are trusted, and against checkpoints that were kept, and tells what holds.
pub(super) fn tell(
    file: &AuditFile,
    kept: &[(&Path, AuditFile)],
    given: &[VerifierKey],
) -> anyhow::Result<()> {
    let keys = trusted(file, kept, given)?;
    let verified = verify_file(file, &keys)?;
    let mut against = Vec::with_capacity(kept.len());
    for (path, kept) in kept {
        let named = || path.display().to_string();
        let (earlier, _) = open(&keys, kept.note()).with_context(named)?;
        verify_against(file, &verified.checkpoint, &earlier).with_context(named)?;
        against.push((*path, earlier));
    }
    for line in lines(file, &verified, &against, given.is_empty()) {
        answer(&printable(&line))?;
    }
    Ok(())
}

/// The keys that were given; else those that kept checkpoints came with, since these were had before; else the file's own.
fn trusted(
    file: &AuditFile,
    kept: &[(&Path, AuditFile)],
    given: &[VerifierKey],
) -> Result<Vec<VerifierKey>, FileError> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let mut keys = Vec::new();
    for (_, kept) in kept {
        keys.extend(kept.own_key().map_err(FileError::Key)?);
    }
    if keys.is_empty() {
        keys.extend(file.own_key().map_err(FileError::Key)?);
    }
    if keys.is_empty() { Err(FileError::NoKey) } else { Ok(keys) }
}

fn lines(
    file: &AuditFile,
    Verified { checkpoint, key }: &Verified,
    against: &[(&Path, Checkpoint)],
    key_is_unproved: bool,
) -> Vec<String> {
    let Checkpoint { origin, size, root } = checkpoint;
    let mut lines = Vec::new();
    if let AuditFile::Dossier(dossier) = file {
        lines.extend(events_told(dossier));
    }
    lines.push(format!("the checkpoint holds: log {origin}, {size} events, root {}", STANDARD.encode(root)));
    lines.extend(own_word(file));
    for (path, kept) in against {
        lines.push(format!("its first {} events are those of {}", kept.size, path.display()));
    }
    lines.push(format!("verified by the key {key}"));
    if key_is_unproved {
        lines.push("the key came with the files; compare it with one that you got elsewhere, or give that with --key".to_owned());
    }
    let unproved = match file {
        AuditFile::Checkpoint(file) => file
            .consistency
            .as_ref()
            .filter(|proof| !against.iter().any(|(_, kept)| kept.size == proof.since)),
        AuditFile::Dossier(_) | AuditFile::Note(_) => None,
    };
    if let Some(proof) = unproved {
        lines.push(format!(
            "the proof of the first {} events was not used; give the checkpoint of that size with --against",
            proof.since
        ));
    }
    lines
}

/// What is proved of the events of a dossier.
fn events_told(dossier: &Dossier) -> Vec<String> {
    let (order, count) = (dossier.order_id, dossier.events.len());
    let left_out: Vec<String> = dossier
        .events
        .iter()
        .filter(|event| event.is_left_out())
        .map(|event| event.sequence.to_string())
        .collect();
    let whole = count - left_out.len();
    let numbers = left_out.join(", ");
    let (subject, place, word) = match left_out.len() {
        0 => {
            return vec![format!(
                "the {count} events of order {order} hold, and none before the last of them is missing"
            )];
        }
        1 => ("event", "that place and instant", "its number and kind are"),
        _ => ("events", "those places and instants", "their numbers and kinds are"),
    };
    let mut lines = vec![format!(
        "{whole} events of order {order} hold; of {subject} {numbers} only that something was recorded at {place} is proved; {word} the file's word"
    )];
    lines.push(if dossier.tells_erasure() {
        "what a courier wrote of the person is left out there, since the person was erased, which an event here proves".to_owned()
    } else {
        "what a courier wrote of the person is left out there; that the person was erased, no event here proves yet".to_owned()
    });
    lines
}

/// What a file says that is not signed. The file alone says so; one that is taken later proves it.
fn own_word(file: &AuditFile) -> Option<String> {
    let at = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (sealed_at, behind, whose) = match file {
        AuditFile::Dossier(file) => (file.sealed_at, file.unsealed_events, "order"),
        AuditFile::Checkpoint(file) => (file.sealed_at, file.unsealed_events, "ledger"),
        AuditFile::Note(_) => return None,
    };
    let behind = match behind {
        0 => format!("the {whose} had no later event when the file was made"),
        1 => format!("1 later event of the {whose} was not sealed when the file was made"),
        more => format!("{more} later events of the {whose} were not sealed when the file was made"),
    };
    Some(format!("by the file's own word, it was sealed at {} and {behind}", at(sealed_at)))
}
