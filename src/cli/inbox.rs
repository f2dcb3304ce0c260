//! `ledger inbox list` and `retry`: what shops and the warehouse sent, where it stands, and how much was turned away. No
//! body is shown: bodies hold personal data.

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use sqlx::PgPool;
use uuid::Uuid;

use super::table::Table;
use super::{answer, session};
use crate::clock::Clock;
use crate::config::DatabaseArgs;
use crate::inbox::{
    self, DeliveryFilter, DeliveryState, DeliverySummary, Redelivery, RejectionCount, list_rejections,
};

/// The states that a delivery may be in.
const STATES: [&str; 4] = ["received", "processed", "ignored", "dead"];

/// Subcommands of `ledger inbox`.
#[derive(Debug, Subcommand)]
pub(super) enum InboxCommand {
    /// List deliveries, the latest first, and how many requests were turned away
    List(ListCommand),
    /// Have a delivery worked on again that is dead or was ignored
    Retry(RetryCommand),
}

/// Arguments of `ledger inbox list`.
#[derive(Args, Debug)]
pub(super) struct ListCommand {
    /// Only what is in this state
    #[arg(long, value_parser = PossibleValuesParser::new(STATES).try_map(known_state))]
    state: Option<DeliveryState>,
    /// Only what came to this tenant's shops
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// The most lines of each list
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000), value_name = "NUMBER")]
    limit: i64,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Arguments of `ledger inbox retry`.
#[derive(Args, Debug)]
pub(super) struct RetryCommand {
    /// The delivery's id, as the list shows it
    id: Uuid,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn known_state(name: String) -> Result<DeliveryState, String> {
    DeliveryState::named(&name).ok_or(name)
}

impl InboxCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(command) => command.run().await,
            Self::Retry(command) => command.run().await,
        }
    }
}

impl ListCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { state, tenant, limit, database } = self;
        let filter = DeliveryFilter { state, tenant, limit: Some(limit) };
        let (deliveries, rejections) = session::with_database(&database, |pool| async move {
            let deliveries = inbox::list(&pool, &filter).await?;
            Ok((deliveries, list_rejections(&pool, tenant, limit).await?))
        })
        .await?;
        answer(&table_of(&deliveries))?;
        if !rejections.is_empty() {
            answer(
                "\nTurned away, since they proved nothing or their bodies came too slowly; nothing else of them is kept:",
            )?;
            answer(&counts_of(&rejections))?;
        }
        Ok(())
    }
}

fn table_of(deliveries: &[DeliverySummary]) -> String {
    if deliveries.is_empty() {
        return "there are no such deliveries".to_owned();
    }
    let mut table =
        Table::under(&["ID", "RECEIVED", "SOURCE", "TOPIC", "FOR", "BYTES", "STATE", "TRIES", "REASON"]);
    for delivery in deliveries {
        table.push([
            delivery.id.to_string(),
            to_the_second(delivery.received_at),
            delivery.source.clone(),
            delivery.topic.clone(),
            for_whom(delivery),
            delivery.body_bytes.to_string(),
            delivery.state.clone(),
            delivery.attempts.to_string(),
            delivery.reason.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

fn for_whom(delivery: &DeliverySummary) -> String {
    match (delivery.tenant_id, delivery.mintsoft_order_id) {
        (Some(tenant), _) => format!("tenant {tenant}"),
        (None, Some(order)) => format!("Mintsoft order {order}"),
        (None, None) => String::new(),
    }
}

fn counts_of(rejections: &[RejectionCount]) -> String {
    let mut table = Table::under(&["DAY", "COUNT", "SOURCE", "TENANT", "REASON", "LAST"]);
    for counted in rejections {
        table.push([
            counted.day.to_string(),
            counted.count.to_string(),
            counted.source.clone(),
            counted.tenant_id.map(|id| id.to_string()).unwrap_or_default(),
            counted.reason.clone(),
            to_the_second(counted.last_at),
        ]);
    }
    table.text()
}

fn to_the_second(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl RetryCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { id, database } = self;
        let retry = |pool: PgPool| async move { Ok(inbox::retry(&pool, id, Clock::system().now()).await?) };
        let told = match session::with_database(&database, retry).await? {
            Redelivery::Queued => format!("the delivery {id} is due again; `ledger serve` works on it"),
            Redelivery::NotNeeded => format!("the delivery {id} waits already or was processed"),
            Redelivery::Erased => {
                bail!(
                    "the body of the delivery {id} was erased for its age; there is nothing left to work on"
                )
            }
            Redelivery::Unknown => bail!("there is no delivery {id}; take the id from `ledger inbox list`"),
        };
        Ok(answer(&told)?)
    }
}
