//! What an operator decides of a parked row: whose it is, or that it is nobody's business. A decision is recorded with
//! who, when and why. An assignment holds against every later reading (`intake` asks for it before it attributes), and is
//! not changed once the order is taken in, since a stream never changes its tenant. A dismissal hides the row until it changes
//! materially, and takes an assignment back by which nothing was taken in yet.
//! Absent: the taking in of the order, which a re-read does in the operator's name.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

use super::parked::OWNED_OTHERWISE;
use super::reread::{self, OperatorDecision};
use crate::access::Justification;
use crate::clock;
use crate::jobs::{JobsError, enqueue};
use crate::ledger::OrderAddress;

/// The longest key of a row, in bytes.
const ROW_KEY_MAX: usize = 200;

/// Why an order that was given to a tenant goes on waiting that upstream does not have any more.
const GONE: &str = "The warehouse does not have the order any more; dismiss it.";

/// Whether the order of a row stands in the history of the tenant that it was given to. In SQL, over a row of
/// `parked_orders`.
const TAKEN_AS_GIVEN: &str = "exists (select from order_streams s
  where s.account_id in (select parked_orders.account_id union all select c.home_account_id from logistics_config c
      where c.account_id = parked_orders.account_id)
    and s.mintsoft_order_id = parked_orders.mintsoft_order_id
    and s.tenant_id = parked_orders.assigned_tenant_id)";

/// Which parked row is meant.
#[derive(Clone, Debug)]
pub struct ParkedKey {
    /// The account it was read from.
    pub(super) account: AccountId,
    /// Its key within the account.
    pub(super) row_key: String,
}

impl ParkedKey {
    /// A key that no row can have names none.
    pub fn checked(account: AccountId, row_key: String) -> Result<Self, DecisionError> {
        if row_key.len() > ROW_KEY_MAX || row_key.contains('\0') {
            return Err(DecisionError::Unknown);
        }
        Ok(Self { account, row_key })
    }
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// The database refused or did not answer.
    #[error("the database did not take the decision; try again")]
    Database(#[from] sqlx::Error),
    /// The re-read could not be enqueued.
    #[error("the database did not take the work that follows; try again")]
    Jobs(#[from] JobsError),
    /// There is no such row.
    #[error("there is no such parked order; look at the list again")]
    Unknown,
    /// Nothing of the row says which order it is.
    #[error(
        "the row does not say which order it is, so it cannot be given to anybody; dismiss it, or ask Mintsoft"
    )]
    NoOrder,
    /// The tenant does not read the account.
    #[error(
        "tenant_id: the tenant does not exist or does not read this account; configure its logistics first"
    )]
    NotOfAccount,
    /// The order stands in another tenant's history.
    #[error("the order stands in the history of tenant {owner}, and an order never changes its tenant")]
    HasOwner {
        /// Whose it is.
        owner: i64,
    },
    /// Somebody decided otherwise before.
    #[error("the order was given to tenant {tenant} before; dismiss it first, unless it was taken in")]
    AlreadyAssigned {
        /// To whom.
        tenant: i64,
    },
    /// The row is not in the state that the decision needs.
    #[error("the row is not waiting any more; look at the list again")]
    NotWaiting,
}

/// A decision, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct ParkedDecision {
    /// `assigned`, `dismissed` or `restored`.
    pub decision: String,
    /// The tenant that the order was assigned to.
    pub tenant_id: Option<i64>,
    /// Why, in the operator's words.
    pub reason: String,
    /// Who decided.
    pub actor: String,
    /// When it was decided (UTC).
    pub decided_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct Held {
    mintsoft_order_id: Option<i64>,
    assigned_tenant_id: Option<i64>,
    dismissed_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    /// Whether the order stands in the history of the tenant that it was given to.
    was_taken: bool,
}

