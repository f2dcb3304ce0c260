//! The inbox: what shops and the warehouse send is proven, kept byte for byte, and only then answered; the work is done
//! later, by jobs. Absent here: what a shop's body means (`shops`), and every call to Mintsoft.
//!
//! A sender that gets no 2xx sends again or gives up, so 2xx means committed. A delivery counts as the same as an
//! earlier one by a unique key, for ever.

mod answer;
mod arrival;
mod body;
mod callback_door;
mod counted;
pub mod dead_letters;
mod dedupe;
mod deliveries;
mod headers;
mod process;
mod rejections;
mod retention;
mod shop_door;
mod shop_secrets;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use logistics_domain::TenantId;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::body::BodyRefusal;
use self::rejections::Rejection;
use crate::clock::Clock;
use crate::jobs::JobsError;
use crate::secrets::KeyRing;
use crate::tenancy::{Tenancy, TenancyError};

pub use counted::{RejectionCount, list_rejections};
pub use deliveries::{DeliveryFilter, DeliveryState, DeliverySummary, Redelivery, list, retry};
pub use process::{PROCESS_DELIVERY, ProcessDelivery};
pub use retention::erase_bodies;

/// How many requests may be at the database at once, so that a storm of them leaves connections to the others.
const AT_ONCE: usize = 8;
/// How many bodies that may be pings are read at once: they prove nothing, and there is one for each webhook that is made.
const PINGS_AT_ONCE: usize = 8;
/// How long proving a delivery may take, and how long keeping it; both take milliseconds while the database is well. Shopify waits
/// five seconds for the whole answer.
const KEEP_WITHIN: Duration = Duration::from_secs(4);

/// The doors at which deliveries arrive.
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
    pings: Semaphore,
    read_within: Duration,
}

impl Inbox {
    /// Doors over this database; `ring` seals the bodies and proves the tokens of callbacks.
    pub fn new(pool: PgPool, tenancy: Tenancy, ring: KeyRing, clock: Clock) -> Self {
        Self::reading_within(body::READ_WITHIN, pool, tenancy, ring, clock)
    }

    /// The same, where bodies may take so long to arrive.
    pub fn reading_within(
        read_within: Duration,
        pool: PgPool,
        tenancy: Tenancy,
        ring: KeyRing,
        clock: Clock,
    ) -> Self {
        let rejections = rejections::Rejections::over(pool.clone());
        let (at_database, pings) = (Semaphore::new(AT_ONCE), Semaphore::new(PINGS_AT_ONCE));
        Self(Arc::new(Inner { pool, tenancy, ring, clock, rejections, at_database, pings, read_within }))
    }

    /// The body, or the answer that refuses it. One that took too long is counted: it may be a stranger who holds places.
    async fn body(
        &self,
        door: &'static str,
        tenant: Option<TenantId>,
        sent: &HeaderMap,
        body: Body,
    ) -> Result<Vec<u8>, Response> {
        let refusal = match body::read(sent, body, self.0.read_within).await {
            Ok(body) => return Ok(body),
            Err(refusal) => refusal,
        };
        if refusal == BodyRefusal::Slow {
            let now = self.0.clock.now();
            self.0.rejections.count(door, tenant, Rejection::BodySlow, now).await;
        }
        Err(answer::bad_body(refusal))
    }

    /// Does work at the database, one of few at a time and not for long.
    async fn at_database<T>(
        &self,
        work: impl Future<Output = Result<T, InboxError>>,
    ) -> Result<T, InboxError> {
        let bounded = async {
            let _turn = self.0.at_database.acquire().await.map_err(|_| InboxError::Late)?;
            work.await
        };
        timeout(KEEP_WITHIN, bounded).await.unwrap_or(Err(InboxError::Late))
    }
}

/// The routes of the doors, under their full paths. They prove the sender themselves, so no key is asked for.
pub fn routes(inbox: Inbox) -> Router {
    Router::new()
        .route("/api/v1/webhooks/shopify/{tenant_id}", post(shop_door::receive_shopify))
        .route("/api/v1/webhooks/woocommerce/{tenant_id}", post(shop_door::receive_woocommerce))
        .route("/api/v1/webhooks/mintsoft", post(callback_door::receive_callback))
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
