//! `ledger migrate`: brings the database's tables up to date. The other commands do so too; this one is for those who
//! want it done before.

use clap::Args;
use logistics_projections::orders::are_read_by_another_mapping;

use super::{answer, session};
use crate::config::DatabaseArgs;

/// Arguments of `ledger migrate`.
#[derive(Args, Debug)]
pub(super) struct MigrateCommand {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl MigrateCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let otherwise = session::with_database(&self.database, |pool| async move {
            Ok(are_read_by_another_mapping(&pool).await?)
        });
        let told = if otherwise.await? {
            "the tables are up to date; orders stand as an earlier mapping of statuses has them, and `ledger rebuild` \
             reads them by the one in use"
        } else {
            "the tables are up to date"
        };
        Ok(answer(told)?)
    }
}
