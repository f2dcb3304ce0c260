//! What was signed of a ledger, held against its events as they are read: every stored checkpoint, by its signature, its root and the
//! key that signed it, and every checkpoint that was kept elsewhere.

use std::collections::VecDeque;

use logistics_projections::TenantScope;
use sqlx::PgPool;

use super::checkpoints::{self, CheckpointRow};
use super::finding::{Finding, LedgerReport};
use super::note::{Checkpoint, VerifierKey};
use super::signing_key::KEYS_MAX;
use super::tree::{Frontier, Hash};
use super::verify_file::{open, tenant_of};

/// Checkpoints that are read at once.
const PAGE: i64 = 200;

/// The checkpoints of a ledger, on the way along its events.
pub(super) struct Checkpoints<'a> {
    pool: &'a PgPool,
    scope: TenantScope,
    keys: &'a [VerifierKey],
    /// The kept checkpoints that were not reached yet, the smallest last.
    kept: Vec<&'a Checkpoint>,
    /// The stored checkpoints that were read and not reached yet, the smallest first.
    ahead: VecDeque<CheckpointRow>,
    /// The size of the last checkpoint that was read.
    read_up_to: i64,
    /// The key of the last checkpoint that is signed.
    signer: Option<VerifierKey>,
    /// The size of the last checkpoint that holds.
    held_up_to: u64,
    root_is_told: bool,
}

impl<'a> Checkpoints<'a> {
    /// Stored checkpoints have to be signed by one of `keys`, or, where none are given, by the key that is stored with them.
    pub(super) fn of(
        pool: &'a PgPool,
        scope: TenantScope,
        keys: &'a [VerifierKey],
        kept: &'a [Checkpoint],
    ) -> Self {
        let mut kept: Vec<&Checkpoint> = kept.iter().collect();
        kept.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        Self {
            pool,
            scope,
            keys,
            kept,
            ahead: VecDeque::new(),
            read_up_to: 0,
            signer: None,
            held_up_to: 0,
            root_is_told: false,
        }
    }

    /// Holds every checkpoint of at most `size` events, which were read, against the tree over them.
    pub(super) async fn reach(
        &mut self,
        size: u64,
        tree: &Frontier,
        report: &mut LedgerReport,
    ) -> sqlx::Result<()> {
        while let Some(stored) = self.next_up_to(size, report.sealed).await? {
            self.hold(stored, tree, report);
        }
        while let Some(kept) = self.kept.pop_if(|kept| kept.size <= size) {
            report.checkpoints += 1;
            if root_at(tree, kept.size) == Some(kept.root) {
                report.holding += 1;
            } else {
                report.find(Finding::Kept { size: kept.size });
            }
        }
        Ok(())
    }

    /// What is left once all of the `events` were read: checkpoints of more than there are.
    pub(super) async fn end(
        &mut self,
        events: u64,
        tree: &Frontier,
        report: &mut LedgerReport,
    ) -> sqlx::Result<()> {
        while let Some(beyond) = self.next_up_to(u64::MAX, report.sealed).await? {
            self.hold(beyond, tree, report);
        }
        while let Some(kept) = self.kept.pop() {
            report.checkpoints += 1;
            report.find(Finding::KeptBeyond { size: kept.size, events });
        }
        Ok(())
    }

    /// The next stored checkpoint, if it is of at most `size` events. What was sealed since the verification began is left alone.
    async fn next_up_to(&mut self, size: u64, sealed: Option<u64>) -> sqlx::Result<Option<CheckpointRow>> {
        let sealed = sealed.unwrap_or(0).cast_signed();
        if self.ahead.is_empty() && self.read_up_to < sealed {
            let page = checkpoints::after(self.pool, &self.scope, self.read_up_to, PAGE).await?;
            self.read_up_to = page.last().map_or(sealed, |last| last.size);
            self.ahead.extend(page.into_iter().filter(|one| one.size <= sealed));
        }
        let is_reached = self.ahead.front().is_some_and(|next| next.size.cast_unsigned() <= size);
        Ok(if is_reached { self.ahead.pop_front() } else { None })
    }

    fn hold(&mut self, stored: CheckpointRow, tree: &Frontier, report: &mut LedgerReport) {
        report.checkpoints += 1;
        let size = stored.size.cast_unsigned();
        let (root, key) = match self.signed(stored) {
            Ok(signed) => signed,
            Err(finding) => return report.find(finding),
        };
        let holds = root_at(tree, size) == Some(root);
        self.count_key(key, size, holds, report);
        if holds {
            report.holding += 1;
            self.held_up_to = size;
        } else if !self.root_is_told && tree.size() == size {
            // Once is enough: each later one is over the same events.
            report.find(Finding::Root { size, since: self.held_up_to });
            self.root_is_told = true;
        }
    }

    /// The root that a stored checkpoint was signed with, and the key that it is signed by.
    fn signed(&self, stored: CheckpointRow) -> Result<(Hash, VerifierKey), Finding> {
        let size = stored.size.cast_unsigned();
        let stored = stored.whole().map_err(|what| Finding::Beside { size, what })?;
        let own = stored.verifier_key.parse::<VerifierKey>();
        let own = own.map_err(|why| Finding::Note { size, why })?;
        let trusted = if self.keys.is_empty() { std::slice::from_ref(&own) } else { self.keys };
        let (signed, key) = open(trusted, &stored.note).map_err(|why| Finding::Note { size, why })?;
        let differs = [
            ("key", *key != own),
            ("size", signed.size != size),
            ("root", signed.root != stored.root),
            ("ledger", tenant_of(&signed.origin) != Some(self.scope.tenant())),
        ];
        match differs.iter().find(|(_, differs)| *differs) {
            Some((what, _)) => Err(Finding::Beside { size, what }),
            None => Ok((signed.root, own)),
        }
    }

    /// A key signs until another one does, and never again.
    fn count_key(&mut self, key: VerifierKey, size: u64, holds: bool, report: &mut LedgerReport) {
        let is_known = report.keys.contains(&key);
        if is_known && self.signer.as_ref() != Some(&key) {
            report.find(Finding::FormerKey { size });
        }
        if holds && !is_known {
            if report.keys.len() < usize::from(KEYS_MAX) {
                report.keys.push(key.clone());
            } else {
                report.has_more_keys = true;
            }
        }
        self.signer = Some(key);
    }
}

/// The root of the first `size` events; none where they are not all there, or not the last that were read.
fn root_at(tree: &Frontier, size: u64) -> Option<Hash> {
    (tree.size() == size).then(|| tree.root())
}
