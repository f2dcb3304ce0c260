//! The requests beside their events: the keys they are repeated under, and how often upstream was called for each.
//! Each function is one statement.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use logistics_domain::{OrderStreamId, TenantId};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::Asking;
use super::outcomes::CHANNEL;

/// The most characters of a key.
const KEY_CHARS_MAX: usize = 255;

/// The namespace in which keys become ids of requests.
const KEYS: Uuid = Uuid::from_u128(0x6c6f_6769_7374_4963_a5de_6d70_6f74_656e);

/// Codes of answers that were given at once; a stored one is read back as one of these.
const REFUSED_AT_ONCE: [&str; 7] = [
    "order_dispatched",
    "order_cancelled",
    "order_vanished",
    "order_withheld",
    "order_erased",
    "cancellation_pending",
    "order_refused",
];

/// What a request is for. One word in the table, one route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Cancel,
    Comment,
}

impl Kind {
    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Comment => "comment",
        }
    }
}

/// The key under which a request may be repeated, as its SHA-256: what callers put into keys is theirs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey([u8; 32]);

/// A key that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Idempotency-Key: give one key of 1 to 255 visible characters without spaces, such as a UUID")]
pub struct InvalidKey;

impl IdempotencyKey {
    /// The key that a caller gives.
    pub fn of(text: &str) -> Result<Self, InvalidKey> {
        let fits =
            !text.is_empty() && text.len() <= KEY_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(Sha256::digest(text).into())) } else { Err(InvalidKey) }
    }

    /// The id of the request that this key was given to.
    fn request_id(&self, tenant: TenantId, kind: Kind) -> Uuid {
        let mut name = format!("{tenant}/{}/", kind.as_str()).into_bytes();
        name.extend(self.0);
        Uuid::new_v5(&KEYS, &name)
    }
}

/// A request as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(super) struct RequestRow {
    pub request_id: Uuid,
    pub stream_id: Uuid,
    pub fingerprint: String,
    pub requested_by: String,
    pub created_at: DateTime<Utc>,
    pub refused_code: Option<String>,
    pub refused_message: Option<String>,
    pub calls_begun: i32,
    pub call_over_at: Option<DateTime<Utc>>,
    pub last_comment_id: Option<i64>,
    pub left_to_person: Option<String>,
}

impl RequestRow {
    /// The answer that was given at once, if it was a refusal.
    pub fn refused_at_once(&self) -> Option<(&'static str, String)> {
        let code = self.refused_code.as_deref()?;
        let known = REFUSED_AT_ONCE.into_iter().find(|known| *known == code);
        Some((known.unwrap_or("order_refused"), self.refused_message.clone().unwrap_or_default()))
    }
}

/// A version that counted calls without saying when they are over may have begun the last one.
const COLUMNS: &str = "request_id, stream_id, fingerprint, requested_by, created_at, refused_code, refused_message, \
                       calls_begun, case when call_over_at >= called_at then call_over_at \
                       else called_at + interval '3 minutes' end as call_over_at, last_comment_id, left_to_person";

/// Keeps a request, or finds the one that was made under the same key. `fresh` is the id of a request without a key.
pub(super) async fn keep(
    pool: &PgPool,
    asking: &Asking,
    kind: Kind,
    (fresh, fingerprint): (Uuid, &str),
    now: DateTime<Utc>,
) -> sqlx::Result<RequestRow> {
    let tenant = asking.address.tenant;
    let request_id = asking.key.as_ref().map_or(fresh, |key| key.request_id(tenant, kind));
    sqlx::query(
        "insert into order_requests (request_id, tenant_id, stream_id, kind, key_sha256, fingerprint, requested_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
    )
    .bind(request_id)
    .bind(tenant.0)
    .bind(asking.address.stream().0)
    .bind(kind.as_str())
    .bind(asking.key.as_ref().map(|key| key.0.to_vec()))
    .bind(fingerprint)
    .bind(&asking.actor)
    .bind(now)
    .execute(pool)
    .await?;
    find(pool, request_id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// A request by its id.
pub(super) async fn find(pool: &PgPool, request_id: Uuid) -> sqlx::Result<Option<RequestRow>> {
    let sql = format!("select {COLUMNS} from order_requests where request_id = $1");
    sqlx::query_as(&sql).bind(request_id).fetch_optional(pool).await
}

/// Keeps the answer that was given at once, for those who repeat the request.
pub(super) async fn keep_refusal(
    pool: &PgPool,
    request_id: Uuid,
    code: &str,
    message: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update order_requests set refused_code = $2, refused_message = $3
         where request_id = $1 and refused_code is null",
    )
    .bind(request_id)
    .bind(code)
    .bind(message)
    .execute(pool)
    .await?;
    Ok(())
}

/// What came of the wish to call upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// The call is counted; it may be made.
    Yes,
    /// Another call of the kind on this order is under way or not settled, or another worker has this request.
    NotNow,
}

/// Whether another request of the kind on the same order has a call that is under way or not settled.
pub(super) async fn another_is_open(pool: &PgPool, row: &RequestRow, kind: Kind) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from order_requests
                        where stream_id = $1 and kind = $2 and call_open and request_id <> $3)",
    )
    .bind(row.stream_id)
    .bind(kind.as_str())
    .bind(row.request_id)
    .fetch_one(pool)
    .await
}

