//! Up to where an account has been read. A cursor moves only after everything before it is stored.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use logistics_domain::AccountId;
use sqlx::{PgConnection, PgPool};

use super::tracking::WAIT_MAX;
use crate::mintsoft::wall_clock;

/// How far back orders are read at most that were not read when they came.
const YEAR: TimeDelta = TimeDelta::days(365);

/// Which list a cursor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The list of orders.
    Orders,
    /// The list of tracking events.
    Tracking,
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Tracking => "tracking",
        }
    }
}

/// The instant (UTC) up to which the list was read; none before the first run.
pub async fn load(
    pool: &PgPool,
    account: AccountId,
    list: List,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar("select since from sync_cursors where account_id = $1 and kind = $2")
        .bind(account.0)
        .bind(list.name())
        .fetch_optional(pool)
        .await
}

/// The instant (UTC) up to which the list had been read when the account was last to be read from the beginning; none where it
/// had not been.
pub async fn load_forgotten(
    pool: &PgPool,
    account: AccountId,
    list: List,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let read_to = match list {
        List::Orders => "select orders_read_to from mintsoft_accounts where id = $1",
        List::Tracking => "select scans_read_to from mintsoft_accounts where id = $1",
    };
    let forgotten: Option<Option<DateTime<Utc>>> =
        sqlx::query_scalar(read_to).bind(account.0).fetch_optional(pool).await?;
    Ok(forgotten.flatten())
}

/// From where a list is read that has no cursor: as far back as a first reading reaches, and further where it had been read up to
/// an earlier instant only. No further than a list can be read to its end: a year, and of scans, which are those of the whole
/// warehouse, as long as one waits for its order, unless a first reading reaches further.
pub fn beginning(
    list: List,
    read_to: Option<DateTime<Utc>>,
    reach: TimeDelta,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let furthest = reach.max(match list {
        List::Orders => YEAR,
        List::Tracking => WAIT_MAX,
    });
    let ago = |span| now.checked_sub_signed(span).unwrap_or(DateTime::UNIX_EPOCH);
    read_to.map_or(ago(reach), |since| since.min(ago(reach)).max(ago(furthest)))
}

/// How often the account was to be read from the beginning. A run asks before it loads anything of the account: what it
/// then reads is at least as new as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning(i64);

impl Beginning {
    /// As it is now; none where there is no such account.
    pub async fn of(pool: &PgPool, account: AccountId) -> Result<Option<Self>, sqlx::Error> {
        let times = sqlx::query_scalar("select times_read_anew from mintsoft_accounts where id = $1");
        Ok(times.bind(account.0).fetch_optional(pool).await?.map(Self))
    }
}

/// Moves the cursor, never backward, for a run that began with `beginning`. Where the account has since been given other
/// orders to find, it stays away: the next run reads from the beginning.
pub async fn store(
    connection: &mut PgConnection,
    account: AccountId,
    list: List,
    since: DateTime<Utc>,
    (beginning, now): (Beginning, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    // The row is locked: of a change that is being committed the outcome is waited for, else the cursor that it forgets would
    // be put back behind it.
    sqlx::query(
        "insert into sync_cursors (account_id, kind, since, updated_at)
         select id, $2, $3, $5 from mintsoft_accounts where id = $1 and times_read_anew = $4 for share
         on conflict (account_id, kind) do update set
           since = greatest(sync_cursors.since, excluded.since), updated_at = excluded.updated_at",
    )
    .bind(account.0)
    .bind(list.name())
    .bind(since)
    .bind(beginning.0)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Where the next run begins: at the newest change seen, by upstream's own clock, but never past the instant at which
/// this run began by ours. A row that upstream dates into the future moves nothing past what was really read.
pub fn after_run(
    before: DateTime<Utc>,
    began_at: DateTime<Utc>,
    newest_seen: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    newest_seen.map_or(before, |newest| newest.min(began_at).max(before))
}

/// The newest change that rows tell of, by the account's wall clock; a date that cannot be read tells nothing.
pub fn newest<'a>(changes: impl Iterator<Item = Option<&'a str>>, zone: Tz) -> Option<DateTime<Utc>> {
    changes.flatten().filter_map(|text| wall_clock::read(text, zone).ok().flatten()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).expect("an instant")
    }

    #[test]
    fn the_cursor_follows_upstreams_clock_and_never_passes_ours_or_goes_back() {
        assert_eq!(after_run(at(0), at(10), Some(at(8))), at(8));
        assert_eq!(after_run(at(0), at(10), Some(at(500))), at(10), "a row from the future");
        assert_eq!(after_run(at(5), at(10), Some(at(3))), at(5), "only the overlap was seen");
        assert_eq!(after_run(at(5), at(10), None), at(5), "nothing was seen");
    }

    #[test]
    fn a_reading_begins_where_the_last_one_ended_but_no_further_back_than_it_can_get_through() {
        let now = DateTime::from_timestamp(2_000_000_000, 0).expect("an instant");
        let days_ago = |list, read_to: Option<i64>, reach| {
            let read_to = read_to.map(|days| now - TimeDelta::days(days));
            (now - beginning(list, read_to, TimeDelta::days(reach), now)).num_days()
        };
        for list in [List::Orders, List::Tracking] {
            assert_eq!(days_ago(list, None, 7), 7);
            assert_eq!(days_ago(list, Some(3), 7), 7, "a first reading reaches further");
            assert_eq!(days_ago(list, Some(10), 7), 10);
            assert_eq!(days_ago(list, Some(60), 7), 60);
        }
        assert_eq!(days_ago(List::Orders, Some(400), 7), 365);
        assert_eq!(days_ago(List::Tracking, Some(400), 7), 90);
        assert_eq!(days_ago(List::Orders, Some(500), 400), 400);
        assert_eq!(days_ago(List::Tracking, Some(400), 120), 120);
        assert_eq!(beginning(List::Orders, None, TimeDelta::MAX, now), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn the_newest_change_is_found_among_rows_that_tell_nothing() {
        let told = [Some("1970-01-01T01:03:00"), None, Some("1970-01-01T01:07:00"), Some("soon")];
        let zone = wall_clock::DEFAULT_ZONE;
        assert_eq!(newest(told.into_iter(), zone), Some(at(7)), "London kept summer time all that year");
        assert_eq!(newest([None, Some("")].into_iter(), zone), None);
    }
}
