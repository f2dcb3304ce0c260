//! `ledger api-key create` and `revoke`. A fresh key stands alone on standard output, so that it can be piped to where it
//! is kept; its id goes to the log.

use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use logistics_domain::TenantId;
use uuid::Uuid;

use super::{answer, session};
use crate::access::{KeyRequest, Role, issue_key, revoke_key};
use crate::clock::Clock;
use crate::config::{DatabaseArgs, positive_duration};

/// Its words.
#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Make a key; it is shown once, on standard output
    Create(CreateCommand),
    /// Revoke a key for good
    Revoke(RevokeCommand),
}

/// The words of `api-key create`.
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

/// The words of `api-key revoke`.
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
        let issued =
            session::with_database(
                &database,
                |pool| async move { Ok(issue_key(&pool, &request, now).await?) },
            )
            .await?;
        tracing::info!(id = %issued.id, "a key was made; this id revokes it");
        Ok(answer(&issued.text)?)
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
