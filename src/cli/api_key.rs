//! `ledger api-key create`, `list` and `revoke`. A fresh key stands alone on standard output, so that it can be piped to where it
//! is kept; its id goes to the log.

use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use logistics_domain::TenantId;
use uuid::Uuid;

use super::table::Table;
use super::{answer, session};
use crate::access::{KeyRequest, Role, issue_key, list_keys, revoke_key};
use crate::clock::Clock;
use crate::config::{DatabaseArgs, positive_duration};

/// The most keys that are read at once.
const PAGE: i64 = 500;

/// Subcommands of `ledger api-key`.
#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Make a key; it is shown once, on standard output
    Create(CreateCommand),
    /// List the keys, without their text, which is stored nowhere
    List(ListCommand),
    /// Revoke a key for good
    Revoke(RevokeCommand),
}

/// Arguments of `ledger api-key create`.
#[derive(Args, Debug)]
pub(super) struct CreateCommand {
    /// The tenant that the key works for; for every role but SUPERADMIN
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER or AUDITOR
    #[arg(long)]
    role: Role,
    /// What the key is for
    #[arg(long, default_value = "")]
    label: String,
    /// How long the key is valid, as 90d [default: until it is revoked]
    #[arg(long, value_parser = positive_duration, value_name = "DURATION")]
    expires_in: Option<Duration>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Arguments of `ledger api-key list`.
#[derive(Args, Debug)]
pub(super) struct ListCommand {
    /// The keys of this tenant alone
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Arguments of `ledger api-key revoke`.
#[derive(Args, Debug)]
pub(super) struct RevokeCommand {
    /// The key's id, as it stands in events and in the log when it is made
    id: Uuid,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl ApiKeyCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create(command) => command.run().await,
            Self::List(command) => command.run().await,
            Self::Revoke(command) => command.run().await,
        }
    }
}

impl CreateCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, role, label, expires_in, database } = self;
        let now = Clock::system().now();
        let valid_for =
            expires_in.map(TimeDelta::from_std).transpose().context("--expires-in is too long")?;
        let request = KeyRequest {
            tenant: tenant.map(TenantId),
            role,
            label,
            expires_at: valid_for.map(|length| now + length),
        };
        session::with_database(&database, |pool| async move {
            let issued = issue_key(&pool, &request, now).await?;
            // Told before the database is left: a key that nobody heard of would be good all the same.
            tracing::info!(id = %issued.id, "a key was made; this id revokes it");
            Ok(answer(&issued.text)?)
        })
        .await
    }
}

impl ListCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, database } = self;
        let keys = session::with_database(&database, |pool| async move {
            let mut keys = Vec::new();
            loop {
                let skip = i64::try_from(keys.len())?;
                let (_, page) = list_keys(&pool, tenant.map(TenantId), skip, PAGE).await?;
                if page.is_empty() {
                    return Ok(keys);
                }
                keys.extend(page);
            }
        })
        .await?;
        let mut table = Table::under(&["id", "tenant", "role", "made", "state", "label"]);
        let now = Clock::system().now();
        for key in keys {
            let state = match (key.revoked_at, key.expires_at) {
                (Some(at), _) => format!("revoked {}", at.format("%Y-%m-%d")),
                (None, Some(at)) if at <= now => format!("expired {}", at.format("%Y-%m-%d")),
                (None, Some(at)) => format!("good until {}", at.format("%Y-%m-%d")),
                (None, None) => "good".to_owned(),
            };
            table.push([
                key.id.to_string(),
                key.tenant.map_or_else(|| "every".to_owned(), |tenant| tenant.to_string()),
                key.role,
                key.created_at.format("%Y-%m-%d").to_string(),
                state,
                key.label,
            ]);
        }
        Ok(answer(&table.text())?)
    }
}

impl RevokeCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { id, database } = self;
        let now = Clock::system().now();
        let revoked =
            session::with_database(&database, |pool| async move { Ok(revoke_key(&pool, id, now).await?) })
                .await?;
        if !revoked {
            bail!("there is no key {id}, or it was revoked before");
        }
        Ok(answer(&format!("the key {id} was revoked"))?)
    }
}
