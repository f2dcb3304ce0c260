//! `ledger migrate`: brings the database's tables up to date. The other commands do so too; this one is for those who
//! want it done before.

use clap::Args;

use super::{answer, session};
use crate::config::DatabaseArgs;

/// Its words.
#[derive(Args, Debug)]
pub(super) struct MigrateCommand {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl MigrateCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        session::with_database(&self.database, |_| async { Ok(()) }).await?;
        Ok(answer("the tables are up to date")?)
    }
}
