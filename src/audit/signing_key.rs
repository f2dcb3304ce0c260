//! The keys that checkpoints are signed with: Ed25519, one at a time for all ledgers, sealed in the database by the key ring. The
//! log of each tenant has a name of its own, which stands in what is signed. Absent: keys of auditors and witnesses.

use std::fmt;
use std::iter;

use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::checkpoints::{LastCheckpoint, newest_of_all};
use super::error::AuditError;
use super::note::{Checkpoint, NoteError, VerifierKey};
use super::tree::Hash;
use crate::clock::{self, Clock};
use crate::secrets::{KeyRing, SecretError};

/// How many bytes the seed of a key has.
const SEED_BYTES: usize = 32;

/// The most keys of a log that are known, the newest first: none but these is taken to have signed, and no more are told.
pub const KEYS_MAX: u8 = 100;

/// How often in a row the key may be renewed while one sealing waits for it.
const RENEWALS_MAX: usize = 3;

/// What names of logs begin with where the service has no public address.
const NAMELESS: &str = "logistics-ledger";

/// The key that signs, and what is known of those before it. Its private half is wiped at the end.
pub struct SigningKey {
    current: Pair,
    /// Those that sign no more; their checkpoints stay good.
    earlier: Vec<Pair>,
    /// Why some of those cannot be opened.
    unopened: Option<SecretError>,
}

/// The key that signs from a renewal on, and what those before it signed.
#[derive(Debug)]
pub struct Renewed {
    /// The key that signs now.
    pub key: SigningKey,
    /// The newest checkpoint of each tenant when the earlier key was retired, by tenant: that key signed none that is of more.
    pub reached: Vec<LastCheckpoint>,
}

struct Pair {
    id: Uuid,
    name: String,
    keys: Ed25519KeyPair,
    retired_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    name: String,
    private_sealed: Vec<u8>,
    retired_at: Option<DateTime<Utc>>,
}

impl SigningKey {
    /// The name of the tenant's log: `{name}/tenants/{id}`, with the name that the key was made under.
    pub fn origin(&self, tenant: TenantId) -> String {
        self.current.origin(tenant)
    }

    /// The public key that verifies what is signed of the tenant's ledger.
    pub fn verifier_key(&self, tenant: TenantId) -> VerifierKey {
        self.current.verifier_key(tenant)
    }

    /// The note that says, signed, that the first `size` events of the tenant's ledger have this root.
    pub(super) fn sign(&self, tenant: TenantId, size: u64, root: Hash) -> String {
        Checkpoint { origin: self.origin(tenant), size, root }.sign(&self.current.keys)
    }

    /// What a note of the tenant's ledger says, if one of our keys signed it, this one or an earlier one while it signed.
    pub(super) fn open(
        &self,
        tenant: TenantId,
        note: &str,
        sealed_at: DateTime<Utc>,
    ) -> Result<Checkpoint, AuditError> {
        for pair in iter::once(&self.current).chain(&self.earlier) {
            match pair.verifier_key(tenant).open(note) {
                Err(NoteError::OtherKey) => {}
                Ok(_) if !pair.signed_at(sealed_at) => return Err(AuditError::Note(NoteError::OtherKey)),
                opened => return Ok(opened?),
            }
        }
        // It may be by the one that cannot be opened.
        Err(self.unopened.map_or(AuditError::Note(NoteError::OtherKey), AuditError::Key))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.current.name).finish_non_exhaustive()
    }
}

impl Pair {
    fn origin(&self, tenant: TenantId) -> String {
        format!("{}/tenants/{tenant}", self.name)
    }

    fn verifier_key(&self, tenant: TenantId) -> VerifierKey {
        VerifierKey::of(&self.origin(tenant), &self.keys)
    }

    /// Whether it signed then. The instant of a checkpoint is not in what is signed: who has a key that leaked, and writes into the
    /// tables, tells one that fits. So this stops only the careless.
    fn signed_at(&self, instant: DateTime<Utc>) -> bool {
        self.retired_at.is_none_or(|retired| instant <= retired)
    }
}

impl Stored {
    fn open(&self, ring: &KeyRing) -> Result<Pair, SecretError> {
        let seed = ring.open(&owner(self.id), &self.private_sealed)?;
        let keys = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| SecretError::Malformed)?;
        Ok(Pair { id: self.id, name: self.name.clone(), keys, retired_at: self.retired_at })
    }
}

/// For whom the private half of a key is sealed.
fn owner(id: Uuid) -> String {
    format!("audit_signing_keys/{id}/private")
}

/// What names of logs begin with: host and port of the address under which the service is reached, if it has one and a name may
/// hold it.
pub fn log_name(public_url: Option<&str>) -> String {
    given_name(public_url).unwrap_or_else(|| NAMELESS.to_owned())
}

/// The name by this address; none where it gives none.
pub fn given_name(public_url: Option<&str>) -> Option<String> {
    let url = public_url.and_then(|url| Url::parse(url).ok());
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    let is_name = |host: &String| !host.contains(|c: char| c == '+' || c.is_whitespace());
    host.filter(is_name)
}

