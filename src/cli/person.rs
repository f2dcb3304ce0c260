//! `ledger person add`, `list` and `deactivate`: who may sign in.

use clap::{Args, Subcommand};
use logistics_domain::TenantId;
use uuid::Uuid;

use super::table::Table;
use super::{answer, session};
use crate::access::{
    OPERATOR, PersonChange, PersonFilter, PersonRequest, Role, add_person, change_person, list_people,
};
use crate::clock::Clock;
use crate::config::DatabaseArgs;

/// The most people that are read at once.
const PAGE: i64 = 500;

/// Subcommands of `ledger person`.
#[derive(Debug, Subcommand)]
pub(super) enum PersonCommand {
    /// Let a person sign in, for a tenant; run it again for each further tenant
    Add(AddCommand),
    /// List who may sign in
    List(ListCommand),
    /// Let a person sign in no longer
    Deactivate(DeactivateCommand),
}

/// Arguments of `ledger person add`.
#[derive(Args, Debug)]
pub(super) struct AddCommand {
    /// How the OpenID provider's tokens name the person (`sub`)
    #[arg(long)]
    sub: String,
    /// Where the person is reached
    #[arg(long)]
    email: String,
    /// The name that others read
    #[arg(long, default_value = "")]
    name: String,
    /// The tenant; for every role but SUPERADMIN
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER or AUDITOR
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Arguments of `ledger person list`.
#[derive(Args, Debug)]
pub(super) struct ListCommand {
    /// The people of this tenant alone
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Arguments of `ledger person deactivate`.
#[derive(Args, Debug)]
pub(super) struct DeactivateCommand {
    /// The person's id, as `person list` shows it
    id: Uuid,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl PersonCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Add(command) => command.run().await,
            Self::List(command) => command.run().await,
            Self::Deactivate(command) => command.run().await,
        }
    }
}

impl AddCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { sub, email, name, tenant, role, database } = self;
        let request = PersonRequest { sub, email, name, tenant: tenant.map(TenantId), role };
        let added = session::with_database(&database, |pool| async move {
            Ok(add_person(&pool, &request, OPERATOR, Clock::system().now()).await?)
        })
        .await?;
        Ok(answer(&format!("person {} was added as {}", added.id, added.role))?)
    }
}

impl ListCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, database } = self;
        let mut filter = PersonFilter { tenant: tenant.map(TenantId), search: None, skip: 0, limit: PAGE };
        let people = session::with_database(&database, |pool| async move {
            let mut people = Vec::new();
            loop {
                let page = list_people(&pool, &filter).await?.items;
                if page.is_empty() {
                    return Ok(people);
                }
                people.extend(page);
                filter.skip = i64::try_from(people.len())?;
            }
        })
        .await?;
        let mut table = Table::under(&["id", "tenant", "role", "active", "e-mail", "sub"]);
        for person in &people {
            table.push([
                person.id.to_string(),
                person.tenant.map_or_else(|| "every".to_owned(), |tenant| tenant.to_string()),
                person.role.to_string(),
                if person.is_active { "yes" } else { "no" }.to_owned(),
                person.email.clone(),
                person.sub.clone(),
            ]);
        }
        Ok(answer(&table.text())?)
    }
}

impl DeactivateCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { id, database } = self;
        let change = PersonChange { is_active: Some(false), ..PersonChange::default() };
        session::with_database(&database, |pool| async move {
            Ok(change_person(&pool, id, &change, Clock::system().now()).await?)
        })
        .await?;
        Ok(answer(&format!("the person {id} is let in no longer"))?)
    }
}
