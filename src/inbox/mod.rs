//! The inbox: what shops and the warehouse send is proven, kept byte for byte, and only then answered; the work is done
//! later, by jobs. Absent here: what a shop's body means (`shops`), and every call to Mintsoft.
//!
//! A sender that gets no 2xx sends again or gives up, so 2xx means committed. A delivery counts as the same as an
//! earlier one by a unique key, for ever.

mod answer;
mod arrival;
mod body;
mod counted;
pub mod dead_letters;
mod dedupe;
mod deliveries;
mod headers;
mod mintsoft_callback;
mod process;
mod rejections;
mod retention;
mod shop_secrets;
mod shop_webhook;
mod waits;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use logistics_domain::TenantId;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use self::body::{BODY_BYTES_MAX, BodyRefusal};
use self::rejections::Rejection;
use self::waits::TimeLeft;
use crate::clock::Clock;
use crate::jobs::JobsError;
use crate::postgres::is_away;
use crate::secrets::KeyRing;
use crate::tenancy::{Tenancy, TenancyError};

pub use counted::{RejectionCount, list_rejections};
pub use deliveries::{DeliveryFilter, DeliveryState, DeliverySummary, Redelivery, list, retry};
pub use process::{PROCESS_DELIVERY, ProcessDelivery};
pub use retention::erase_bodies;
pub use waits::Waits;

/// How many requests may be at the database at once, so that a storm of them leaves connections to the others.
const AT_ONCE: usize = 8;

/// The webhook endpoints, at which deliveries arrive.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    tenancy: Tenancy,
    ring: KeyRing,
    clock: Clock,
    rejections: rejections::Rejections,
    at_database: Semaphore,
    waits: Waits,
}

impl Inbox {
    /// Webhook endpoints over this database; `ring` seals the bodies and proves the tokens of callbacks.
    pub fn new(pool: PgPool, tenancy: Tenancy, ring: KeyRing, clock: Clock) -> Self {
        Self::waiting(Waits::default(), pool, tenancy, ring, clock)
    }

    /// Webhook endpoints over this database that wait as long as `waits` says.
    pub fn waiting(waits: Waits, pool: PgPool, tenancy: Tenancy, ring: KeyRing, clock: Clock) -> Self {
        let rejections = rejections::Rejections::over(pool.clone(), waits.count);
        let at_database = Semaphore::new(AT_ONCE);
        Self(Arc::new(Inner { pool, tenancy, ring, clock, rejections, at_database, waits }))
    }

    /// The body, or the answer that refuses it. One that took too long is counted: it may be a stranger who holds slots.
    async fn body(
        &self,
        source: &'static str,
        tenant: Option<TenantId>,
        sent: &HeaderMap,
        body: Body,
    ) -> Result<Vec<u8>, Response> {
        let refusal = match body::read(sent, body, BODY_BYTES_MAX, self.0.waits.body).await {
            Ok(body) => return Ok(body),
            Err(refusal) => refusal,
        };
        Err(self.refused(source, tenant, refusal).await)
    }

    /// What is answered where a body was not taken.
    async fn refused(
        &self,
        source: &'static str,
        tenant: Option<TenantId>,
        refusal: BodyRefusal,
    ) -> Response {
        if refusal == BodyRefusal::Slow {
            let now = self.0.clock.now();
            self.0.rejections.count(source, tenant, Rejection::BodySlow, now).await;
        }
        answer::bad_body(refusal)
    }

    /// Does work at the database; where it was away, again, as long as there is time left. The work has to be harmless to repeat.
    async fn at_database<T, W: Future<Output = Result<T, InboxError>>>(
        &self,
        time: &mut TimeLeft,
        work: impl Fn() -> W,
    ) -> Result<T, InboxError> {
        let mut last = InboxError::Late;
        let tries = async {
            loop {
                match self.once_at_database(work()).await {
                    Err(error) if error.may_pass() => last = error,
                    outcome => return outcome,
                }
                sleep(waits::PAUSE).await;
            }
        };
        let outcome = time.spend(tries).await;
        outcome.unwrap_or(Err(last))
    }

    /// One of few at a time, and not for ever.
    async fn once_at_database<T>(
        &self,
        work: impl Future<Output = Result<T, InboxError>>,
    ) -> Result<T, InboxError> {
        let _turn = self.0.at_database.acquire().await.map_err(|_| InboxError::Late)?;
        timeout(self.0.waits.database, work).await.unwrap_or(Err(InboxError::Late))
    }
}

/// The routes of the webhook endpoints, under their full paths. They prove the sender themselves, so no key is asked for.
pub fn routes(inbox: Inbox) -> Router {
    Router::new()
        .route("/api/v1/webhooks/shopify/{tenant_id}", post(shop_webhook::receive_shopify))
        .route("/api/v1/webhooks/woocommerce/{tenant_id}", post(shop_webhook::receive_woocommerce))
        .route("/api/v1/webhooks/mintsoft", post(mintsoft_callback::receive_callback))
        .with_state(inbox)
}

/// Why a delivery could not be kept or worked on. None of them is the sender's fault.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The database refused or did not answer.
    #[error("the database did not take or give a delivery; it is tried again")]
    Database(#[from] sqlx::Error),
    /// The job that works on the delivery could not be enqueued.
    #[error("the work on a delivery could not be put on its way; it is tried again")]
    Jobs(#[from] JobsError),
    /// The shop's secrets could not be had.
    #[error("the shop's secrets could not be read")]
    Tenancy(#[from] TenancyError),
    /// It took too long.
    #[error("the database did not answer in time; it is tried again")]
    Late,
}

impl InboxError {
    /// Whether the same may go well in a moment.
    fn may_pass(&self) -> bool {
        match self {
            Self::Database(error)
            | Self::Jobs(JobsError::Database(error))
            | Self::Tenancy(TenancyError::Database(error)) => is_away(error),
            Self::Tenancy(_) => false,
            Self::Late => true,
        }
    }
}
