//! How accounts fare: when each was read last and with what outcome, how far behind it is, when it is due next, what it may
//! call, and how old its login key is. Read from what the sources note anyway; nothing is opened, and nobody is called.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;
use uuid::Uuid;

use super::parked::OWNED_OTHERWISE;
use super::runs::SyncRun;
use super::{Sources, SyncError};
use crate::jobs::CLOCKS_APART_MAX;
use crate::mintsoft::login_id;
use crate::tenancy::Member;

/// How an account fares, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Read in time.
    Ok,
    /// Its last reading failed.
    Failing,
    /// No reading ended well for more than two intervals.
    Late,
    /// It was not read yet, or by a clock that was ahead, so that nobody knows when.
    Unread,
    /// No active tenant wants it read.
    Idle,
}

/// A tenant of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountTenant {
    /// The host's number of the tenant.
    pub tenant_id: i64,
    /// The tenant's prefix.
    pub sku_prefix: Option<String>,
    /// Whether the tenant's orders are read in the background.
    pub sync_enabled: bool,
    /// Whether the tenant may be used at all.
    pub is_active: bool,
}

/// What an account may call. Accounts with the same login at Mintsoft share it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountBudget {
    /// Calls a second, over all instances, tenants and accounts of the login.
    pub calls_per_second: f64,
    /// When the next call may be made (UTC).
    pub next_call_at: Option<DateTime<Utc>>,
    /// Until when Mintsoft asked everybody to wait (UTC).
    pub blocked_until: Option<DateTime<Utc>>,
}

/// How an account lets us in, without any secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountLogin {
    /// `login` or `api_key`.
    pub kind: String,
    /// When the credentials were given last (UTC).
    pub credentials_set_at: DateTime<Utc>,
    /// When the login key was obtained (UTC); a fixed key has none.
    pub key_obtained_at: Option<DateTime<Utc>>,
    /// The age of the login key, in seconds.
    pub key_age_seconds: Option<i64>,
    /// Until when the login, which was refused, is not tried again (UTC).
    pub refused_until: Option<DateTime<Utc>>,
}

/// How an account fares.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountHealth {
    /// The account.
    pub account_id: Uuid,
    /// The root of Mintsoft's API for the account.
    pub api_url: String,
    /// The warehouse's client whose orders are asked for.
    pub client_id: Option<i64>,
    /// How the account fares, in one word.
    pub state: AccountState,
    /// When a poll last ended well (UTC).
    pub last_polled_at: Option<DateTime<Utc>>,
    /// Seconds since `last_polled_at`; null where that is not passed yet, as a clock that was ahead notes it.
    pub lag_seconds: Option<i64>,
    /// The last run, however it ended; null where there was none.
    pub last_run: Option<SyncRun>,
    /// Since when every run has failed (UTC).
    pub failing_since: Option<DateTime<Utc>>,
    /// When the next poll is due (UTC).
    pub next_due_at: Option<DateTime<Utc>>,
    /// Up to when the account's orders were read (UTC).
    pub orders_read_up_to: Option<DateTime<Utc>>,
    /// Up to where the couriers' scans were read (UTC).
    pub scans_read_up_to: Option<DateTime<Utc>>,
    /// Orders of doubtful owner that wait for an operator.
    pub parked: i64,
    /// How much the account may call.
    pub budget: AccountBudget,
    /// How the account signs in at Mintsoft.
    pub login: AccountLogin,
    /// Until when no callbacks are registered, since Mintsoft does not permit the account's user to (UTC).
    pub callbacks_refused_until: Option<DateTime<Utc>>,
    /// Until when the shipments of orders are not asked for, since Mintsoft does not permit the account's user to see them (UTC).
    pub shipments_refused_until: Option<DateTime<Utc>>,
    /// Until when the couriers' scans are not asked for, since Mintsoft does not permit the account's user to see them (UTC).
    pub scans_refused_until: Option<DateTime<Utc>>,
    /// The tenants whose orders the account may hold.
    pub tenants: Vec<AccountTenant>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    api_url: String,
    client_id: Option<i64>,
    credentials_kind: String,
    identity: String,
    credentials_set_at: DateTime<Utc>,
    callbacks_refused_until: Option<DateTime<Utc>>,
    shipments_refused_until: Option<DateTime<Utc>>,
    scans_refused_until: Option<DateTime<Utc>>,
    last_polled_at: Option<DateTime<Utc>>,
    next_due_at: Option<DateTime<Utc>>,
    orders_read_up_to: Option<DateTime<Utc>>,
    scans_read_up_to: Option<DateTime<Utc>>,
    parked: i64,
    failing_since: Option<DateTime<Utc>>,
}

/// What is noted of the login of an account, and of all that have it too.
#[derive(Default, FromRow)]
struct Login {
    key_obtained_at: Option<DateTime<Utc>>,
    refused_until: Option<DateTime<Utc>>,
    next_call_at: Option<DateTime<Utc>>,
    blocked_until: Option<DateTime<Utc>>,
}

/// The accounts, as they are noted.
fn rows() -> String {
    format!(
        "select a.id, a.api_url, a.client_id, a.credentials_kind, a.identity, a.credentials_set_at,
    a.callbacks_refused_until, a.shipments_refused_until, a.scans_refused_until, a.last_polled_at,
    (select next_at from schedules where name = 'poll/' || a.id) as next_due_at,
    (select since from sync_cursors where account_id = a.id and kind = 'orders') as orders_read_up_to,
    (select since from sync_cursors where account_id = a.id and kind = 'tracking') as scans_read_up_to,
    (select count(*) from parked_orders where account_id = a.id and resolved_at is null
       and dismissed_at is null and (assigned_tenant_id is null or {OWNED_OTHERWISE})) as parked,
    (select min(f.finished_at) from sync_runs f where f.account_id = a.id and f.state = 'failed'
       and f.created_at > coalesce((select max(d.created_at) from sync_runs d
                                    where d.account_id = a.id and d.state = 'done'), '-infinity')) as failing_since
  from mintsoft_accounts a "
    )
}

