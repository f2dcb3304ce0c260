//! What can go wrong with a call to Mintsoft. No variant carries a key, a password or a person.

use std::sync::Arc;
use std::time::Duration;

/// Why a call to Mintsoft gave no answer that can be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UpstreamError {
    /// 401 with a fresh key, or with a fixed one, or 403.
    #[error("Mintsoft does not permit this call; give its user the permission, or set the credentials anew")]
    NotPermitted,
    /// The login was refused, just now or so lately that it is not tried again.
    #[error("Mintsoft refuses the user name or the password; set the credentials anew")]
    WrongLogin {
        /// When the same login may be tried again.
        retry_after: Duration,
    },
    /// The account's next free slot lies beyond the caller's patience; nothing was sent.
    #[error("the account has used up its calls to Mintsoft; try again in {} s", seconds(*.retry_after))]
    BudgetExhausted {
        /// When a slot will be free.
        retry_after: Duration,
    },
    /// 429: Mintsoft asked everybody to wait.
    #[error("Mintsoft asks to wait; try again in {} s", seconds(*.retry_after))]
    Throttled {
        /// How long Mintsoft asked to wait.
        retry_after: Duration,
    },
    /// No connection, a connection that broke, or an answer of the 5xx kind.
    #[error("Mintsoft is out of reach{}{}; try again later", status_text(*.status), said_text(.said.as_ref()))]
    Unavailable {
        /// The HTTP status, when there was an answer.
        status: Option<u16>,
        /// Upstream's own words.
        said: Option<String>,
        /// Whether the request may have reached Mintsoft.
        sent: bool,
        /// How long Mintsoft asked to wait.
        retry_after: Option<Duration>,
    },
    /// Mintsoft did not answer within the time limit.
    #[error("Mintsoft did not answer in time; try again later")]
    TimedOut,
    /// Mintsoft left others without an answer so lately that nothing was sent.
    #[error("Mintsoft has not answered of late; try again in {} s", seconds(*.retry_after))]
    Silent {
        /// When it may be asked again.
        retry_after: Duration,
    },
    /// Another task or instance is logging in and was not done within the caller's patience.
    #[error("the login at Mintsoft is still under way; try again shortly")]
    LoginPending,
    /// The answer is longer than the limit.
    #[error("Mintsoft's answer is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The answer is not what the documentation promises: check the address of the account first.
    #[error("Mintsoft broke its contract: {what}; check the account's api_url")]
    ContractViolation {
        /// What it answered instead.
        what: String,
    },
    /// Mintsoft understood and refuses for a business reason.
    #[error("Mintsoft refuses: {message}")]
    Refused {
        /// Upstream's own words.
        message: String,
    },
    /// Mintsoft calls the request wrong (4xx).
    #[error("Mintsoft rejects the request with {status}{}", said_text(.said.as_ref()))]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Upstream's own words.
        said: Option<String>,
    },
    /// The order, document or list does not exist, for this user at least.
    #[error("Mintsoft knows no such thing; it may have been merged away")]
    NotFound,
    /// The address of the account may not be called.
    #[error("the address of Mintsoft cannot be used: {why}")]
    BadUrl {
        /// Why not.
        why: &'static str,
    },
    /// The shared state of the account could not be read or written; nothing was sent.
    #[error("the account's state could not be reached in the database")]
    Database(#[source] Arc<sqlx::Error>),
    /// The machine offers no TLS.
    #[error("no TLS can be set up on this machine")]
    NoTls,
}

impl UpstreamError {
    pub(super) fn violation(what: impl Into<String>) -> Self {
        Self::ContractViolation { what: what.into() }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::BudgetExhausted { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut
            | Self::Silent { .. }
            | Self::LoginPending
            | Self::ContractViolation { .. }
            | Self::Database(_) => true,
            Self::NotPermitted
            | Self::WrongLogin { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::Rejected { .. }
            | Self::NotFound
            | Self::BadUrl { .. }
            | Self::NoTls => false,
        }
    }

    /// How long to wait before the next try, when Mintsoft or the budget says so. Of a silence nobody knows how long it
    /// lasts, so that each waits for as long as it would have without an answer.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::WrongLogin { retry_after }
            | Self::BudgetExhausted { retry_after }
            | Self::Throttled { retry_after } => Some(*retry_after),
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether an action that failed like this may have happened all the same, so that the order must be read again
    /// before a second try.
    pub fn may_have_acted(&self) -> bool {
        matches!(
            self,
            Self::TimedOut
                | Self::TooLarge { .. }
                | Self::ContractViolation { .. }
                | Self::Unavailable { sent: true, .. }
        )
    }
}

impl From<sqlx::Error> for UpstreamError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

/// Whole seconds, rounded up, so that nobody comes too early.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn status_text(status: Option<u16>) -> String {
    status.map(|status| format!(" (it answered {status})")).unwrap_or_default()
}

fn said_text(said: Option<&String>) -> String {
    said.map(|said| format!(", saying: {said}")).unwrap_or_default()
}