/// Counts a call before it is made. `begun` is how many were counted when this was decided; `last_comment_id` is the
/// thread's end before the first; `over_at` is when the call is over at the latest, whatever becomes of its worker.
pub(super) async fn begin_call(
    pool: &PgPool,
    request_id: Uuid,
    (begun, last_comment_id): (i32, Option<i64>),
    (now, over_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<Begun> {
    let counted = sqlx::query(
        "update order_requests set calls_begun = calls_begun + 1, call_open = true, called_at = $3,
           last_comment_id = $4, call_over_at = $5
         where request_id = $1 and calls_begun = $2",
    )
    .bind(request_id)
    .bind(begun)
    .bind(now)
    .bind(last_comment_id)
    .bind(over_at)
    .execute(pool)
    .await;
    match counted {
        Ok(counted) if counted.rows_affected() == 1 => Ok(Begun::Yes),
        Ok(_) => Ok(Begun::NotNow),
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("order_requests_one_call") => {
            Ok(Begun::NotNow)
        }
        Err(error) => Err(error),
    }
}

/// The call is over, though its answer was lost: its worker was there to see that.
pub(super) async fn note_call_over(pool: &PgPool, request_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update order_requests set call_over_at = $2 where request_id = $1")
        .bind(request_id)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes a call off the count that surely did nothing; `before` is the request as it was then.
pub(super) async fn take_back_call(pool: &PgPool, before: &RequestRow) -> sqlx::Result<()> {
    sqlx::query(
        "update order_requests set calls_begun = $2, call_open = $2 > 0, call_over_at = $3, called_at = least(called_at, $3)
         where request_id = $1 and calls_begun = $2 + 1",
    )
    .bind(before.request_id)
    .bind(before.calls_begun)
    .bind(before.call_over_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// The request has its outcome: nothing is under way for it, and who waits is told.
pub(super) async fn settle(pool: &PgPool, request_id: Uuid) -> sqlx::Result<()> {
    close(pool, request_id, None).await
}

/// A person has to look: the outcome is not known, and nobody tries to find out any more.
pub(super) async fn leave_to_person(pool: &PgPool, request_id: Uuid, why: &str) -> sqlx::Result<()> {
    close(pool, request_id, Some(why)).await
}

async fn close(pool: &PgPool, request_id: Uuid, left_to_person: Option<&str>) -> sqlx::Result<()> {
    sqlx::query(
        "with closed as (
           update order_requests set call_open = false, left_to_person = $3 where request_id = $1
         ) select pg_notify($2, $1::text)",
    )
    .bind(request_id)
    .bind(CHANNEL)
    .bind(left_to_person)
    .execute(pool)
    .await?;
    Ok(())
}

/// What bears on an order's page besides its read row.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Beside {
    /// Its personal data was erased.
    pub erased: bool,
    /// Why the request was left to a person, if it was.
    pub left_to_person: Option<String>,
}

/// What stands beside an order and one request of it.
pub async fn beside(
    pool: &PgPool,
    (tenant, stream): (TenantId, OrderStreamId),
    request_id: Option<Uuid>,
) -> sqlx::Result<Beside> {
    let found = sqlx::query_as(
        "select s.key_destroyed_at is not null as erased, r.left_to_person
         from order_streams s left join order_requests r on r.request_id = $2 and r.tenant_id = s.tenant_id
         where s.stream_id = $1 and s.tenant_id = $3",
    )
    .bind(stream.0)
    .bind(request_id)
    .bind(tenant.0)
    .fetch_optional(pool)
    .await?;
    Ok(found.unwrap_or_default())
}

/// Why requests were left to a person, by their ids.
pub(super) type Left = HashMap<Uuid, String>;

/// Why requests of an order were left to a person.
pub(super) async fn left_of(pool: &PgPool, tenant: TenantId, stream: OrderStreamId) -> sqlx::Result<Left> {
    let left: Vec<(Uuid, String)> = sqlx::query_as(
        "select request_id, left_to_person from order_requests
         where stream_id = $1 and tenant_id = $2 and left_to_person is not null",
    )
    .bind(stream.0)
    .bind(tenant.0)
    .fetch_all(pool)
    .await?;
    Ok(left.into_iter().collect())
}

/// Why a request was left to a person, if it was.
pub(super) async fn left_to_person(pool: &PgPool, request_id: Uuid) -> sqlx::Result<Option<String>> {
    Ok(find(pool, request_id).await?.and_then(|request| request.left_to_person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_request_for_ever_of_its_tenant_and_route() {
        let key = IdempotencyKey::of("8e03978e-40d5-43dd-bc93-6894a57f9324").unwrap();
        let id = key.request_id(TenantId(7), Kind::Cancel);
        assert_eq!(id.get_version_num(), 5);
        assert_eq!(id, key.clone().request_id(TenantId(7), Kind::Cancel));
        assert_ne!(id, key.request_id(TenantId(8), Kind::Cancel));
        assert_ne!(id, IdempotencyKey::of("b").unwrap().request_id(TenantId(7), Kind::Cancel));
    }

    #[test]
    fn a_key_is_visible_text_of_bounded_length() {
        for wrong in ["", "two words", "tab\t", "ñ", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::of(wrong), Err(InvalidKey), "{wrong:?}");
        }
        assert!(IdempotencyKey::of(&"k".repeat(255)).is_ok());
    }
}
