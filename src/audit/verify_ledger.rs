//! Verifies a tenant's ledger where it is stored: every event against its leaf hash, the tree over them against the stored hashes of
//! subtrees, every checkpoint against the root at its size and its signature. It needs a page of events in memory, and no service
//! stands still for it: where it ends is fixed when it begins.

use std::collections::VecDeque;

use logistics_projections::TenantScope;
use logistics_projections::event_log::{self, BrokenStream, LogEntry};
use serde_json::Value;
use sqlx::PgPool;

use super::checkpoints::{self, StoredCheckpoint};
use super::finding::{FINDINGS_MAX, Finding, LedgerReport};
use super::note::{Checkpoint, VerifierKey};
use super::stored_subtrees::stored_subtrees;
use super::tiles::TILE_HEIGHT;
use super::tree::{Frontier, Hash, Node};
use super::verify_file::{open, tenant_of};
use crate::ledger::leaf::{Content, NotCanonical, canonical_json, leaf_hash};

/// Events that are read at once.
const PAGE: i64 = 2000;

/// Checkpoints that are read at once.
const CHECKPOINTS_PAGE: i64 = 200;

/// Verifies the tenant's ledger. Checkpoints have to be signed by one of `keys`, or, where none are given, by the key that is stored
/// with them. `kept` are checkpoints of this ledger from elsewhere, with signatures that were verified: the ledger has to lead to
/// their roots, whether or not the database knows of them.
pub async fn verify_ledger(
    pool: &PgPool,
    scope: TenantScope,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> sqlx::Result<LedgerReport> {
    // In this order, so that what is appended and sealed meanwhile is no finding.
    let sealed = checkpoints::newest(pool, &scope).await?.map(|newest| newest.size);
    let after_last = event_log::newest_position(pool, &scope).await? + 1;
    let head = event_log::next_position(pool, &scope).await?;
    let mut walk = Walk::new(pool, scope, keys, kept, sealed);
    walk.through(after_last.max(head)).await?;
    walk.end(head, after_last).await?;
    Ok(walk.report)
}

/// The way along a ledger, from its first event on.
struct Walk<'a> {
    pool: &'a PgPool,
    scope: TenantScope,
    keys: &'a [VerifierKey],
    /// The kept checkpoints that were not reached yet, the smallest last.
    kept: Vec<&'a Checkpoint>,
    /// The stored checkpoints that were read and not reached yet, the smallest first.
    ahead: VecDeque<StoredCheckpoint>,
    /// The size of the last checkpoint that was read.
    read_up_to: i64,
    /// The position that should come next.
    next: u64,
    tree: Frontier,
    /// Subtrees that the present page completed, of the heights that are stored and without a damaged event.
    completed: Vec<(Node, Hash)>,
    /// The last event that is a finding: the hashes above it differ of necessity.
    damaged: Option<u64>,
    /// The size of the last checkpoint that holds.
    held_up_to: u64,
    root_is_told: bool,
    report: LedgerReport,
}

impl<'a> Walk<'a> {
    fn new(
        pool: &'a PgPool,
        scope: TenantScope,
        keys: &'a [VerifierKey],
        kept: &'a [Checkpoint],
        sealed: Option<i64>,
    ) -> Self {
        let mut kept: Vec<&Checkpoint> = kept.iter().collect();
        kept.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        let sealed = sealed.map(i64::cast_unsigned);
        Self {
            pool,
            scope,
            keys,
            kept,
            ahead: VecDeque::new(),
            read_up_to: 0,
            next: 0,
            tree: Frontier::default(),
            completed: Vec::new(),
            damaged: None,
            held_up_to: 0,
            root_is_told: false,
            report: LedgerReport { sealed, ..LedgerReport::default() },
        }
    }

    /// Reads every event before position `end`.
    async fn through(&mut self, end: i64) -> sqlx::Result<()> {
        self.reach().await?;
        let mut begin = 0;
        while begin < end {
            let page = event_log::entries(self.pool, &self.scope, begin, PAGE).await?;
            let Some(last) = page.last().map(|entry| entry.position) else { break };
            for entry in page.iter().filter(|entry| entry.position < end) {
                self.take(entry);
                self.reach().await?;
            }
            self.hold_subtrees().await?;
            begin = last + 1;
        }
        Ok(())
    }

    fn take(&mut self, entry: &LogEntry) {
        let position = entry.position.cast_unsigned();
        self.report.events += 1;
        if position < self.next {
            return self.report.find(Finding::Repeated { position });
        }
        if position > self.next {
            self.report.find(Finding::Missing { begin: self.next, end: position });
        }
        let leaf = self.leaf(entry);
        self.next = position + 1;
        // Behind a gap no root can be told any more.
        if self.tree.size() == position {
            let Self { completed, damaged, .. } = self;
            self.tree.push(leaf, |node, hash| {
                let is_damaged = damaged.is_some_and(|damaged| damaged >= node.index << node.level);
                if node.level.is_multiple_of(TILE_HEIGHT) && !is_damaged {
                    completed.push((node, hash));
                }
            });
        }
    }

    /// The leaf of what is stored; a finding where it is not the one that was recorded.
    fn leaf(&mut self, entry: &LogEntry) -> Hash {
        let (position, sequence, stream) =
            (entry.position.cast_unsigned(), entry.sequence, entry.aggregate_id.clone());
        let (leaf, finding) = match recomputed(self.scope, entry) {
            Ok(leaf) if leaf == entry.leaf_hash => return leaf,
            Ok(leaf) => (leaf, Finding::Altered { position, sequence, stream }),
            Err(why) => (entry.leaf_hash, Finding::Unreadable { position, sequence, stream, why }),
        };
        self.damaged = Some(position);
        self.report.find(finding);
        leaf
    }

