//! Verifies what somebody took away, a dossier or a checkpoint, by nothing but itself, the keys that are trusted, and a checkpoint
//! that was kept from before. Pure: no database, no service.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use logistics_domain::TenantId;

use super::dossier::{CheckpointFile, Consistency, Dossier, ProvedEvent};
use super::file::AuditFile;
use super::file_error::{EventFault, FileError};
use super::note::{Checkpoint, NoteError, VerifierKey};
use super::proof::{verify_consistency, verify_inclusion};
use super::tree::Hash;

/// A file that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The checkpoint that all of it was held against.
    pub checkpoint: Checkpoint,
    /// The key that signed the checkpoint.
    pub key: VerifierKey,
}

/// Verifies a file by keys of which one has to have signed its checkpoint. Of a dossier that is all: each of its events is proved to
/// stand in the log, and of one that is [left out](ProvedEvent::is_left_out) that something stands there, recorded at that instant. Its
/// number and its kind are the file's word: any event of the ledger could be passed off as it, where its person was erased.
/// Of a checkpoint, whether an earlier one is its beginning is [`verify_against`]'s.
pub fn verify_file(file: &AuditFile, keys: &[VerifierKey]) -> Result<Verified, FileError> {
    let (checkpoint, key) = open(keys, file.note()).map_err(|error| match error {
        NoteError::OtherKey => FileError::Untrusted,
        error => FileError::Note(error),
    })?;
    if file.key_text().is_some_and(|said| said != key.to_string()) {
        return Err(FileError::OtherKey);
    }
    match file {
        AuditFile::Dossier(dossier) => verify_dossier(dossier, &checkpoint)?,
        AuditFile::Checkpoint(file) => verify_beside(file, &checkpoint)?,
        AuditFile::Note(_) => {}
    }
    Ok(Verified { checkpoint, key: key.clone() })
}

