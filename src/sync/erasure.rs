//! Erasing the personal data of an order by an operator's word: upstream may never again show the order of which it would be
//! learnt, as after a merge, or once the brand is not read any more. What upstream shows of the person afterwards is not kept.

use std::collections::HashSet;

use logistics_domain::{AccountId, Command, OrderStreamId, Source, TenantId};
use sqlx::PgPool;
use uuid::Uuid;

use super::intent::Plain;
use super::sources::Cause;
use crate::access::Justification;
use crate::ledger::{Ledger, LedgerError, OrderAddress};

/// Where an order stands in the ledger, whether or not its tenant is shown it.
pub async fn address_of(pool: &PgPool, stream: OrderStreamId) -> sqlx::Result<Option<OrderAddress>> {
    let found: Option<(i64, Uuid, i64)> = sqlx::query_as(
        "select tenant_id, account_id, mintsoft_order_id from order_streams where stream_id = $1",
    )
    .bind(stream.0)
    .fetch_optional(pool)
    .await?;
    Ok(found.map(|(tenant, account, mintsoft_order_id)| OrderAddress {
        tenant: TenantId(tenant),
        account: AccountId(account),
        mintsoft_order_id,
    }))
}

/// Whether the personal data of an order is erased, whichever account of the host it stands under. In SQL, of the order that an
/// account reads under this number.
pub(super) fn is_erased(account: &str, mintsoft_order_id: &str) -> String {
    format!(
        "exists (select from mintsoft_accounts reader
           join mintsoft_accounts home on home.host = reader.host
           join order_streams s on s.account_id = home.id
         where reader.id = {account} and s.mintsoft_order_id = {mintsoft_order_id} and s.key_destroyed_at is not null)"
    )
}

/// Of which of these orders, as the account reads them, the person is erased.
pub(super) async fn erased_among(
    pool: &PgPool,
    account: AccountId,
    mintsoft_order_ids: &[i64],
) -> sqlx::Result<HashSet<i64>> {
    if mintsoft_order_ids.is_empty() {
        return Ok(HashSet::new());
    }
    let is_erased = is_erased("$1", "told.id");
    let erased: Vec<i64> =
        sqlx::query_scalar(&format!("select told.id from unnest($2::int8[]) as told (id) where {is_erased}"))
            .bind(account.0)
            .bind(mintsoft_order_ids)
            .fetch_all(pool)
            .await?;
    Ok(erased.into_iter().collect())
}

/// Destroys the order's key, and with it what was sealed of the person; what stands open or is sealed otherwise goes in the same
/// statement. Tells whether it was news; saying it again is harmless, and reaches what was put aside just while it was said first.
pub async fn erase_personal_data(
    ledger: &Ledger,
    address: OrderAddress,
    justification: &Justification,
    correlation_id: String,
) -> Result<bool, LedgerError> {
    let cause =
        Cause { source: Source::Operator, actor: justification.actor.clone(), correlation_id, cause: None };
    let command = Command::ErasePersonalData { reason: justification.reason.clone() };
    let committed = ledger.execute(address, &Plain(command), &cause.at(justification.at)).await?;
    let is_news = !committed.events.is_empty();
    if !is_news {
        ledger.forget_again(address).await?;
    }
    Ok(is_news)
}
