//! API keys: issued once, looked up by their hash, revoked. The key itself is stored nowhere.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_projections::event_log::NEXT_POSITION_OF_T;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::error::AccessError;
use super::principal::Principal;
use super::role::Role;
use crate::clock;
use crate::postgres::{BatchedQuery, QueryBatcher};
use crate::secrets::{API_KEY_PREFIX, generate_api_key, hash_api_key};

/// The longest text that is taken for a key at all, in bytes.
const LENGTH_MAX: usize = 200;

/// The longest label, in letters.
const LABEL_MAX: usize = 200;

/// A key to be issued.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The one tenant it works for; none for `SUPERADMIN`.
    pub tenant: Option<TenantId>,
    /// What it may do.
    pub role: Role,
    /// What it is for.
    pub label: String,
    /// Refused from here on (UTC).
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key just issued. Its text is shown once and cannot be had again.
pub struct IssuedKey {
    /// Names the key in logs and events, and to revoke it.
    pub id: Uuid,
    /// The key itself.
    pub text: String,
}

/// Why a key was not issued.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Every role but one belongs to a tenant.
    #[error("a key of the role {0} works for one tenant; name it")]
    TenantNeeded(Role),
    /// The platform's staff work for all.
    #[error("a key of the role SUPERADMIN works for every tenant; leave the tenant out")]
    TenantNotWanted,
    /// There is no such tenant.
    #[error("there is no such tenant; add it first")]
    UnknownTenant,
    /// The label is too long, or cannot be shown.
    #[error("label: give up to 200 characters, without line breaks or other control characters")]
    BadLabel,
    /// It would never have been valid.
    #[error("the key would expire at once; give a time to come")]
    Expired,
    /// The database refused or did not answer.
    #[error("the key could not be stored; try again")]
    Database(#[from] sqlx::Error),
}

type KeyHash = [u8; 32];

/// What is stored of a key that was not revoked.
#[derive(Clone, FromRow)]
pub(super) struct Found {
    key_hash: KeyHash,
    id: Uuid,
    role: String,
    label: String,
    tenant_id: Option<i64>,
    is_active: Option<bool>,
    expires_at: Option<DateTime<Utc>>,
    timezone: Option<String>,
    reached: i64,
}

/// Tells with the key how far its tenant's ledger reaches, which most answers are tagged by, and the zone of its days.
static FIND_KEYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select k.key_hash, k.id, k.role, k.label, k.tenant_id, k.expires_at, t.is_active, t.timezone, {NEXT_POSITION_OF_T} as reached
         from api_keys k left join tenants t on t.id = k.tenant_id
         where k.key_hash = any($1) and k.revoked_at is null"
    )
});

/// Looks keys up by their hash, those of all who show one at the same moment together. A key that was revoked opens nothing from then
/// on, since nobody is answered by a statement that had begun before.
pub(super) struct StoredKeys;

/// Looks up the keys that are shown at the same moment together.
pub(super) type KeyBatcher = QueryBatcher<StoredKeys>;

impl BatchedQuery for StoredKeys {
    type Source = PgPool;
    type Question = KeyHash;
    type Answer = Found;

    const BATCH_MAX: usize = 64;

    async fn answers(
        connection: &mut PgConnection,
        (): &(),
        hashes: &[KeyHash],
    ) -> sqlx::Result<HashMap<KeyHash, Found>> {
        let hashes: Vec<&[u8]> = hashes.iter().map(KeyHash::as_slice).collect();
        let found: Vec<Found> = sqlx::query_as(&FIND_KEYS).bind(hashes).fetch_all(connection).await?;
        Ok(found.into_iter().map(|found| (found.key_hash, found)).collect())
    }
}

/// Who does what the command line asks for.
pub const OPERATOR: &str = "operator";

/// Issues a key on the command line.
pub async fn issue_key(
    pool: &PgPool,
    request: &KeyRequest,
    now: DateTime<Utc>,
) -> Result<IssuedKey, KeyError> {
    issue_key_by(pool, request, OPERATOR, now).await
}

