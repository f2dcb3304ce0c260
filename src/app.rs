//! The one place where the parts are joined into a running service.

use std::io;
use std::net::SocketAddr;

use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::{self, Entry, Gate, Orders};
use crate::clock::Clock;
use crate::config::SourceArgs;
use crate::inbox::{self, Inbox};
use crate::secrets::KeyRing;
use crate::tenancy::Tenancy;

/// What the service is set with, besides its database and its keys.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Opens `http` and this machine's own addresses as accounts, for the sandbox.
    pub allow_insecure_upstream: bool,
    /// How often the sources look.
    pub sources: SourceArgs,
}

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; stop what listens there, or choose another with LEDGER_LISTEN")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// A running service. Dropping it stops its tasks; [`App::stop`] also waits for them.
pub struct App {
    address: SocketAddr,
    routes: Vec<Entry>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Joins the parts over a migrated database, and begins to answer.
    pub async fn start(
        pool: PgPool,
        ring: KeyRing,
        clock: Clock,
        settings: AppSettings,
    ) -> Result<Self, AppError> {
        let listening = |source| AppError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;

        let tenancy = Tenancy::over(pool.clone(), ring.clone(), settings.allow_insecure_upstream);
        let gate = Gate { pool: pool.clone(), tenancy: tenancy.clone(), clock: clock.clone() };
        let orders = Orders::over(&gate, settings.sources.refresh_after);
        let routes = api::tenant_routes(&gate).and(orders.routes());
        let table = routes.entries().to_vec();
        let doors = inbox::routes(Inbox::new(pool, tenancy, ring, clock));
        let router = api::router(&gate, routes, doors, api::TIME_LIMIT);

        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let stopped = stopping.clone().cancelled_owned();
        tasks.spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
            if let Err(error) = served {
                tracing::error!(%error, "the service stopped listening");
            }
        });
        tasks.close();
        tracing::info!(%address, "listening");
        Ok(Self { address, routes: table, stopping, tasks })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The routes under `/api/v1` and whom each admits; the doors of webhooks are not among them.
    pub fn routes(&self) -> &[Entry] {
        &self.routes
    }

    /// Takes no more requests, and waits until those under way are answered.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