/// The checkpoint in a note that one of these keys signed, and that key.
pub fn open<'k>(keys: &'k [VerifierKey], note: &str) -> Result<(Checkpoint, &'k VerifierKey), NoteError> {
    let mut refused = NoteError::OtherKey;
    for key in keys {
        match key.open(note) {
            Ok(checkpoint) => return Ok((checkpoint, key)),
            Err(NoteError::OtherKey) => {}
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Whose ledger a log of this name is; none where it is not one of this service's names.
pub fn tenant_of(origin: &str) -> Option<TenantId> {
    let (name, id) = origin.rsplit_once("/tenants/")?;
    let tenant: i64 = id.parse().ok()?;
    (!name.is_empty() && tenant.to_string() == id).then_some(TenantId(tenant))
}

/// That a checkpoint which was kept from before is the beginning of a file's one: the sizes and roots are the same, or the proof in
/// the file leads from the one to the other.
pub fn verify_against(file: &AuditFile, now: &Checkpoint, kept: &Checkpoint) -> Result<(), FileError> {
    let owner = tenant_of(&now.origin);
    if owner.is_none() || owner != tenant_of(&kept.origin) {
        return Err(FileError::OtherLog { kept: kept.origin.clone(), this: now.origin.clone() });
    }
    if kept.size > now.size {
        return Err(FileError::Older { size: now.size, kept: kept.size });
    }
    if kept.size == now.size {
        return if kept.root == now.root { Ok(()) } else { Err(FileError::Diverged { size: kept.size }) };
    }
    let consistency = match file {
        AuditFile::Checkpoint(file) => file.consistency.as_ref().filter(|proof| proof.since == kept.size),
        AuditFile::Dossier(_) | AuditFile::Note(_) => None,
    };
    let Consistency { proof, .. } = consistency.ok_or(FileError::NoConsistency { kept: kept.size })?;
    let proof = hashes(proof).map_err(|number| FileError::Hash { number })?;
    verify_consistency((kept.size, &kept.root), (now.size, &now.root), &proof)
        .map_err(|source| FileError::Consistency { kept: kept.size, source })
}

/// That what stands beside a note is what it says.
fn verify_beside(file: &CheckpointFile, signed: &Checkpoint) -> Result<(), FileError> {
    require_tenant(file.tenant_id, signed)?;
    if file.size != signed.size {
        return Err(FileError::Size { said: file.size, signed: signed.size });
    }
    if file.root != STANDARD.encode(signed.root) {
        return Err(FileError::Root);
    }
    Ok(())
}

fn require_tenant(tenant: i64, signed: &Checkpoint) -> Result<(), FileError> {
    if tenant_of(&signed.origin) == Some(TenantId(tenant)) {
        Ok(())
    } else {
        Err(FileError::OtherTenant { tenant, origin: signed.origin.clone() })
    }
}

fn verify_dossier(dossier: &Dossier, signed: &Checkpoint) -> Result<(), FileError> {
    require_tenant(dossier.tenant_id, signed)?;
    let may_leave_out = dossier.may_leave_out();
    let mut before: Option<u64> = None;
    for (expected, event) in (1..).zip(&dossier.events) {
        let ProvedEvent { position, sequence, .. } = *event;
        if sequence != expected {
            return Err(FileError::Gap { expected, found: sequence, position });
        }
        let outcome = if before.is_some_and(|before| before >= position) {
            Err(EventFault::NotAfter)
        } else if event.is_left_out() && !may_leave_out {
            Err(EventFault::NotErased)
        } else {
            verify_event(dossier, event, signed)
        };
        outcome.map_err(|fault| FileError::Event { sequence, position, fault })?;
        before = Some(position);
    }
    if before.is_some() { Ok(()) } else { Err(FileError::NoEvents) }
}

fn verify_event(dossier: &Dossier, event: &ProvedEvent, signed: &Checkpoint) -> Result<(), EventFault> {
    if !is_whole_microsecond(event.recorded_at) {
        return Err(EventFault::Instant);
    }
    if event.is_left_out() && !event.may_be_left_out() {
        return Err(EventFault::LeftOut);
    }
    let leaf = event.leaf(dossier.tenant_id, dossier.order_id).map_err(EventFault::NotCanonical)?;
    let leaf = leaf.ok_or(EventFault::ContentHash)?;
    let proof = hashes(&event.proof).map_err(EventFault::Hash)?;
    verify_inclusion(&leaf, event.position, signed.size, &proof, &signed.root)
        .map_err(EventFault::NotIncluded)
}

/// Whether the microseconds, which the leaf hash is over, are all that there is of an instant. A leap second would be another one's.
fn is_whole_microsecond(instant: DateTime<Utc>) -> bool {
    let beyond_the_second = instant.timestamp_subsec_nanos();
    beyond_the_second < 1_000_000_000 && beyond_the_second.is_multiple_of(1000)
}

/// Hashes from base64; the number, from 1, of the first that is none.
fn hashes(texts: &[String]) -> Result<Vec<Hash>, usize> {
    let read = |text: &String| STANDARD.decode(text).ok()?.try_into().ok();
    (1..).zip(texts).map(|(number, text)| read(text).ok_or(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_named_after_its_tenant() {
        assert_eq!(tenant_of("ledger.example:8443/tenants/7"), Some(TenantId(7)));
        for bad in [
            "",
            "ledger.example",
            "/tenants/7",
            "a/tenants/07",
            "a/tenants/+7",
            "a/tenants/7/",
            "a/tenants/x",
        ] {
            assert_eq!(tenant_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_instant_says_nothing_that_its_hash_does_not_cover() {
        let whole: DateTime<Utc> = "2026-11-27T10:00:00.123456Z".parse().unwrap();
        assert!(is_whole_microsecond(whole));
        for finer in ["2026-11-27T10:00:00.1234567Z", "2026-11-27T10:00:60.123456Z"] {
            assert!(!is_whole_microsecond(finer.parse().unwrap()), "{finer}");
        }
    }
}
