//! What Mintsoft does not let an account's user see, noted beside the account for a while: every call that is forbidden costs a
//! login, and each login kills the key that others are calling with. Other credentials end the rest (`tenancy::accounts`).

use chrono::TimeDelta;
use logistics_domain::AccountId;

use super::{Sources, SyncError};

/// For how long nothing is asked for after a refusal. Short, since it may have been meant for one order alone.
const REST: TimeDelta = TimeDelta::hours(1);

/// What may be forbidden to a user who sees orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forbidden {
    /// The shipments of orders.
    Shipments,
    /// The list of the couriers' scans.
    Scans,
}

impl Forbidden {
    const fn name(self) -> &'static str {
        match self {
            Self::Shipments => "the shipments of orders",
            Self::Scans => "the list of tracking events",
        }
    }

    /// The column of the account that holds until when it is not asked for.
    const fn column(self) -> &'static str {
        match self {
            Self::Shipments => "shipments_refused_until",
            Self::Scans => "scans_refused_until",
        }
    }
}

impl Sources {
    /// Whether the account was refused of late, by whichever instance asked.
    pub(super) async fn is_refused(&self, account: AccountId, what: Forbidden) -> Result<bool, SyncError> {
        let (column, now) = (what.column(), self.clock.now());
        let refused: Option<Option<bool>> = sqlx::query_scalar(&format!(
            "select {column} > $2 and {column} <= $3 from mintsoft_accounts where id = $1"
        ))
        .bind(account.0)
        .bind(now)
        // What lies further ahead was noted by a clock that was ahead.
        .bind(now + REST)
        .fetch_optional(&self.pool)
        .await?;
        Ok(refused.flatten().unwrap_or(false))
    }

    /// Notes a refusal.
    pub(super) async fn note_refusal(&self, account: AccountId, what: Forbidden) -> Result<(), SyncError> {
        let (name, column) = (what.name(), what.column());
        tracing::warn!(%account, "Mintsoft does not permit this account's user to see {name}");
        sqlx::query(&format!("update mintsoft_accounts set {column} = $2 where id = $1"))
            .bind(account.0)
            .bind(self.clock.now() + REST)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
