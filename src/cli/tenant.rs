//! `ledger tenant add`: takes a tenant in, under the host's number.

use clap::{Args, Subcommand};

use super::{answer, session};
use crate::clock::Clock;
use crate::config::DatabaseArgs;
use crate::tenancy::{NewTenant, add_tenant};

/// Its words.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Add a tenant
    Add(AddCommand),
}

/// The words of `tenant add`.
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
    /// The IANA zone in which its days begin and end
    #[arg(long, default_value = "America/Lima")]
    timezone: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl TenantCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Add(command) => command.run().await,
        }
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
