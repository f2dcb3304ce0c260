//! `ledger tenant add` and `list`: takes a tenant in, under the host's number, and shows who is there.

use clap::{Args, Subcommand};

use super::{answer, session};
use crate::clock::Clock;
use crate::config::DatabaseArgs;
use crate::tenancy::{NewTenant, add_tenant, list_tenants};

/// Subcommands of `ledger tenant`.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Add a tenant
    Add(AddCommand),
    /// List the tenants, one JSON object a line
    List(ListCommand),
}

/// Arguments of `ledger tenant add`.
#[derive(Args, Debug)]
pub(super) struct AddCommand {
    /// The host's number of the tenant
    #[arg(long)]
    id: i64,
    /// The name that people read
    #[arg(long)]
    name: String,
    /// The name in addresses: lower-case letters, digits and single hyphens
    #[arg(long)]
    slug: String,
    /// The IANA zone in which its days begin and end, by the name of a place
    #[arg(long, default_value = "America/Lima")]
    timezone: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl TenantCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Add(command) => command.run().await,
            Self::List(command) => command.run().await,
        }
    }
}

/// Arguments of `ledger tenant list`.
#[derive(Args, Debug)]
pub(super) struct ListCommand {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// The most tenants that are read at once.
const PAGE: i64 = 500;

impl ListCommand {
    async fn run(self) -> anyhow::Result<()> {
        session::with_database(&self.database, |pool| async move {
            let mut skip = 0;
            loop {
                let (_, tenants) = list_tenants(&pool, None, None, skip, PAGE).await?;
                for tenant in &tenants {
                    answer(&serde_json::to_string(tenant)?)?;
                }
                if tenants.is_empty() {
                    return Ok(());
                }
                skip += PAGE;
            }
        })
        .await
    }
}

impl AddCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { id, name, slug, timezone, database } = self;
        let tenant = NewTenant { id, name, slug, timezone };
        let added = session::with_database(&database, |pool| async move {
            Ok(add_tenant(&pool, &tenant, Clock::system().now()).await?)
        })
        .await?;
        Ok(answer(&format!("tenant {} ({}) was added", added.id, added.slug))?)
    }
}