    /// Holds what was signed against the events so far: every checkpoint of no more than these.
    async fn reach(&mut self) -> sqlx::Result<()> {
        while let Some(stored) = self.checkpoint_up_to(self.next).await? {
            self.hold(&stored);
        }
        while let Some(kept) = self.kept.pop_if(|kept| kept.size <= self.next) {
            self.report.checkpoints += 1;
            if self.root_at(kept.size) == Some(kept.root) {
                self.report.holding += 1;
            } else {
                self.report.find(Finding::Kept { size: kept.size });
            }
        }
        Ok(())
    }

    /// The next stored checkpoint, if it is of at most `size` events. What was sealed since the verification began is left alone.
    async fn checkpoint_up_to(&mut self, size: u64) -> sqlx::Result<Option<StoredCheckpoint>> {
        let sealed = self.report.sealed.unwrap_or(0).cast_signed();
        if self.ahead.is_empty() && self.read_up_to < sealed {
            let page = checkpoints::after(self.pool, &self.scope, self.read_up_to, CHECKPOINTS_PAGE).await?;
            self.read_up_to = page.last().map_or(sealed, |last| last.size);
            self.ahead.extend(page.into_iter().filter(|one| one.size <= sealed));
        }
        let is_reached = self.ahead.front().is_some_and(|next| next.size.cast_unsigned() <= size);
        Ok(if is_reached { self.ahead.pop_front() } else { None })
    }

    /// The root of the first `size` events; none where they are not all there, or not the last that were read.
    fn root_at(&self, size: u64) -> Option<Hash> {
        (self.tree.size() == size).then(|| self.tree.root())
    }

    fn hold(&mut self, stored: &StoredCheckpoint) {
        self.report.checkpoints += 1;
        let size = stored.size.cast_unsigned();
        let root = match self.signed(stored) {
            Ok(root) => root,
            Err(finding) => return self.report.find(finding),
        };
        let is_held = self.root_at(size) == Some(root);
        if is_held {
            self.report.holding += 1;
            self.held_up_to = size;
        } else if !self.root_is_told && self.tree.size() == size {
            // Once is enough: each later one is over the same events.
            self.report.find(Finding::Root { size, since: self.held_up_to });
            self.root_is_told = true;
        }
    }

    /// The root that a stored checkpoint was signed with.
    fn signed(&self, stored: &StoredCheckpoint) -> Result<Hash, Finding> {
        let size = stored.size.cast_unsigned();
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
            None => Ok(signed.root),
        }
    }

    /// Holds the subtrees that the page completed against those that are stored.
    async fn hold_subtrees(&mut self) -> sqlx::Result<()> {
        let completed = std::mem::take(&mut self.completed);
        if completed.is_empty() {
            return Ok(());
        }
        let stored = stored_subtrees(self.pool, &self.scope, &completed).await?;
        for (Node { level, index }, hash) in completed {
            let (begin, end) = (index << level, (index + 1) << level);
            match stored.get(&(level, index)) {
                Some(found) if *found == hash => {}
                Some(_) => self.report.find(Finding::Subtree { begin, end }),
                None if end <= self.report.sealed.unwrap_or(0) => {
                    self.report.find(Finding::NoSubtree { begin, end });
                }
                None => {}
            }
        }
        Ok(())
    }

    /// What is left to tell once all events were read.
    async fn end(&mut self, head: i64, after_last: i64) -> sqlx::Result<()> {
        let (head, events) = (head.cast_unsigned(), self.next);
        match self.report.sealed {
            Some(sealed) if events < sealed => self.report.find(Finding::CutOff { events, sealed }),
            _ if events < head => self.report.find(Finding::Missing { begin: events, end: head }),
            _ => {}
        }
        if after_last.cast_unsigned() > head {
            self.report.find(Finding::PastHead { head });
        }
        while let Some(beyond) = self.checkpoint_up_to(u64::MAX).await? {
            self.hold(&beyond);
        }
        while let Some(kept) = self.kept.pop() {
            self.report.checkpoints += 1;
            self.report.find(Finding::KeptBeyond { size: kept.size, events });
        }
        let listed = i64::try_from(FINDINGS_MAX).unwrap_or(i64::MAX);
        let end = events.cast_signed();
        let broken = event_log::broken_streams(self.pool, &self.scope, end, listed).await?;
        let unlisted = broken.first().map_or(0, |first| first.of) - i64::try_from(broken.len()).unwrap_or(0);
        for BrokenStream { aggregate_id, events, last, .. } in broken {
            self.report.find(Finding::Stream { stream: aggregate_id, events, last });
        }
        self.report.further += u64::try_from(unlisted).unwrap_or(0);
        Ok(())
    }
}

/// The leaf hash of what is stored of an event.
fn recomputed(scope: TenantScope, entry: &LogEntry) -> Result<Hash, NotCanonical> {
    let canonical = |text: &str| canonical_json(&serde_json::from_str::<Value>(text)?);
    let (payload, metadata) = (canonical(&entry.payload)?, canonical(&entry.metadata)?);
    let content = Content {
        aggregate_type: &entry.aggregate_type,
        aggregate_id: &entry.aggregate_id,
        sequence: entry.sequence,
        event_type: &entry.event_type,
        event_version: &entry.event_version,
        payload: &payload,
        metadata: &metadata,
    };
    Ok(leaf_hash(scope.tenant().0, entry.position, entry.recorded_at, &content.hash()))
}
