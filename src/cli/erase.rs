//! `ledger erase`: erases the personal data of an order, for good. It needs no service, and works beside one.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use logistics_domain::{OrderStreamId, TenantId};
use logistics_projections::orders::NamedOrder;
use sqlx::PgPool;

use super::history::meant;
use super::{answer, session};
use crate::access::{Justification, OPERATOR};
use crate::clock::{self, Clock};
use crate::config::{DatabaseArgs, MasterKeyArgs};
use crate::ledger::{Ledger, LedgerError, LedgerSettings};
use crate::secrets::KeyRing;
use crate::sync::erasure::{address_of, erase_personal_data};
use crate::sync::reactions::reactions;

/// Arguments of `ledger erase`.
#[derive(Args, Debug)]
pub(super) struct EraseCommand {
    /// The order: its id, or its number in Mintsoft in any case
    order: String,
    /// The tenant whose order it is, where several have the number
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// Why; it is kept in the order's history for ever, so name no person in it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    keys: MasterKeyArgs,
}

impl EraseCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { order, tenant, reason, database, keys } = self;
        let justification = Justification::checked(OPERATOR.to_owned(), &reason, Clock::system().now())?;
        let ring = keys.ring(&database.data_dir()?)?;
        session::with_database(&database, |pool| async move {
            let order = meant(&pool, tenant.map(TenantId), order.trim()).await?;
            let is_news = erased(&pool, ring, &order, &justification).await?;
            let NamedOrder { id, tenant_id, mintsoft_order_number, .. } = order;
            let when = if is_news { "is erased" } else { "had been erased before" };
            Ok(answer(&format!(
                "the personal data of {mintsoft_order_number} ({id}) of tenant {tenant_id} {when}"
            ))?)
        })
        .await
    }
}

async fn erased(
    pool: &PgPool,
    ring: KeyRing,
    order: &NamedOrder,
    justification: &Justification,
) -> anyhow::Result<bool> {
    let address = address_of(pool, OrderStreamId(order.id)).await?;
    let address =
        address.context("the order has no history; `ledger rebuild --check` tells what is amiss")?;
    let clock = Clock::system();
    let ledger =
        Ledger::start(pool.clone(), Arc::new(ring), clock, LedgerSettings::default(), reactions(false));
    let correlation_id = clock::new_id().to_string();
    let outcome: Result<bool, LedgerError> =
        erase_personal_data(&ledger, address, justification, correlation_id).await;
    ledger.stop().await;
    Ok(outcome?)
}
