//! Bodies are not kept for ever: once a delivery was processed or ignored long enough ago, its body is erased, and with it
//! the personal data that it held. Hash, length, headers and the key against repetition stay. Dead ones wait for a person.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// The most bodies that one statement erases, and the most statements of one round.
const PORTION: i64 = 500;
const PORTIONS_MAX: usize = 100;

/// Erases the bodies of deliveries that were done with before this instant, in small portions; several may do it at
/// once. Tells how many.
pub async fn erase_bodies(
    pool: &PgPool,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut erased = 0;
    for _ in 0..PORTIONS_MAX {
        let portion = sqlx::query(
            "update inbox_deliveries set body_sealed = null, body_erased_at = $2 where id in (
               select id from inbox_deliveries
               where body_sealed is not null and state in ('processed', 'ignored') and processed_at < $1
               order by processed_at limit $3 for update skip locked)",
        )
        .bind(before)
        .bind(now)
        .bind(PORTION)
        .execute(pool)
        .await?
        .rows_affected();
        erased += portion;
        if portion < PORTION.unsigned_abs() {
            break;
        }
    }
    Ok(erased)
}
