//! Dead letters of both kinds as one list: deliveries that could not be read or were given up, and jobs that were given
//! up. Here they are counted, shown, tried again and dismissed; what each kind does when tried again is its own.
//! Absent: bodies, which hold personal data; one is opened on explicit request only ([`open_body`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;
use super::arrival::seal_owner;
use super::deliveries::{Redelivery, retry};
use crate::jobs::{JobsError, Revival, retry_dead};
use crate::secrets::{KeyRing, SecretError};

/// What was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Something that a shop or the warehouse sent.
    Delivery,
    /// Work of the ledger's own.
    Job,
}

impl LetterKind {
    /// The name under which it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Job => "job",
        }
    }
}

/// Which letter is meant: `delivery-<id>` or `job-<number>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterId {
    /// A delivery of the inbox.
    Delivery(Uuid),
    /// A job.
    Job(i64),
}

impl LetterId {
    /// The letter of this name.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(id) = name.strip_prefix("delivery-") {
            return id.parse().ok().map(Self::Delivery);
        }
        name.strip_prefix("job-")?.parse().ok().filter(|id| *id > 0).map(Self::Job)
    }

    fn name(self) -> String {
        match self {
            Self::Delivery(id) => format!("delivery-{id}"),
            Self::Job(id) => format!("job-{id}"),
        }
    }
}

/// A dead letter, without secrets and without personal data.
#[derive(Clone, Debug, PartialEq, Serialize, FromRow, ToSchema)]
pub struct DeadLetter {
    /// `delivery-<id>` or `job-<number>`.
    pub id: String,
    /// `delivery` or `job`.
    pub kind: String,
    /// The delivery's source and topic, or the job's kind.
    pub subject: String,
    /// The tenant that the delivery or job is for; null where it is for none.
    pub tenant_id: Option<i64>,
    /// Why the delivery or job was given up.
    pub reason: String,
    /// How many attempts were made.
    pub attempts: i32,
    /// When the delivery arrived, or the job was enqueued (UTC).
    pub created_at: DateTime<Utc>,
    /// When the delivery or job was given up (UTC).
    pub died_at: DateTime<Utc>,
    /// When a person dismissed the letter (UTC); null where nobody did.
    pub dismissed_at: Option<DateTime<Utc>>,
    /// Who dismissed the letter.
    pub dismissed_by: Option<String>,
    /// Why the letter was dismissed.
    pub dismissed_because: Option<String>,
}

/// Which letters to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct LetterFilter {
    /// Of this kind only.
    pub kind: Option<LetterKind>,
    /// Those that were dismissed, instead of those that were not.
    pub dismissed: bool,
}

/// What came of the wish to have a letter tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is due at once.
    Queued,
    /// It is not dead any more, or other work does the same.
    NotNeeded,
    /// Its body was erased for its age.
    Erased,
    /// There is no such letter.
    Unknown,
}

/// Why letters were not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// There is none of that id.
    #[error("there is no such dead letter; look at the list again")]
    Unknown,
    /// It was seen to meanwhile.
    #[error("it is not dead any more, or other work does the same; look at the list again")]
    NotDead,
    /// Its body was erased for its age.
    #[error("its body was erased a while after it was dismissed; nothing is left to work on")]
    Erased,
    /// The inbox.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The jobs.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// The body cannot be opened.
    #[error("the body cannot be opened; check that LEDGER_MASTER_KEY still has the key that sealed it")]
    Sealed(#[from] SecretError),
    /// The database.
    #[error("the database did not take or give the dead letters; try again")]
    Database(#[from] sqlx::Error),
}

const LETTERS: &str = "with letters as (
  select 'delivery-' || id as id, 'delivery' as kind, source || case when topic = '' then '' else ' ' || topic end as subject,
         tenant_id, reason, attempts, received_at as created_at, processed_at as died_at
  from inbox_deliveries where state = 'dead'
  union all
  select 'job-' || id, 'job', kind, tenant_id, coalesce(last_error, 'it was given up without a word'), attempts, created_at, finished_at
  from jobs where state = 'dead'
), shown as (
  select l.*, d.dismissed_at, d.actor as dismissed_by, d.reason as dismissed_because
  from letters l left join dead_letter_dismissals d on d.letter = l.id and d.dismissed_at >= l.died_at
) ";

/// The letters that match, the latest first, and how many there are.
pub async fn letters(
    pool: &PgPool,
    filter: LetterFilter,
    skip: i64,
    limit: i64,
) -> Result<(i64, Vec<DeadLetter>), LetterError> {
    const MATCHING: &str =
        "from shown where ($1::text is null or kind = $1) and (dismissed_at is not null) = $2";
    let kind = filter.kind.map(LetterKind::as_str);
    let total = sqlx::query_scalar(&format!("{LETTERS} select count(*) {MATCHING}"))
        .bind(kind)
        .bind(filter.dismissed)
        .fetch_one(pool)
        .await?;
    let page = format!("{LETTERS} select * {MATCHING} order by died_at desc, id offset $3 limit $4");
    let items = sqlx::query_as(&page)
        .bind(kind)
        .bind(filter.dismissed)
        .bind(skip)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    Ok((total, items))
}