/// The key that signs. Where there is none, one is made under this name of logs; of many instances that try, one does.
/// [`AuditError::Key`] where the ring does not open it.
pub async fn current(
    pool: &PgPool,
    ring: &KeyRing,
    clock: &Clock,
    name: &str,
) -> Result<SigningKey, AuditError> {
    ensure(pool, ring, clock, name).await?;
    read(pool, ring).await
}

/// Makes a key under this name of logs where none signs.
pub(super) async fn ensure(pool: &PgPool, ring: &KeyRing, clock: &Clock, name: &str) -> sqlx::Result<()> {
    let is_there: bool =
        sqlx::query_scalar("select exists (select from audit_signing_keys where retired_at is null)")
            .fetch_one(pool)
            .await?;
    if is_there { Ok(()) } else { make(pool, ring, name, clock.now()).await }
}

/// Retires the key that signs, whether or not the ring opens it, and makes another, under this name of logs or else under that of
/// the one that is retired. Who does so at the same time gets the same one. It waits for checkpoints that are being written;
/// whoever signs one after that, signs with the new one.
pub async fn renew(
    pool: &PgPool,
    ring: &KeyRing,
    clock: &Clock,
    name: Option<&str>,
) -> Result<Renewed, AuditError> {
    let mut transaction = pool.begin().await?;
    let signing: Option<(Uuid, String)> =
        sqlx::query_as("select id, name from audit_signing_keys where retired_at is null for update")
            .fetch_optional(&mut *transaction)
            .await?;
    // Read once the key is locked: it has signed the last of them.
    let reached = newest_of_all(&mut *transaction).await?;
    let now = clock.now();
    if let Some((id, _)) = &signing {
        // Who signed may have had a clock that is ahead of this one.
        let last = reached.iter().filter_map(|last| last.sealed_at).max();
        sqlx::query("update audit_signing_keys set retired_at = greatest($2, $3) where id = $1")
            .bind(id)
            .bind(now)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
    }
    let name = name.or(signing.as_ref().map(|(_, name)| name.as_str())).unwrap_or(NAMELESS);
    make(&mut *transaction, ring, name, now).await?;
    transaction.commit().await?;
    Ok(Renewed { key: read(pool, ring).await?, reached })
}

/// The key that signs until the end of the transaction: this one, or where it was renewed since it was read, the new one. Whoever
/// renews it waits for that.
pub(super) async fn hold(
    connection: &mut PgConnection,
    ring: &KeyRing,
    mut key: SigningKey,
) -> Result<SigningKey, AuditError> {
    for _ in 0..RENEWALS_MAX {
        let held: Option<Uuid> = sqlx::query_scalar(
            "select id from audit_signing_keys where id = $1 and retired_at is null for share",
        )
        .bind(key.current.id)
        .fetch_optional(&mut *connection)
        .await?;
        if held.is_some() {
            return Ok(key);
        }
        key = read(&mut *connection, ring).await?;
    }
    Err(AuditError::Database(sqlx::Error::RowNotFound))
}

/// The key that is not retired, with the earlier ones that the ring opens.
pub(super) async fn read(executor: impl PgExecutor<'_>, ring: &KeyRing) -> Result<SigningKey, AuditError> {
    // An instant that the client's calendar does not have would be a panic.
    let stored: Vec<Stored> = sqlx::query_as(
        "select id, name, private_sealed, \
           case when retired_at is not null \
             then least(greatest(retired_at, '0001-01-01T00:00:00Z'), '9999-12-31T00:00:00Z') end as retired_at \
         from audit_signing_keys \
         order by retired_at is not null, created_at desc, id desc limit $1",
    )
    .bind(i64::from(KEYS_MAX))
    .fetch_all(executor)
    .await?;
    let signing = stored.split_first().filter(|(first, _)| first.retired_at.is_none());
    let (first, retired) = signing.ok_or(AuditError::Database(sqlx::Error::RowNotFound))?;
    let current = first.open(ring).map_err(AuditError::Key)?;
    let mut key = SigningKey { current, earlier: Vec::new(), unopened: None };
    for one in retired {
        match one.open(ring) {
            Ok(pair) => key.earlier.push(pair),
            Err(error) => key.unopened = Some(error),
        }
    }
    Ok(key)
}

/// Makes a key, unless there is one that signs.
async fn make(
    executor: impl PgExecutor<'_>,
    ring: &KeyRing,
    name: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (id, seed) = (clock::new_id(), Zeroizing::new(clock::random_bytes::<SEED_BYTES>()));
    let made = sqlx::query(
        "insert into audit_signing_keys (id, name, private_sealed, created_at) values ($1, $2, $3, $4) \
         on conflict do nothing",
    )
    .bind(id)
    .bind(name)
    .bind(ring.seal(&owner(id), &*seed))
    .bind(now)
    .execute(executor)
    .await?;
    if made.rows_affected() > 0 {
        tracing::info!(key = %id, name, "a key was made that checkpoints are signed with");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_named_after_host_and_port_of_the_public_address() {
        for (url, name) in [
            (Some("https://ledger.example.com/x"), "ledger.example.com"),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080"),
            (Some("https://[::1]:9000"), "[::1]:9000"),
            (Some("https://a+b.example"), NAMELESS),
            (Some("nonsense"), NAMELESS),
            (None, NAMELESS),
        ] {
            assert_eq!(log_name(url), name, "{url:?}");
        }
    }
}
