//! Bodies are not kept for ever: once a delivery was processed or ignored long enough ago, or dismissed as a dead letter, its
//! body is erased, and with it the personal data that it held. Hash, length, headers and the key against repetition stay. Dead
//! ones that nobody dismissed wait for a person.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// The most bodies that one statement erases, and the most statements of one round.
const PORTION: i64 = 500;
const PORTIONS_MAX: usize = 100;

/// Deliveries that were done with before `$1`.
const SETTLED: &str = "state in ('processed', 'ignored') and processed_at < $1";

/// Those that died for good: nobody had them tried again since they were dismissed, which was before `$1`.
const DISMISSED: &str = "state = 'dead' and processed_at < $1 and exists (
  select from dead_letter_dismissals d where d.letter = 'delivery-' || inbox_deliveries.id
    and d.dismissed_at >= inbox_deliveries.processed_at and d.dismissed_at < $1)";

/// Erases the bodies of deliveries that were done with or dismissed before this instant, in small portions; several may do it
/// at once. Tells how many.
pub async fn erase_bodies(
    pool: &PgPool,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    Ok(erase(pool, SETTLED, before, now).await? + erase(pool, DISMISSED, before, now).await?)
}

async fn erase(
    pool: &PgPool,
    which: &str,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "update inbox_deliveries set body_sealed = null, body_erased_at = $2 where id in (
           select id from inbox_deliveries where body_sealed is not null and {which}
           order by processed_at limit $3 for update skip locked)"
    );
    let mut erased = 0;
    for _ in 0..PORTIONS_MAX {
        let portion =
            sqlx::query(&sql).bind(before).bind(now).bind(PORTION).execute(pool).await?.rows_affected();
        erased += portion;
        if portion < PORTION.unsigned_abs() {
            break;
        }
    }
    Ok(erased)
}