/// Gives a parked order to a tenant, and has it read again and taken in. Saying the same again has it read again.
pub async fn assign(
    pool: &PgPool,
    key: &ParkedKey,
    tenant: TenantId,
    justification: &Justification,
) -> Result<(), DecisionError> {
    let mut transaction = pool.begin().await?;
    let held = hold(&mut transaction, key).await?;
    let mintsoft_order_id = held.mintsoft_order_id.ok_or(DecisionError::NoOrder)?;
    if let Some(other) = held.assigned_tenant_id.filter(|other| *other != tenant.0) {
        return Err(DecisionError::AlreadyAssigned { tenant: other });
    }
    let owner: Option<i64> = sqlx::query_scalar(
        "select tenant_id from order_streams where mintsoft_order_id = $2 and account_id in (select $1 union all
           select home_account_id from logistics_config where account_id = $1) limit 1",
    )
    .bind(key.account.0)
    .bind(mintsoft_order_id)
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(owner) = owner.filter(|owner| *owner != tenant.0) {
        return Err(DecisionError::HasOwner { owner });
    }
    let reads: bool = sqlx::query_scalar(
        "select exists (select from logistics_config where account_id = $1 and tenant_id = $2)",
    )
    .bind(key.account.0)
    .bind(tenant.0)
    .fetch_one(&mut *transaction)
    .await?;
    if !reads {
        return Err(DecisionError::NotOfAccount);
    }
    sqlx::query(
        "update parked_orders set assigned_tenant_id = $3, dismissed_at = null
         where account_id = $1 and row_key = $2",
    )
    .bind(key.account.0)
    .bind(&key.row_key)
    .bind(tenant.0)
    .execute(&mut *transaction)
    .await?;
    let decision = record(&mut transaction, key, "assigned", Some(tenant), justification).await?;
    let address = OrderAddress { tenant, account: key.account, mintsoft_order_id };
    let operator = OperatorDecision { actor: justification.actor.clone(), decision };
    enqueue(&mut transaction, &reread::decided_job(&address, &operator, justification.at)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Hides a parked row, also one whose assignment came to nothing: the order is another tenant's, or was not taken in yet, and
/// then it is not given to anybody any more. It is kept, and comes back when its reason, number, client or SKUs change.
pub async fn dismiss(
    pool: &PgPool,
    key: &ParkedKey,
    justification: &Justification,
) -> Result<(), DecisionError> {
    let mut transaction = pool.begin().await?;
    let held = hold(&mut transaction, key).await?;
    if let Some(tenant) = held.assigned_tenant_id.filter(|_| held.was_taken) {
        return Err(DecisionError::AlreadyAssigned { tenant });
    }
    if held.resolved_at.is_some() {
        return Err(DecisionError::NotWaiting);
    }
    if held.dismissed_at.is_none() {
        set_dismissed(&mut transaction, key, Some(justification.at)).await?;
        withdraw(&mut transaction, key).await?;
        record(&mut transaction, key, "dismissed", None, justification).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Shows a dismissed row again.
pub async fn restore(
    pool: &PgPool,
    key: &ParkedKey,
    justification: &Justification,
) -> Result<(), DecisionError> {
    let mut transaction = pool.begin().await?;
    let held = hold(&mut transaction, key).await?;
    if held.resolved_at.is_some() {
        return Err(DecisionError::NotWaiting);
    }
    if held.dismissed_at.is_some() {
        set_dismissed(&mut transaction, key, None).await?;
        record(&mut transaction, key, "restored", None, justification).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Notes that upstream does not have an order that was given to a tenant and not taken in yet.
pub(super) async fn note_gone(
    pool: &PgPool,
    account: AccountId,
    mintsoft_order_id: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update parked_orders set detail = $3
         where account_id = $1 and mintsoft_order_id = $2 and assigned_tenant_id is not null and resolved_at is null
           and detail <> $3",
    )
    .bind(account.0)
    .bind(mintsoft_order_id)
    .bind(GONE)
    .execute(pool)
    .await?;
    Ok(())
}

/// All that was decided of a row, the latest first.
pub async fn decisions(pool: &PgPool, key: &ParkedKey) -> Result<Vec<ParkedDecision>, sqlx::Error> {
    sqlx::query_as(
        "select decision, tenant_id, reason, actor, decided_at from parked_decisions
         where account_id = $1 and row_key = $2 order by decided_at desc, id desc limit 100",
    )
    .bind(key.account.0)
    .bind(&key.row_key)
    .fetch_all(pool)
    .await
}

/// The row, held so that two who decide at once do it one after the other.
async fn hold(connection: &mut PgConnection, key: &ParkedKey) -> Result<Held, DecisionError> {
    let held: Option<Held> = sqlx::query_as(&format!(
        "select mintsoft_order_id, assigned_tenant_id, dismissed_at, resolved_at,
                {TAKEN_AS_GIVEN} as was_taken
         from parked_orders where account_id = $1 and row_key = $2 for update"
    ))
    .bind(key.account.0)
    .bind(&key.row_key)
    .fetch_optional(connection)
    .await?;
    held.ok_or(DecisionError::Unknown)
}

async fn set_dismissed(
    connection: &mut PgConnection,
    key: &ParkedKey,
    at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query("update parked_orders set dismissed_at = $3 where account_id = $1 and row_key = $2")
        .bind(key.account.0)
        .bind(&key.row_key)
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes an assignment back by which nothing was taken in yet, so that a re-reading that is still to come takes nothing in by it.
async fn withdraw(connection: &mut PgConnection, key: &ParkedKey) -> Result<(), sqlx::Error> {
    sqlx::query(&format!(
        "update parked_orders set assigned_tenant_id = null
         where account_id = $1 and row_key = $2 and not {OWNED_OTHERWISE}"
    ))
    .bind(key.account.0)
    .bind(&key.row_key)
    .execute(connection)
    .await?;
    Ok(())
}

async fn record(
    connection: &mut PgConnection,
    key: &ParkedKey,
    decision: &str,
    tenant: Option<TenantId>,
    justification: &Justification,
) -> Result<Uuid, sqlx::Error> {
    let id = clock::new_id();
    sqlx::query(
        "insert into parked_decisions (id, account_id, row_key, decision, tenant_id, reason, actor, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(key.account.0)
    .bind(&key.row_key)
    .bind(decision)
    .bind(tenant.map(|tenant| tenant.0))
    .bind(&justification.reason)
    .bind(&justification.actor)
    .bind(justification.at)
    .execute(connection)
    .await?;
    Ok(id)
}
