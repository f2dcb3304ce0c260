//! Hashes of nodes of a tenant's Merkle log, read from the database a tile at a time: 256 hashes side by side, of events or of
//! every eighth height above them. A proof in a log of a million events needs three tiles and its right edge.

use std::collections::{HashMap, VecDeque};

use logistics_projections::{TenantScope, event_log};
use sqlx::PgConnection;

use super::error::AuditError;
use super::proof;
use super::tree::{Frontier, Hash, Node, Range, join, node_hash};

/// How many heights a tile spans: these are stored, and the ones between are computed.
pub const TILE_HEIGHT: u32 = 8;

/// How many tiles of events are kept, of 8 KiB each. Those above are few: one for 65,536 events.
const EVENT_TILES_MAX: usize = 64;

/// Reads one tenant's log, and keeps the tiles that it has read, of those of events the last ones.
pub struct Tiles<'c> {
    connection: &'c mut PgConnection,
    scope: TenantScope,
    read: Kept,
}

/// Tiles that were read, by their height and number.
#[derive(Default)]
struct Kept {
    tiles: HashMap<(u32, u64), Vec<Hash>>,
    /// The numbers of those of events, the first that was read first.
    of_events: VecDeque<u64>,
}

impl Kept {
    /// Keeps a tile, and forgets the oldest of events where they would be too many.
    fn keep(&mut self, level: u32, tile: u64, hashes: Vec<Hash>) {
        if level == 0 {
            if self.of_events.len() == EVENT_TILES_MAX
                && let Some(oldest) = self.of_events.pop_front()
            {
                self.tiles.remove(&(0, oldest));
            }
            self.of_events.push_back(tile);
        }
        self.tiles.insert((level, tile), hashes);
    }
}

impl<'c> Tiles<'c> {
    /// Reads the tenant's log over this connection.
    pub fn of(connection: &'c mut PgConnection, scope: TenantScope) -> Self {
        Self { connection, scope, read: Kept::default() }
    }

    /// The hashes that prove that the event at `position` is in the log of `size` events.
    pub async fn prove_inclusion(&mut self, position: u64, size: u64) -> Result<Vec<Hash>, AuditError> {
        let beyond = AuditError::Beyond { asked: position, size };
        self.hashes(&proof::inclusion(position, size).ok_or(beyond)?).await
    }

    /// The hashes that prove that the log of `first` events is the beginning of the one of `second`.
    pub async fn prove_consistency(&mut self, first: u64, second: u64) -> Result<Vec<Hash>, AuditError> {
        let beyond = AuditError::Beyond { asked: first, size: second };
        self.hashes(&proof::consistency(first, second).ok_or(beyond)?).await
    }

    /// The right edge of the log of the first `size` events, from what is stored.
    pub async fn frontier(&mut self, size: u64) -> Result<Frontier, AuditError> {
        let mut peaks = Vec::new();
        for node in (Range { begin: 0, end: size }).peaks() {
            peaks.push(self.node(node).await?);
        }
        Frontier::of(size, peaks).ok_or(AuditError::Beyond { asked: size, size })
    }

    async fn hashes(&mut self, ranges: &[Range]) -> Result<Vec<Hash>, AuditError> {
        let mut hashes = Vec::with_capacity(ranges.len());
        for range in ranges {
            let mut peaks = Vec::new();
            for node in range.peaks() {
                peaks.push(self.node(node).await?);
            }
            hashes.push(join(&peaks));
        }
        Ok(hashes)
    }

    /// The hash of a complete subtree, computed from the tile that it stands in.
    async fn node(&mut self, node: Node) -> Result<Hash, AuditError> {
        let level = node.level / TILE_HEIGHT * TILE_HEIGHT;
        let height = node.level - level;
        let first = node.index << height;
        let tile = first >> TILE_HEIGHT;
        let stored = self.tile(level, tile).await?;
        let begin = usize::try_from(first - (tile << TILE_HEIGHT)).unwrap_or(usize::MAX);
        let wanted = 1_usize << height;
        let found = stored.get(begin..begin.saturating_add(wanted)).ok_or_else(|| {
            let there = stored.len().saturating_sub(begin) as u64;
            AuditError::Missing { missing: wanted as u64 - there, level, index: first + there }
        })?;
        let mut hashes = found.to_vec();
        for _ in 0..height {
            hashes = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        hashes.first().copied().ok_or(AuditError::Missing { missing: 1, level, index: first })
    }

    /// A tile, as far as it is there. One with a hole, or with what is no hash, ends before it, so that no hash counts as its
    /// neighbour's.
    async fn tile(&mut self, level: u32, tile: u64) -> Result<&[Hash], AuditError> {
        if !self.read.tiles.contains_key(&(level, tile)) {
            let begin = tile << TILE_HEIGHT;
            let stored = self.stored(level, begin, begin + (1 << TILE_HEIGHT)).await?;
            self.read.keep(level, tile, stored);
        }
        Ok(self.read.tiles.get(&(level, tile)).map_or(&[], Vec::as_slice))
    }

    async fn stored(&mut self, level: u32, begin: u64, end: u64) -> Result<Vec<Hash>, AuditError> {
        let (from, to) = (begin.cast_signed(), end.cast_signed());
        let rows: Vec<(i64, Hash)> = if level == 0 {
            event_log::leaf_hashes(&mut *self.connection, &self.scope, from, to).await?
        } else {
            sqlx::query_as(
                "select index, hash from audit_subtrees where tenant_id = $1 and level = $2 and index >= $3 and index < $4 \
                   and octet_length(hash) = 32 \
                 order by index",
            )
            .bind(self.scope.tenant().0)
            .bind(i16::try_from(level).unwrap_or(i16::MAX))
            .bind(from)
            .bind(to)
            .fetch_all(&mut *self.connection)
            .await?
        };
        let dense = (from..).zip(rows).take_while(|(expected, (index, _))| expected == index);
        Ok(dense.map(|(_, (_, hash))| hash).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_of_events_are_forgotten_and_those_above_are_not() {
        let mut kept = Kept::default();
        for tile in 0..100 {
            kept.keep(0, tile, vec![]);
            kept.keep(8, tile, vec![]);
        }
        let of = |level| kept.tiles.keys().filter(|(of, _)| *of == level).count();
        assert_eq!((of(0), of(8)), (EVENT_TILES_MAX, 100));
        assert!(kept.tiles.contains_key(&(0, 99)) && !kept.tiles.contains_key(&(0, 35)));
    }
}
