//! `ledger serve`: the service, until it is asked to end.

use anyhow::bail;
use clap::Args;

use super::{end_when_asked, session};
use crate::app::App;
use crate::clock::Clock;
use crate::config::ServiceArgs;

/// Its words.
#[derive(Args, Debug)]
pub(super) struct ServeCommand {
    #[command(flatten)]
    service: ServiceArgs,
}

impl ServeCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ending = end_when_asked();
        let service = &self.service;
        session::with_database(&service.database, |pool| async move {
            let app = App::start(pool, service.ring()?, Clock::system(), service.app_settings()).await?;
            let asked = tokio::select! {
                () = ending.cancelled() => true,
                () = app.ended() => false,
            };
            tracing::info!("ending: what is under way is finished first");
            app.stop().await;
            if asked {
                Ok(())
            } else {
                bail!("a part of the service failed for good; see the log, then start it again")
            }
        })
        .await
    }
}
