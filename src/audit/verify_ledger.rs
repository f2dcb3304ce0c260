//! Verifies a tenant's ledger where it is stored: every event against its leaf hash, the tree over them against the stored hashes of
//! subtrees, every checkpoint against the root at its size and its signature. It needs a page of events in memory, and no service
//! stands still for it: where it ends is fixed when it begins.

use chrono::{DateTime, Utc};
use logistics_projections::TenantScope;
use logistics_projections::event_log::{self, BrokenStream, LogEntry};
use serde_json::Value;
use sqlx::PgPool;

use super::checkpoints;
use super::finding::{Finding, LedgerReport};
use super::note::{Checkpoint, VerifierKey};
use super::stored_subtrees::stored_subtrees;
use super::tiles::TILE_HEIGHT;
use super::tree::{Frontier, Hash, Node, empty_root};
use super::verify_checkpoints::Checkpoints;
use crate::ledger::leaf::{Content, NotCanonical, canonical_json, leaf_hash};

/// Positions that are read at once.
const PAGE: i64 = 2000;

/// The most events that are read at once: more than there are positions only where some have several.
const EVENTS_MAX: i64 = 2 * PAGE;

/// Verifies the tenant's ledger. Checkpoints have to be signed by one of `keys`, or, where none are given, by the key that is stored
/// with them. `kept` are checkpoints of this ledger from elsewhere, with signatures that were verified: the ledger has to lead to
/// their roots, whether or not the database knows of them. What was found before the database failed is in the report, too.
pub async fn verify_ledger(
    pool: &PgPool,
    scope: TenantScope,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> LedgerReport {
    let mut walk = Walk {
        pool,
        scope,
        checkpoints: Checkpoints::of(pool, scope, keys, kept),
        next: 0,
        tree: Frontier::default(),
        completed: Vec::new(),
        damaged: None,
        report: LedgerReport::default(),
    };
    let broken_off = walk.whole().await.err();
    LedgerReport { broken_off, ..walk.report }
}

/// The way along a ledger, from its first event on.
struct Walk<'a> {
    pool: &'a PgPool,
    scope: TenantScope,
    checkpoints: Checkpoints<'a>,
    /// The position that should come next.
    next: u64,
    tree: Frontier,
    /// Subtrees that the present page completed, of the heights that are stored and without a damaged event.
    completed: Vec<(Node, Hash)>,
    /// The last event that is a finding: the hashes above it differ of necessity.
    damaged: Option<u64>,
    report: LedgerReport,
}

impl Walk<'_> {
    async fn whole(&mut self) -> sqlx::Result<()> {
        // In this order, so that what is appended and sealed meanwhile is no finding.
        let sealed = checkpoints::newest_size(self.pool, &self.scope).await?;
        self.report.sealed = sealed.map(i64::cast_unsigned);
        let after_last = event_log::newest_position(self.pool, &self.scope).await?.saturating_add(1);
        let head = event_log::next_position(self.pool, &self.scope).await?;
        self.through(after_last.max(head)).await?;
        self.end(head, after_last).await
    }

    /// Reads every event before position `end`, those below the first position too.
    async fn through(&mut self, end: i64) -> sqlx::Result<()> {
        self.reach().await?;
        let mut begin = i64::MIN;
        while begin < end {
            let page = event_log::entries(self.pool, &self.scope, begin, PAGE, EVENTS_MAX).await?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
            for entry in page.iter().filter(|entry| entry.position < end) {
                self.take(entry);
                self.reach().await?;
            }
            self.hold_subtrees().await?;
            self.hold_streams(first.position, last.position.min(end - 1)).await?;
            begin = last.position.saturating_add(1);
        }
        Ok(())
    }

    async fn reach(&mut self) -> sqlx::Result<()> {
        self.checkpoints.reach(self.next, &self.tree, &mut self.report).await
    }

    fn take(&mut self, entry: &LogEntry) {
        self.report.events += 1;
        let Ok(position) = u64::try_from(entry.position) else {
            return self.report.find(Finding::BelowZero { position: entry.position });
        };
        if position < self.next {
            return self.report.find(Finding::Repeated { position });
        }
        if position > self.next {
            self.report.find(Finding::Missing { begin: self.next, end: position });
        }
        let leaf = self.leaf(entry, position);
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
    fn leaf(&mut self, entry: &LogEntry, position: u64) -> Hash {
        let (sequence, stream) = (entry.sequence, entry.aggregate_id.clone());
        let stored = Hash::try_from(entry.leaf_hash.as_slice()).unwrap_or_else(|_| empty_root());
        let (leaf, finding) = match entry.recorded_at.map(|at| recomputed(self.scope, entry, at)) {
            Some(Ok(leaf)) if leaf.as_slice() == entry.leaf_hash => return leaf,
            Some(Ok(leaf)) => (leaf, Finding::Altered { position, sequence, stream }),
            Some(Err(why)) => (stored, Finding::Unreadable { position, sequence, stream, why }),
            None => (stored, Finding::Instant { position, sequence, stream }),
        };
        self.damaged = Some(position);
        self.report.find(finding);
        leaf
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

    /// Looks for the events before those of the page in their streams.
    async fn hold_streams(&mut self, first: i64, last: i64) -> sqlx::Result<()> {
        let page = (first, last);
        for broken in event_log::broken_streams(self.pool, &self.scope, page, EVENTS_MAX).await? {
            let BrokenStream { aggregate_id: stream, sequence, position } = broken;
            self.report.find(Finding::Stream { stream, sequence, position });
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
        self.checkpoints.end(events, &self.tree, &mut self.report).await
    }
}

/// The leaf hash of what is stored of an event.
fn recomputed(
    scope: TenantScope,
    entry: &LogEntry,
    recorded_at: DateTime<Utc>,
) -> Result<Hash, NotCanonical> {
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
    Ok(leaf_hash(scope.tenant().0, entry.position, recorded_at, &content.hash()))
}