/// How many letters of each kind wait for a person, for those who watch the service.
pub async fn waiting_letters(pool: &PgPool) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(&format!(
        "{LETTERS} select k.kind, count(s.id) from unnest($1::text[]) as k(kind)
         left join shown s on s.kind = k.kind and s.dismissed_at is null group by 1 order by 1"
    ))
    .bind([LetterKind::Delivery, LetterKind::Job].map(LetterKind::as_str))
    .fetch_all(pool)
    .await
}

/// One dead letter, and what is kept beside it: a delivery's headers, or a job's payload.
pub async fn find_letter(pool: &PgPool, id: LetterId) -> Result<Option<(DeadLetter, Value)>, LetterError> {
    let letter: Option<DeadLetter> = sqlx::query_as(&format!("{LETTERS} select * from shown where id = $1"))
        .bind(id.name())
        .fetch_optional(pool)
        .await?;
    let Some(letter) = letter else { return Ok(None) };
    let beside = match id {
        LetterId::Delivery(id) => sqlx::query_scalar(
            "select jsonb_build_object('headers', headers, 'body_bytes', body_bytes,
                                       'body_sha256', encode(body_sha256, 'hex'), 'account_id', account_id,
                                       'mintsoft_order_id', mintsoft_order_id)
             from inbox_deliveries where id = $1",
        )
        .bind(id),
        LetterId::Job(id) => {
            sqlx::query_scalar("select jsonb_build_object('payload', payload) from jobs where id = $1")
                .bind(id)
        }
    };
    let beside: Option<Value> = beside.fetch_optional(pool).await?;
    Ok(Some((letter, beside.unwrap_or_default())))
}

/// Has a dead letter tried again.
pub async fn retry_letter(pool: &PgPool, id: LetterId, now: DateTime<Utc>) -> Result<Retried, LetterError> {
    Ok(match id {
        LetterId::Delivery(id) => match retry(pool, id, now).await? {
            Redelivery::Queued => Retried::Queued,
            Redelivery::NotNeeded => Retried::NotNeeded,
            Redelivery::Erased => Retried::Erased,
            Redelivery::Unknown => Retried::Unknown,
        },
        LetterId::Job(id) => match retry_dead(pool, id, now).await? {
            Revival::Queued => Retried::Queued,
            Revival::AlreadyUnderWay => Retried::NotNeeded,
            Revival::NotDead => {
                let known: bool = sqlx::query_scalar("select exists (select from jobs where id = $1)")
                    .bind(id)
                    .fetch_one(pool)
                    .await?;
                if known { Retried::NotNeeded } else { Retried::Unknown }
            }
        },
    })
}

/// Hides a dead letter; false where there is none. It is kept, and shown again if it dies once more.
pub async fn dismiss_letter(
    pool: &PgPool,
    id: LetterId,
    actor: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, LetterError> {
    let dismissed = sqlx::query(&format!(
        "{LETTERS} insert into dead_letter_dismissals (letter, reason, actor, dismissed_at)
         select id, $2, $3, greatest($4, died_at) from shown where id = $1
         on conflict (letter) do update set reason = excluded.reason, actor = excluded.actor,
           dismissed_at = excluded.dismissed_at"
    ))
    .bind(id.name())
    .bind(reason)
    .bind(actor)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(dismissed.rows_affected() == 1)
}

/// The body of a dead delivery, opened. It holds a customer's name and address as a rule.
pub async fn open_body(pool: &PgPool, ring: &KeyRing, id: Uuid) -> Result<Option<Vec<u8>>, LetterError> {
    let sealed: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("select body_sealed from inbox_deliveries where id = $1 and state = 'dead'")
            .bind(id)
            .fetch_optional(pool)
            .await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let sealed = sealed.ok_or(LetterError::Erased)?;
    let body = ring.open(&seal_owner(id), &sealed)?;
    Ok(Some(body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_known_by_its_kind_and_its_number() {
        assert_eq!(LetterId::named("job-7"), Some(LetterId::Job(7)));
        let id = Uuid::nil();
        assert_eq!(LetterId::named(&format!("delivery-{id}")), Some(LetterId::Delivery(id)));
        for bad in ["", "job-", "job--1", "delivery-7", "7", "letter-7"] {
            assert_eq!(LetterId::named(bad), None, "{bad}");
        }
    }
}
