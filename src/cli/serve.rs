//! `ledger serve`: the service, until it is asked to end.

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
            ending.cancelled().await;
            tracing::info!("ending: requests under way are answered first");
            app.stop().await;
            Ok(())
        })
        .await
    }
}
