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
use tokio::time::{Instant, timeout};

use super::checkpoints::{self, SealedHead, StoredCheckpoint};
use super::error::AuditError;
use super::resume::resume;
use super::signing_key::{self, SigningKey};
use super::tiles::TILE_HEIGHT;
use super::tree::{Frontier, Hash, Node};
use crate::clock::{Clock, is_within};
use crate::secrets::KeyRing;
use crate::telemetry::meters;

/// The most events that join by one checkpoint; what is left joins by the next.
const EVENTS_MAX: i64 = 1_000_000;

/// How many leaf hashes are read at once.
const PAGE: i64 = 10_000;

/// How many hashes of subtrees are written at once.
const PORTION: usize = 1000;

/// How long leaf hashes are read until a checkpoint over those is signed, so that nothing that was read is read in vain.
pub(super) const READING: Duration = Duration::from_mins(1);

/// How long the end of an attempt that sealed nothing is waited for; what it found is told all the same.
const ROLLBACK_WAIT: Duration = Duration::from_secs(5);

/// The longest that one sealing may take.
const SEAL_WAIT: Duration = Duration::from_mins(5);

/// With what ledgers are sealed, and how.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// What opens the keys that sign.
    pub ring: &'a KeyRing,
    /// Tells when a checkpoint is signed.
    pub clock: &'a Clock,
    /// What the names of logs begin with, where no key was made yet.
    pub name: &'a str,
    /// How long leaf hashes are read at most; a page of them always is.
    pub reading: Duration,
    /// How old the newest checkpoint must be for another to be signed.
    pub rest: Duration,
    /// How far the ledger is known to have been sealed.
    pub known: Option<SealedHead>,
}

impl<'a> Sealing<'a> {
    /// Seals whatever is new at once, and knows of no checkpoint but those that are stored.
    pub const fn by(ring: &'a KeyRing, clock: &'a Clock, name: &'a str) -> Self {
        Self { ring, clock, name, reading: READING, rest: Duration::ZERO, known: None }
    }
}

/// What came of an attempt.
pub(super) struct Attempt {
    /// The newest checkpoint after it.
    pub newest: Option<StoredCheckpoint>,
    /// What was done.
    pub done: Done,
    /// Whether it saw events that are not sealed after it, since they were too many for it.
    pub is_behind: bool,
}

/// What an attempt did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// The newest checkpoint is by this attempt.
    Signed,
    /// What was sealed before fits; nothing is new, or the newest checkpoint is too young.
    Held,
    /// Another seals at this moment. Nothing was looked at.
    Left,
}

/// Seals what was appended to the tenant's ledger since its newest checkpoint, and tells the newest one after that; none where the
/// ledger is empty. Where another seals it just now, it is left to the other, and the newest checkpoint may be that of before.
///
/// [`AuditError::Altered`] where the ledger is not the one that was sealed, [`AuditError::Missing`] where an event of those since
/// is not there: then nothing is signed.
pub async fn seal(
    pool: &PgPool,
    sealing: &Sealing<'_>,
    scope: TenantScope,
) -> Result<Option<StoredCheckpoint>, AuditError> {
    try_seal(pool, sealing, scope).await.map(|attempt| attempt.newest)
}

/// Does as [`seal`], and tells what was done.
pub(super) async fn try_seal(
    pool: &PgPool,
    sealing: &Sealing<'_>,
    scope: TenantScope,
) -> Result<Attempt, AuditError> {
    let outcome = in_time(pool, sealing, scope).await;
    match &outcome {
        Ok(Attempt { newest: Some(signed), done: Done::Signed, .. }) => {
            meters::sealing("sealed");
            // Who rewrites the database does not reach the log, where it is kept elsewhere.
            let root = hex::encode(signed.root);
            tracing::info!(tenant = %scope.tenant(), size = signed.size, root, "a checkpoint was signed");
        }
        Ok(_) => {}
        Err(error) if error.is_damage() => meters::sealing("altered"),
        Err(_) => meters::sealing("failed"),
    }
    outcome
}

