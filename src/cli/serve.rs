//! `ledger serve`: the service, until it is asked to end.

use anyhow::bail;
use clap::Args;
use logistics_projections::orders::are_read_by_another_mapping;
use sqlx::PgPool;

use super::{end_when_asked, session};
use crate::app::App;
use crate::clock::Clock;
use crate::config::ServiceArgs;
use crate::postgres::Database;
use crate::upkeep;

/// Arguments of `ledger serve`.
#[derive(Args, Debug)]
pub(super) struct ServeCommand {
    #[command(flatten)]
    service: ServiceArgs,
}

impl ServeCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ending = end_when_asked();
        let service = &self.service;
        let settings = service.database.settings()?;
        let database = Database::start_patiently(&settings, &ending).await?;
        let url = database.url().to_owned();
        session::with(database, |pool| async move {
            tokio::spawn(tell_of_another_mapping(pool.clone()));
            let clearing = upkeep::clear_rebuilds(pool.clone(), url, settings.pool, ending.clone());
            let clearing = tokio::spawn(clearing);
            let app = App::start(pool, service.ring()?, Clock::system(), service.app_settings()).await?;
            let asked = tokio::select! {
                () = ending.cancelled() => true,
                () = app.ended() => false,
            };
            tracing::info!("ending: what is under way is finished first");
            app.stop().await;
            clearing.abort();
            if asked {
                Ok(())
            } else {
                bail!("a part of the service failed for good; see the log, then start it again")
            }
        })
        .await
    }
}

/// Rows that no event moves stay as an earlier mapping has them, which nobody would notice.
async fn tell_of_another_mapping(pool: PgPool) {
    match are_read_by_another_mapping(&pool).await {
        Ok(true) => tracing::warn!(
            "some orders stand as an earlier mapping of statuses has them; `ledger rebuild` reads them by the one in use"
        ),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "by which mapping of statuses orders were read could not be asked");
        }
    }
}
