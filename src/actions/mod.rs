//! What people have done upstream: an order cancelled, a comment written. Each is a saga: the wish is an event, a job in
//! the same commit calls Mintsoft, and what came of it is an event again. The repetition of a request finds the first one
//! by its key, for ever; a call whose answer is lost is settled by reading, never by calling again blindly.
//!
//! Files: `ask` takes the wish in; `requests` keeps keys and counts calls; `saga` is the job, `standing` what
//! has come between the wish and the call, `settling` the end, and `reasons` the ledger's own words for it; `cancel` and
//! `comment` are what differs with the kind; `outcomes` wakes those who wait. `thread` and `documents` read what hangs on an
//! order upstream, with `glimpse` for when it cannot be read, and `document_permits` for who has documents in hand.
//! Absent: what an order's status allows, which the domain decides, and the answer's form.

mod ask;
mod call_outcome;
mod cancel;
mod comment;
mod document_permits;
mod documents;
mod error;
mod glimpse;
mod outcomes;
mod payload;
mod reasons;
mod requests;
mod saga;
mod sealed_texts;
mod settling;
mod standing;
mod thread;
mod upstream_action;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::Source;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::document_permits::DocumentPermit;
use self::document_permits::DocumentPermits;
pub use self::documents::{DocumentBytes, Documents, Fetched, ListedDocument};
pub use self::error::ActionError;
use self::glimpse::{Readings, Refusals};
use self::outcomes::Outcomes;
pub use self::requests::{Beside, IdempotencyKey, InvalidKey, beside};
use self::saga::SagaHandler;
pub use self::sealed_texts::open_sealed_texts;
pub use self::thread::{Thread, ThreadComment};
use crate::jobs::Lane;
use crate::ledger::OrderAddress;
use crate::sync::Sources;

/// The job that cancels an order upstream.
pub const CANCEL_ORDER: &str = "cancel_order";

/// The job that writes a comment upstream.
pub const POST_COMMENT: &str = "post_comment";

/// How many requests of each kind are carried out at once by one instance.
const AT_ONCE: usize = 4;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct ActionSettings {
    /// How long a person waits for the outcome before the answer is "under way".
    pub answer_within: Duration,
    /// How long after the end of a call whose answer was lost it counts as proven that nothing was done: what upstream
    /// still had in hand is done by then.
    pub settle_after: Duration,
}

impl ActionSettings {
    /// With calls to Mintsoft that take at most `time_limit`.
    pub fn with_calls_of(time_limit: Duration) -> Self {
        Self { answer_within: Duration::from_secs(5), settle_after: time_limit / 3 }
    }
}

/// What a person can have done. Cloning shares it.
#[derive(Clone)]
pub struct Actions {
    sources: Arc<Sources>,
    outcomes: Outcomes,
    readings: Readings,
    refusals: Refusals,
    document_permits: DocumentPermits,
    settings: ActionSettings,
}

/// Who asks, for what order, and under which key.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The order, which the asker may see.
    pub address: OrderAddress,
    /// `user:<id>` or `key:<id>`.
    pub actor: String,
    /// What kind of asker.
    pub source: Source,
    /// The id of the request over HTTP, which everything that comes of it carries.
    pub correlation_id: String,
    /// The key under which the request may be repeated.
    pub key: Option<IdempotencyKey>,
}

/// A request and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub request_id: Uuid,
    /// What has become of it.
    pub outcome: Outcome,
    /// Who asked.
    pub requested_by: String,
    /// When (UTC).
    pub requested_at: DateTime<Utc>,
}

/// What has become of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not known yet; where it was left to a person, why.
    Pending {
        /// Why a person is needed, if so.
        left_to_person: Option<String>,
    },
    /// Upstream did it.
    Confirmed,
    /// It did not come to pass.
    Refused {
        /// Upstream's words, or ours.
        message: String,
    },
}

impl Actions {
    /// Actions on the orders of these sources.
    pub fn over(sources: &Arc<Sources>, settings: ActionSettings) -> Self {
        Self {
            sources: Arc::clone(sources),
            outcomes: Outcomes::default(),
            readings: Readings::default(),
            refusals: Refusals::default(),
            document_permits: DocumentPermits::default(),
            settings,
        }
    }

    /// The lanes of its jobs. A cancellation races with the warehouse, and waits behind no comments.
    pub fn lanes(&self) -> [Lane; 2] {
        let handler = Arc::new(SagaHandler::over(self));
        [
            Lane::new("cancellations", AT_ONCE).handle(CANCEL_ORDER, Arc::<SagaHandler>::clone(&handler)),
            Lane::new("comments", AT_ONCE).handle(POST_COMMENT, handler),
        ]
    }

    /// Hears of outcomes, of other instances too, until the service stops.
    pub async fn listen(self, stopping: CancellationToken) {
        self.outcomes.listen(&self.sources.pool, stopping).await;
    }
}