async fn in_time(pool: &PgPool, sealing: &Sealing<'_>, scope: TenantScope) -> Result<Attempt, AuditError> {
    signing_key::ensure(pool, sealing.ring, sealing.clock, sealing.name).await?;
    let mut connection = pool.acquire().await?;
    let attempted = timeout(SEAL_WAIT, attempt(&mut connection, sealing, scope)).await;
    attempted.unwrap_or_else(|_| {
        // The server keeps what it is asked for no longer than the connection.
        connection.close_on_drop();
        Err(AuditError::Database(sqlx::Error::Io(ErrorKind::TimedOut.into())))
    })
}

async fn attempt(
    connection: &mut PgConnection,
    sealing: &Sealing<'_>,
    scope: TenantScope,
) -> Result<Attempt, AuditError> {
    let mut transaction = connection.begin().await?;
    let attempted = attempt_in(&mut transaction, sealing, scope).await;
    if attempted.as_ref().is_ok_and(|attempt| attempt.done == Done::Signed) {
        transaction.commit().await?;
    } else {
        // At once, and not when the pool comes to it: until then the lock would keep others from sealing.
        let _left_to_the_pool = timeout(ROLLBACK_WAIT, transaction.rollback()).await;
    }
    attempted
}

async fn attempt_in(
    transaction: &mut PgConnection,
    sealing: &Sealing<'_>,
    scope: TenantScope,
) -> Result<Attempt, AuditError> {
    let is_ours = try_lock(&mut *transaction, scope.tenant()).await?;
    let newest = checkpoints::newest(&mut *transaction, &scope).await?;
    if !is_ours {
        return Ok(Attempt { newest, done: Done::Left, is_behind: false });
    }
    // Read under the lock: whatever key signed the newest checkpoint is among them, also one that was renewed a moment ago.
    let key = signing_key::read(&mut *transaction, sealing.ring).await?;
    let mut frontier =
        resume(&mut *transaction, &key, scope, newest.as_ref(), sealing.known.as_ref()).await?;
    let begin = frontier.size().cast_signed();
    let head = event_log::next_position(&mut *transaction, &scope).await?;
    if head < begin {
        return Err(AuditError::altered(scope, begin));
    }
    let now = sealing.clock.now();
    let is_young = newest.as_ref().is_some_and(|one| is_within(sealing.rest, one.sealed_at, now));
    if head == begin || is_young {
        return Ok(Attempt { newest, done: Done::Held, is_behind: false });
    }
    let end = head.min(begin + EVENTS_MAX);
    let completed = append(&mut *transaction, scope, &mut frontier, end, sealing.reading).await?;
    let size = frontier.size().cast_signed();
    // What stands there already is of a checkpoint that was taken away.
    let written = |error: sqlx::Error| match error.as_database_error() {
        Some(told) if told.is_unique_violation() => AuditError::altered(scope, size),
        _ => error.into(),
    };
    for portion in completed.chunks(PORTION) {
        insert_subtrees(&mut *transaction, scope.tenant(), portion).await.map_err(written)?;
    }
    // Last, so that it is held for a moment alone.
    let key = signing_key::hold(&mut *transaction, sealing.ring, key).await?;
    let checkpoint = signed(&key, scope.tenant(), &frontier, sealing.clock.now());
    checkpoints::insert(&mut *transaction, &scope, &checkpoint).await.map_err(written)?;
    Ok(Attempt { newest: Some(checkpoint), done: Done::Signed, is_behind: size < head })
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

/// Appends the leaves up to the position `end`, or as many as are read in that time, and tells the subtrees of those heights that
/// are stored.
async fn append(
    connection: &mut PgConnection,
    scope: TenantScope,
    frontier: &mut Frontier,
    end: i64,
    reading: Duration,
) -> Result<Vec<(Node, Hash)>, AuditError> {
    let (mut completed, begun) = (Vec::new(), Instant::now());
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
        if begun.elapsed() >= reading {
            break;
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
