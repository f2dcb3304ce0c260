//! Sealing a ledger: what was appended since the newest checkpoint joins the Merkle log, and a checkpoint over all of it is signed.
//! Checkpoint and subtrees are one transaction, under a lock of the tenant. What was sealed before is held against its
//! checkpoint first, at its right edge; where it does not fit, nothing is signed. Whether each event is still what
//! was sealed, the verification of the whole ledger tells.

use std::io::ErrorKind;
use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_projections::{TenantScope, event_log};
use sqlx::{Acquire as _, PgConnection, PgPool};
use tokio::time::timeout;

use super::checkpoints::{self, StoredCheckpoint};
use super::error::AuditError;
use super::signing_key::SigningKey;
use super::tiles::{TILE_HEIGHT, Tiles};
use super::tree::{Frontier, Hash, Node};
use crate::clock::Clock;
use crate::telemetry::meters;

/// The most events that join by one checkpoint; what is left joins by the next.
const EVENTS_MAX: i64 = 1_000_000;

/// How many leaf hashes are read at once.
const PAGE: i64 = 10_000;

/// How many hashes of subtrees are written at once.
const PORTION: usize = 1000;

/// The longest that one sealing may take.
const SEAL_WAIT: Duration = Duration::from_mins(5);

/// What came of an attempt.
struct Attempt {
    newest: Option<StoredCheckpoint>,
    is_new: bool,
}

/// Seals what was appended to the tenant's ledger since its newest checkpoint, and tells the newest one after that; none where the
/// ledger is empty. Where another seals it just now, it is left to the other, and the newest checkpoint may be that of before.
///
/// [`AuditError::Altered`] where the ledger is not the one that was sealed, [`AuditError::Missing`] where an event of those since
/// is not there: then nothing is signed.
pub async fn seal(
    pool: &PgPool,
    key: &SigningKey,
    clock: &Clock,
    scope: TenantScope,
) -> Result<Option<StoredCheckpoint>, AuditError> {
    let outcome = in_time(pool, key, clock, scope).await;
    match &outcome {
        Ok(Attempt { is_new: true, .. }) => meters::sealing("sealed"),
        Ok(_) => {}
        Err(error) if error.is_damage() => meters::sealing("altered"),
        Err(_) => meters::sealing("failed"),
    }
    outcome.map(|attempt| attempt.newest)
}

async fn in_time(
    pool: &PgPool,
    key: &SigningKey,
    clock: &Clock,
    scope: TenantScope,
) -> Result<Attempt, AuditError> {
    let mut connection = pool.acquire().await?;
    let attempted = timeout(SEAL_WAIT, attempt(&mut connection, key, clock, scope)).await;
    attempted.unwrap_or_else(|_| {
        // The server keeps what it is asked for no longer than the connection.
        connection.close_on_drop();
        Err(AuditError::Database(sqlx::Error::Io(ErrorKind::TimedOut.into())))
    })
}

async fn attempt(
    connection: &mut PgConnection,
    key: &SigningKey,
    clock: &Clock,
    scope: TenantScope,
) -> Result<Attempt, AuditError> {
    let mut transaction = connection.begin().await?;
    let is_ours = try_lock(&mut transaction, scope.tenant()).await?;
    let newest = checkpoints::newest(&mut *transaction, &scope).await?;
    if !is_ours {
        return Ok(Attempt { newest, is_new: false });
    }
    let mut frontier = match &newest {
        Some(sealed) => resume(&mut transaction, key, scope, sealed).await?,
        None => Frontier::default(),
    };
    let begin = frontier.size().cast_signed();
    let end = event_log::next_position(&mut *transaction, &scope).await?.min(begin + EVENTS_MAX);
    if end < begin {
        return Err(AuditError::altered(scope, begin));
    }
    if end == begin {
        return Ok(Attempt { newest, is_new: false });
    }
    let completed = append(&mut transaction, scope, &mut frontier, end).await?;
    for portion in completed.chunks(PORTION) {
        insert_subtrees(&mut transaction, scope.tenant(), portion).await?;
    }
    let checkpoint = signed(key, scope.tenant(), &frontier, clock.now());
    checkpoints::insert(&mut *transaction, &scope, &checkpoint).await?;
    transaction.commit().await?;
    Ok(Attempt { newest: Some(checkpoint), is_new: true })
}