impl Sources {
    /// How every account fares, in a steady order, and how many there are.
    pub async fn accounts_health(
        &self,
        skip: i64,
        limit: i64,
    ) -> Result<(i64, Vec<AccountHealth>), SyncError> {
        let total =
            sqlx::query_scalar("select count(*) from mintsoft_accounts").fetch_one(&self.pool).await?;
        let rows: Vec<Row> =
            sqlx::query_as(&format!("{} order by a.created_at, a.id offset $1 limit $2", rows()))
                .bind(skip)
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in rows {
            accounts.push(self.health_of(row).await?);
        }
        Ok((total, accounts))
    }

    /// How one account fares.
    pub async fn account_health(&self, account: AccountId) -> Result<Option<AccountHealth>, SyncError> {
        let row: Option<Row> = sqlx::query_as(&format!("{} where a.id = $1", rows()))
            .bind(account.0)
            .fetch_optional(&self.pool)
            .await?;
        match row {
            Some(row) => Ok(Some(self.health_of(row).await?)),
            None => Ok(None),
        }
    }

    async fn health_of(&self, row: Row) -> Result<AccountHealth, SyncError> {
        let now = self.clock.now();
        let members = self.tenancy.members(AccountId(row.id)).await?;
        let last_run = recent_runs(&mut *self.pool.acquire().await?, AccountId(row.id), 0, 1).await?.1.pop();
        let state = judged(&row, &members, last_run.as_ref(), self.settings.poll_interval, now);
        let login: Option<Login> = sqlx::query_as(
            "select key_obtained_at, refused_until, next_call_at, blocked_until
             from mintsoft_logins where login_id = $1",
        )
        .bind(login_id(&row.api_url, &row.identity))
        .fetch_optional(&self.pool)
        .await?;
        let login = login.unwrap_or_default();
        let to_come = |until: Option<DateTime<Utc>>| until.filter(|until| *until > now);
        let age = |since: DateTime<Utc>| (now - since).num_seconds().max(0);
        let polled_at = row.last_polled_at.filter(|at| is_past(*at, now));
        Ok(AccountHealth {
            account_id: row.id,
            api_url: row.api_url,
            client_id: row.client_id,
            state,
            last_polled_at: row.last_polled_at,
            lag_seconds: polled_at.map(age),
            last_run,
            failing_since: row.failing_since,
            next_due_at: row.next_due_at,
            orders_read_up_to: row.orders_read_up_to,
            scans_read_up_to: row.scans_read_up_to,
            parked: row.parked,
            budget: AccountBudget {
                calls_per_second: self.mintsoft.calls_per_second(),
                next_call_at: login.next_call_at,
                blocked_until: to_come(login.blocked_until),
            },
            login: AccountLogin {
                kind: row.credentials_kind,
                credentials_set_at: row.credentials_set_at,
                key_obtained_at: login.key_obtained_at,
                key_age_seconds: login.key_obtained_at.map(age),
                // A refusal drops the key of its own login: where a key is held, another login was refused, as a
                // mistyped one that was only tried.
                refused_until: login
                    .refused_until
                    .filter(|until| *until > now && login.key_obtained_at.is_none()),
            },
            callbacks_refused_until: to_come(row.callbacks_refused_until),
            shipments_refused_until: to_come(row.shipments_refused_until),
            scans_refused_until: to_come(row.scans_refused_until),
            tenants: members.into_iter().map(shown).collect(),
        })
    }
}

fn shown(member: Member) -> AccountTenant {
    AccountTenant {
        tenant_id: member.tenant.0,
        sku_prefix: member.sku_prefix,
        sync_enabled: member.sync_enabled,
        is_active: member.is_active,
    }
}

/// Whether an instant that some instance noted has passed, as far as their clocks agree.
fn is_past(noted: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    noted <= now + CLOCKS_APART_MAX
}

fn judged(
    row: &Row,
    members: &[Member],
    last_run: Option<&SyncRun>,
    every: Duration,
    now: DateTime<Utc>,
) -> AccountState {
    if !members.iter().any(|member| member.sync_enabled && member.is_active) {
        return AccountState::Idle;
    }
    if row.failing_since.is_some() && last_run.is_some_and(|run| run.state != "done") {
        return AccountState::Failing;
    }
    let Some(polled) = row.last_polled_at.filter(|at| is_past(*at, now)) else { return AccountState::Unread };
    let late = TimeDelta::from_std(every * 2).unwrap_or(TimeDelta::MAX);
    if now - polled > late { AccountState::Late } else { AccountState::Ok }
}

/// The runs of an account, the latest first, and how many there are.
pub async fn recent_runs(
    database: &mut PgConnection,
    account: AccountId,
    skip: i64,
    limit: i64,
) -> Result<(i64, Vec<SyncRun>), SyncError> {
    let total = sqlx::query_scalar("select count(*) from sync_runs where account_id = $1")
        .bind(account.0)
        .fetch_one(&mut *database)
        .await?;
    let runs = sqlx::query_as(
        "select * from sync_runs where account_id = $1 order by created_at desc, id desc offset $2 limit $3",
    )
    .bind(account.0)
    .bind(skip)
    .bind(limit)
    .fetch_all(database)
    .await?;
    Ok((total, runs))
}
