//! `ledger history`: what became known of an order, when, and from whom, up to an instant if one is given. Orders that are
//! withheld from their tenants are shown too: whoever holds the database's address is an operator. Personal data in the
//! events stays sealed. Absent: any change.

use std::fmt::Write as _;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Args;
use logistics_domain::{OrderStreamId, TenantId};
use logistics_projections::event_log::{self, HistoryRange};
use logistics_projections::orders::{NamedOrder, find_named};
use sqlx::PgPool;

use super::history_lines::{Form, heading, known, lines};
use super::{answer, session};
use crate::access::operator_scope;
use crate::config::DatabaseArgs;
use crate::ledger::Hindsight;
use crate::tenancy::days::end_of_day;
use crate::tenancy::{TenancyError, Tenant, find_tenant};

/// Events that are read and shown at once.
const PAGE: i64 = 500;

/// Arguments of `ledger history`.
#[derive(Args, Debug)]
pub(super) struct HistoryCommand {
    /// The order: its id, or its number in Mintsoft in any case
    order: String,
    /// The tenant whose order it is, where several have the number
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// Only what was recorded until then, and the order as it was known then; an instant as 2026-11-23T14:00:00Z, or a
    /// day as 2026-11-23, which is the end of that day in the tenant's zone
    #[arg(long, value_name = "INSTANT|DAY")]
    as_of: Option<AsOf>,
    /// An event a line, as JSON, its payload as it was recorded, in the shape of its version; with --as-of the last line is
    /// {"as_of", "known"}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Until when, as a person wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AsOf {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

impl FromStr for AsOf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = DateTime::parse_from_rfc3339(text).map(|instant| Self::Instant(instant.to_utc()));
        instant
            .or_else(|_| text.parse().map(Self::Day))
            .map_err(|_| "write an instant as 2026-11-23T14:00:00Z, or a day as 2026-11-23")
    }
}

impl AsOf {
    /// The last instant (UTC) that counts.
    fn last_instant(self, tenant: &Tenant) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Day(day) => {
                end_of_day(day, tenant.timezone)?.checked_sub_signed(TimeDelta::microseconds(1))
            }
        }
    }
}

impl HistoryCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { order, tenant, as_of, json, database } = self;
        let form = if json { Form::Json } else { Form::Table };
        session::with_database(&database, |pool| async move {
            let order = meant(&pool, tenant.map(TenantId), order.trim()).await?;
            let owner = find_tenant(&pool, TenantId(order.tenant_id)).await?;
            let owner = owner.ok_or(TenancyError::UnknownTenant)?;
            let until = as_of
                .map(|as_of| as_of.last_instant(&owner).context("--as-of is beyond what a calendar holds"));
            show(&pool, &order, &owner, until.transpose()?, form).await
        })
        .await
    }
}

/// The one order that is meant.
pub(super) async fn meant(
    pool: &PgPool,
    tenant: Option<TenantId>,
    named: &str,
) -> anyhow::Result<NamedOrder> {
    if let Some(tenant) = tenant {
        find_tenant(pool, tenant).await?.ok_or(TenancyError::UnknownTenant)?;
    }
    let mut found = find_named(pool, tenant, named).await.context("the orders could not be read")?;
    match (found.pop(), found.is_empty()) {
        (Some(order), true) => Ok(order),
        (Some(last), false) => {
            found.push(last);
            bail!("several orders have the number {named}; choose one by its id: {}", choices(&found))
        }
        (None, _) => bail!("there is no order {named}; give its id or its whole number in Mintsoft"),
    }
}

fn choices(orders: &[NamedOrder]) -> String {
    let mut told = String::new();
    for order in orders {
        let NamedOrder { id, tenant_id, mintsoft_order_id, part, number_of_parts, .. } = order;
        let between = if told.is_empty() { "" } else { ", " };
        // Writing into a string cannot fail.
        let _written = write!(
            told,
            "{between}{id} (tenant {tenant_id}, Mintsoft order {mintsoft_order_id}, part {part} of {number_of_parts})"
        );
    }
    told
}

async fn show(
    pool: &PgPool,
    order: &NamedOrder,
    owner: &Tenant,
    until: Option<DateTime<Utc>>,
    form: Form,
) -> anyhow::Result<()> {
    let (scope, stream) = (operator_scope(owner.id), OrderStreamId(order.id));
    let mut hindsight = Hindsight::of(&scope, stream);
    if form == Form::Table {
        answer(&heading(order, owner))?;
    }
    let mut range = HistoryRange { as_of: until, after: 0, limit: PAGE, withheld_too: true };
    loop {
        let page = event_log::history(pool, &scope, stream, range).await;
        let page = page.context("the history could not be read")?;
        // A table has its head even where nothing stands under it.
        if !page.is_empty() || (form == Form::Table && range.after == 0) {
            answer(&lines(&page, form)?)?;
        }
        for event in page.iter().filter(|_| until.is_some()) {
            hindsight.take(event)?;
        }
        let Some(last) = page.last().filter(|_| i64::try_from(page.len()) == Ok(PAGE)) else { break };
        range.after = last.sequence;
    }
    let Some(until) = until else { return Ok(()) };
    Ok(answer(&known(until, hindsight.known(), form)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_when_is_an_instant_with_its_zone_or_a_whole_day() {
        let noon = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!("2026-11-23T13:00:00+01:00".parse(), Ok(AsOf::Instant(noon)));
        assert_eq!("2026-11-23".parse(), Ok(AsOf::Day(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())));
        for bad in ["", "yesterday", "2026-11-23T12:00:00", "2026-02-30", "23/11/2026"] {
            assert!(bad.parse::<AsOf>().is_err(), "{bad}");
        }
    }
}
