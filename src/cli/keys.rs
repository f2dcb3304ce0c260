//! `ledger keys reseal`: seals what older master keys sealed under the current one, while the service runs.

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{answer, session};
use crate::config::{DatabaseArgs, MasterKeyArgs};
use crate::reseal::reseal;
use crate::tenancy::Tenancy;

/// Subcommands of `ledger keys`.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Re-encrypt all that older master keys encrypted, under the current one, so that the older may be taken away
    Reseal(ResealCommand),
}

/// Arguments of `ledger keys reseal`.
#[derive(Args, Debug)]
pub(super) struct ResealCommand {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    keys: MasterKeyArgs,
}

impl KeysCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Reseal(command) => command.run().await,
        }
    }
}

impl ResealCommand {
    async fn run(self) -> anyhow::Result<()> {
        let ring = self.keys.ring(&self.database.data_dir()?)?;
        session::with_database(&self.database, |pool| async move {
            Tenancy::over(pool.clone(), ring.clone(), false).check_ring().await?;
            let mut lines = Vec::new();
            let unreadable = reseal(&pool, &ring, |done| {
                lines.push(format!(
                    "{}.{}: {} re-encrypted, {} not readable",
                    done.table, done.column, done.resealed, done.unreadable
                ));
            })
            .await?;
            for line in &lines {
                answer(line)?;
            }
            if unreadable > 0 {
                bail!("{unreadable} values could not be opened; put the key that sealed them back on the ring, and run this again");
            }
            Ok(answer(&format!("everything is sealed under the key {}", ring.current_id()))?)
        })
        .await
    }
}