/// The tenant's lock until the end of the transaction, if nobody has it.
async fn try_lock(connection: &mut PgConnection, tenant: TenantId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select pg_try_advisory_xact_lock(hashtextextended('audit_checkpoints/' || $1::text, 0))",
    )
    .bind(tenant.0)
    .fetch_one(connection)
    .await
}

/// The right edge of what was sealed, if it is what one of our keys signed and what is still there.
async fn resume(
    connection: &mut PgConnection,
    key: &SigningKey,
    scope: TenantScope,
    sealed: &StoredCheckpoint,
) -> Result<Frontier, AuditError> {
    let altered = || AuditError::altered(scope, sealed.size);
    let size = sealed.size.cast_unsigned();
    let signed = match key.open(scope.tenant(), &sealed.note) {
        Err(AuditError::Note(_)) => return Err(altered()),
        opened => opened?,
    };
    let frontier = match Tiles::of(connection, scope).frontier(size).await {
        // What was sealed was there.
        Err(AuditError::Missing { .. }) => return Err(altered()),
        read => read?,
    };
    let root = frontier.root();
    if root == sealed.root && root == signed.root && size == signed.size {
        Ok(frontier)
    } else {
        Err(altered())
    }
}

/// Appends the leaves up to the position `end`, and tells the subtrees of those heights that are stored.
async fn append(
    connection: &mut PgConnection,
    scope: TenantScope,
    frontier: &mut Frontier,
    end: i64,
) -> Result<Vec<(Node, Hash)>, AuditError> {
    let mut completed = Vec::new();
    while frontier.size().cast_signed() < end {
        let begin = frontier.size().cast_signed();
        let page_end = end.min(begin + PAGE);
        let leaves = event_log::leaf_hashes(&mut *connection, &scope, begin, page_end).await?;
        // A hole ends the dense ones, so that no hash counts as its neighbour's.
        let dense =
            (begin..page_end).zip(leaves).take_while(|(expected, (position, _))| expected == position);
        for (_, (_, leaf)) in dense {
            frontier.push(leaf, |node, hash| {
                if node.level % TILE_HEIGHT == 0 {
                    completed.push((node, hash));
                }
            });
        }
        let missing = page_end.cast_unsigned() - frontier.size();
        if missing > 0 {
            return Err(AuditError::Missing { missing, level: 0, index: frontier.size() });
        }
    }
    Ok(completed)
}

async fn insert_subtrees(
    connection: &mut PgConnection,
    tenant: TenantId,
    subtrees: &[(Node, Hash)],
) -> sqlx::Result<()> {
    let levels = subtrees.iter().map(|(node, _)| i16::try_from(node.level).unwrap_or(i16::MAX));
    sqlx::query(
        "insert into audit_subtrees (tenant_id, level, index, hash) \
         select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[]) as given",
    )
    .bind(tenant.0)
    .bind(levels.collect::<Vec<_>>())
    .bind(subtrees.iter().map(|(node, _)| node.index.cast_signed()).collect::<Vec<_>>())
    .bind(subtrees.iter().map(|(_, hash)| hash.as_slice()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}

fn signed(
    key: &SigningKey,
    tenant: TenantId,
    frontier: &Frontier,
    sealed_at: DateTime<Utc>,
) -> StoredCheckpoint {
    let (size, root) = (frontier.size(), frontier.root());
    StoredCheckpoint {
        size: size.cast_signed(),
        root,
        note: key.sign(tenant, size, root),
        verifier_key: key.verifier_key(tenant).to_string(),
        sealed_at,
    }
}
