//! What `ledger verify FILE` tells of a dossier or a checkpoint that holds, and what it does not prove.

use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer;
use super::table::printable;
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
        let (order, count) = (dossier.order_id, dossier.events.len());
        lines.push(format!(
            "the {count} events of order {order} hold, and none before the last of them is missing"
        ));
        let left_out: Vec<String> = dossier
            .events
            .iter()
            .filter(|event| event.is_left_out())
            .map(|event| event.sequence.to_string())
            .collect();
        if !left_out.is_empty() {
            lines.push(format!(
                "of {} of them ({}) only place and instant are proved: what a courier wrote of a person who was erased is left out",
                left_out.len(),
                left_out.join(", ")
            ));
        }
        // The file alone says so; a later dossier proves it.
        lines.push(match dossier.unsealed_events {
            0 => "by the file's own word, the order had no later event when it was made".to_owned(),
            more => format!("by the file's own word, {more} later events of the order were not sealed yet"),
        });
    }
    lines.push(format!("the checkpoint holds: log {origin}, {size} events, root {}", STANDARD.encode(root)));
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
