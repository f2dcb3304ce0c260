//! What the verification of a ledger in its database finds, and the report that it is told in.

use super::note::{NoteError, VerifierKey};
use crate::ledger::leaf::NotCanonical;

/// The most findings of a tenant that are listed.
pub(super) const FINDINGS_MAX: usize = 20;

/// Something in a ledger that is not as it was recorded, or not as it was sealed.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// Content, instant, place or stored hash were changed.
    #[error(
        "the event at position {position} (number {sequence} of {stream}) is not the one that was recorded"
    )]
    Altered {
        /// Where it stands.
        position: u64,
        /// Its number in its stream.
        sequence: i64,
        /// Its stream.
        stream: String,
    },
    /// What is stored of an event cannot have been recorded.
    #[error("the event at position {position} (number {sequence} of {stream}) cannot be read: {why}")]
    Unreadable {
        /// Where it stands.
        position: u64,
        /// Its number in its stream.
        sequence: i64,
        /// Its stream.
        stream: String,
        /// Why.
        why: NotCanonical,
    },
    /// The instant of an event cannot have been recorded.
    #[error(
        "the event at position {position} (number {sequence} of {stream}) has an instant at which nothing can have been recorded"
    )]
    Instant {
        /// Where it stands.
        position: u64,
        /// Its number in its stream.
        sequence: i64,
        /// Its stream.
        stream: String,
    },
    /// An event stands before the first position.
    #[error(
        "there is an event at position {position}, and the first position is 0: something else put it there"
    )]
    BelowZero {
        /// Where it stands.
        position: i64,
    },
    /// There is nothing where an event should be.
    #[error("there is no event at the positions from {begin} up to {end} without it")]
    Missing {
        /// The first position without one.
        begin: u64,
        /// The next position with one, or the end of the ledger.
        end: u64,
    },
    /// Two events have the same position.
    #[error("there is more than one event at position {position}")]
    Repeated {
        /// Where.
        position: u64,
    },
    /// Events were taken away from the end.
    #[error("the ledger ends after {events} events, and {sealed} were sealed: the last ones are missing")]
    CutOff {
        /// How many there are.
        events: u64,
        /// The size of the newest checkpoint.
        sealed: u64,
    },
    /// There are events that the append did not give a position.
    #[error(
        "there are events from position {head} on, where the next append goes: something else put them there"
    )]
    PastHead {
        /// Where the next event goes.
        head: u64,
    },
    /// A stream does not have all of its events.
    #[error("the stream {stream} has number {sequence}, at position {position}, and not the event before it")]
    Stream {
        /// The stream.
        stream: String,
        /// The number of the event whose predecessor is missing.
        sequence: i64,
        /// Where that event stands.
        position: i64,
    },
    /// What was sealed is not what is there.
    #[error(
        "the first {size} events do not lead to the root that was signed: one at the positions from {since} on is another one"
    )]
    Root {
        /// The size of the checkpoint.
        size: u64,
        /// The size of the last checkpoint that holds.
        since: u64,
    },
    /// The note of a stored checkpoint is not signed by its key, or by none that is trusted.
    #[error("the checkpoint of {size} events: {why}")]
    Note {
        /// Its size.
        size: u64,
        /// Why.
        why: NoteError,
    },
    /// A key signed again after another one had taken its place.
    #[error(
        "the checkpoint of {size} events is signed by a key after which another one had signed; whoever has the former key made it"
    )]
    FormerKey {
        /// Its size.
        size: u64,
    },
    /// A stored checkpoint says something else than its note.
    #[error("the checkpoint of {size} events: its {what} is not what was signed")]
    Beside {
        /// Its size.
        size: u64,
        /// What differs.
        what: &'static str,
    },
    /// A stored hash of a subtree is not that of its events.
    #[error(
        "the stored hash of the events at the positions from {begin} up to {end} without it is another one"
    )]
    Subtree {
        /// The first of them.
        begin: u64,
        /// The first after them.
        end: u64,
    },
    /// A hash of a subtree that was sealed is not stored.
    #[error("the hash of the events at the positions from {begin} up to {end} without it is missing")]
    NoSubtree {
        /// The first of them.
        begin: u64,
        /// The first after them.
        end: u64,
    },
    /// The ledger is not the one of which a checkpoint was kept.
    #[error("the first {size} events are not those of the checkpoint of that size that was kept")]
    Kept {
        /// The size of the kept checkpoint.
        size: u64,
    },
    /// The ledger is shorter than a checkpoint that was kept.
    #[error("a checkpoint of {size} events was kept, and the ledger has {events}: the last ones are missing")]
    KeptBeyond {
        /// The size of the kept checkpoint.
        size: u64,
        /// How many events there are.
        events: u64,
    },
}

/// What the verification of a tenant's ledger came to.
#[derive(Debug, Default)]
pub struct LedgerReport {
    /// How many events were read.
    pub events: u64,
    /// How many checkpoints there are, those that were kept elsewhere counted too.
    pub checkpoints: u64,
    /// How many of them hold: signed, and with the root of the events that are there.
    pub holding: u64,
    /// The size of the newest stored checkpoint; none where nothing was sealed yet.
    pub sealed: Option<u64>,
    /// The keys that the stored checkpoints hold by, each once, the first that signed first.
    pub keys: Vec<VerifierKey>,
    /// Whether there are more than [`KEYS_MAX`](super::KEYS_MAX) of them.
    pub has_more_keys: bool,
    /// The first findings, in the order of the events.
    pub findings: Vec<Finding>,
    /// How many more findings there are.
    pub further: u64,
    /// Why the database could not be read to the end of the ledger; none where it was.
    pub broken_off: Option<sqlx::Error>,
}

impl LedgerReport {
    /// How many events are behind the newest checkpoint, so that nothing is signed of them yet.
    pub fn unsealed(&self) -> u64 {
        self.events.saturating_sub(self.sealed.unwrap_or(0))
    }

    /// Whether all was read, and is as it was recorded and sealed.
    pub const fn holds(&self) -> bool {
        self.findings.is_empty() && self.broken_off.is_none()
    }

    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.further += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_beyond_the_limit_are_counted() {
        let mut report = LedgerReport { events: 30, sealed: Some(20), ..LedgerReport::default() };
        assert!(report.holds());
        for position in 0..25 {
            report.find(Finding::Repeated { position });
        }
        assert_eq!((report.findings.len(), report.further, report.unsealed()), (FINDINGS_MAX, 5, 10));
        assert!(!report.holds());
    }
}