/// Issues a key; `by` is who does it.
pub async fn issue_key_by(
    pool: &PgPool,
    request: &KeyRequest,
    by: &str,
    now: DateTime<Utc>,
) -> Result<IssuedKey, KeyError> {
    let issued = issue_key_once(pool, clock::new_id(), request, by, now).await?;
    issued.ok_or(KeyError::Database(sqlx::Error::RowNotFound))
}

/// Issues a key under an id that was given out for it, so that asking twice makes one key. None: it was issued before,
/// and its text was told then and to nobody since.
pub async fn issue_key_once(
    pool: &PgPool,
    id: Uuid,
    request: &KeyRequest,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Option<IssuedKey>, KeyError> {
    match (request.role, request.tenant) {
        (Role::Superadmin, Some(_)) => return Err(KeyError::TenantNotWanted),
        (Role::Superadmin, None) | (_, Some(_)) => {}
        (role, None) => return Err(KeyError::TenantNeeded(role)),
    }
    if request.label.chars().count() > LABEL_MAX || request.label.chars().any(char::is_control) {
        return Err(KeyError::BadLabel);
    }
    if request.expires_at.is_some_and(|end| end <= now) {
        return Err(KeyError::Expired);
    }
    let issued = IssuedKey { id, text: generate_api_key() };
    let stored = sqlx::query(
        "insert into api_keys (id, tenant_id, role, key_hash, label, created_at, expires_at, created_by)
         select $1, $2, $3, $4, $5, $6, $7, $8 where $2 is null or exists (select from tenants where id = $2)
         on conflict (id) do nothing",
    )
    .bind(issued.id)
    .bind(request.tenant.map(|tenant| tenant.0))
    .bind(request.role.as_str())
    .bind(hash_api_key(&issued.text).as_slice())
    .bind(&request.label)
    .bind(now)
    .bind(request.expires_at)
    .bind(by)
    .execute(pool)
    .await?;
    if stored.rows_affected() == 1 {
        return Ok(Some(issued));
    }
    let held = sqlx::query("select from api_keys where id = $1").bind(id).fetch_optional(pool).await?;
    if held.is_some() { Ok(None) } else { Err(KeyError::UnknownTenant) }
}

/// Revokes a key on the command line, for good; false where there is none, or it was revoked before.
pub async fn revoke_key(pool: &PgPool, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    revoke_key_by(pool, id, OPERATOR, now).await
}

/// Revokes a key for good; `by` is who does it. False where there is none, or it was revoked before.
pub async fn revoke_key_by(
    pool: &PgPool,
    id: Uuid,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query(
        "update api_keys set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null",
    )
    .bind(id)
    .bind(now)
    .bind(by)
    .execute(pool)
    .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Who the key belongs to. The time that a lookup takes tells nothing of a key, since only its hash is compared.
pub(super) async fn program_of(
    keys: &KeyBatcher,
    pool: &PgPool,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Principal, AccessError> {
    if !key.starts_with(API_KEY_PREFIX) || key.len() > LENGTH_MAX {
        return Err(AccessError::InvalidKey);
    }
    let found = keys.ask(pool, (), hash_api_key(key)).await?;
    let found = found.filter(|key| key.expires_at.is_none_or(|end| end > now));
    let Found { id, role, label, tenant_id, is_active, timezone, reached, .. } =
        found.ok_or(AccessError::InvalidKey)?;
    let role = role.parse().map_err(|_| AccessError::Unreadable)?;
    match (role, tenant_id, is_active) {
        (Role::Superadmin, None, _) => Ok(Principal::program(label, id, role, None)),
        (Role::Superadmin, Some(_), _) | (_, None, _) => Err(AccessError::InvalidKey),
        (_, Some(tenant), Some(true)) => {
            let tenant = TenantId(tenant);
            Ok(Principal::program(label, id, role, Some(tenant)).seen_at(
                tenant,
                reached,
                timezone.and_then(|zone| zone.parse().ok()),
            ))
        }
        (_, Some(_), _) => Err(AccessError::TenantInactive),
    }
}
