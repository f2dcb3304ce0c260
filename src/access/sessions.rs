//! Sessions of people who signed in to the pages: a random token in the browser's cookie, its hash in the database. A
//! session says who the person is and which tenant is looked at; what the person may do is looked up anew each time.
//! Absent: cookies, which are the pages', and how a person is proved (`sign_in`).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::TenantId;
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, PgPool};

use super::error::AccessError;
use super::principal::Principal;
use crate::clock;

/// The length of a token: 32 random bytes in base64url.
const TOKEN_LETTERS: usize = 43;

/// The use of a session is written down no more often than this.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The most browsers in which one person is signed in; the oldest ends first.
const SESSIONS_MAX: i64 = 20;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// Without use.
    pub idle: Duration,
    /// However much they are used.
    pub longest: Duration,
    /// Whether people reach the pages by https, and browsers send the cookie by https alone.
    pub secure: bool,
}

impl SessionSettings {
    /// The name of the cookie. Browsers take one that begins with `__Host-` from this host alone, by https alone.
    pub const fn cookie(&self) -> &'static str {
        if self.secure { "__Host-ledger_session" } else { "ledger_session" }
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle: Duration::from_hours(1), longest: Duration::from_hours(12), secure: false }
    }
}

/// A session that lasts.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person, with what it may do now.
    pub principal: Principal,
    /// The tenant that was chosen last; the person may have lost it since.
    pub tenant: Option<TenantId>,
    /// What every form of this session must send back.
    pub csrf: String,
    seen_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct Row {
    sub: String,
    tenant_id: Option<i64>,
    seen_at: DateTime<Utc>,
}

/// Begins a session for a person and answers its token. Sessions that are over are swept.
pub async fn begin_session(
    pool: &PgPool,
    settings: SessionSettings,
    sub: &str,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let token = URL_SAFE_NO_PAD.encode(clock::random_bytes::<32>());
    let mut transaction = pool.begin().await?;
    sqlx::query("delete from sessions where ends_at <= $1 or seen_at <= $2")
        .bind(now)
        .bind(now - span(settings.idle))
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "delete from sessions where token_hash in
         (select token_hash from sessions where sub = $1 order by created_at desc offset $2)",
    )
    .bind(sub)
    .bind(SESSIONS_MAX - 1)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "insert into sessions (token_hash, sub, created_at, seen_at, ends_at) values ($1, $2, $3, $3, $4)",
    )
    .bind(hash(&token))
    .bind(sub)
    .bind(now)
    .bind(now + span(settings.longest))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(token)
}

/// The session of a token, and with it the person as it is now; none where it is over, or the person is let in no
/// longer.
pub async fn find_session(
    pool: &PgPool,
    settings: SessionSettings,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, AccessError> {
    if token.len() != TOKEN_LETTERS {
        return Ok(None);
    }
    let row: Option<Row> = sqlx::query_as(
        "select sub, tenant_id, seen_at from sessions where token_hash = $1 and ends_at > $2 and seen_at > $3",
    )
    .bind(hash(token))
    .bind(now)
    .bind(now - span(settings.idle))
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let principal = match Principal::person(pool, &row.sub).await {
        Ok(principal) if principal.over_all().is_ok() => principal,
        Ok(_) | Err(AccessError::UnknownPerson) => {
            end_session(pool, token).await?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let (tenant, seen_at) = (row.tenant_id.map(TenantId), row.seen_at);
    Ok(Some(Session { principal, tenant, csrf: csrf_of(token), seen_at }))
}

/// Notes that a person used the session. What a page does by itself, such as following events, is no use.
pub async fn note_use(
    pool: &PgPool,
    session: &Session,
    token: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if now - session.seen_at >= SEEN_EVERY {
        sqlx::query("update sessions set seen_at = greatest(seen_at, $2) where token_hash = $1")
            .bind(hash(token))
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Remembers which tenant the person looks at.
pub async fn choose_tenant(pool: &PgPool, token: &str, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query("update sessions set tenant_id = $2 where token_hash = $1")
        .bind(hash(token))
        .bind(tenant.0)
        .execute(pool)
        .await?;
    Ok(())
}

/// Ends a session, if it is there.
pub async fn end_session(pool: &PgPool, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("delete from sessions where token_hash = $1").bind(hash(token)).execute(pool).await?;
    Ok(())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Made of the token, so that it needs no place of its own; it tells nothing of the token or its stored hash.
fn csrf_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("form of the session {token}")))
}

fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(366))
}
