//! What a call to upstream led to, and what upstream shows afterwards.

use logistics_domain::Refusal;

use crate::mintsoft::UpstreamError;

/// What upstream shows of a request whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was done; for a comment, upstream's number of it.
    Done(Option<i64>),
    /// It was not done, or not yet.
    NotDone,
    /// It is not to be seen whether it was done.
    Hidden,
    /// What would tell is not found or cannot be read, which may pass: an upstream in trouble answers 404 for orders that it
    /// has.
    Unclear,
}

/// What a call led to.
pub(super) enum Called {
    Done(Option<i64>),
    /// Upstream said no; or it was never asked, and never can be.
    Refused {
        message: String,
        operator_needed: bool,
    },
    /// Nothing was done; later it may be.
    NotNow(UpstreamError),
    /// It may have been done.
    Lost(UpstreamError),
}

impl From<UpstreamError> for Called {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::Refused { message } => Self::Refused { message, operator_needed: false },
            UpstreamError::NotFound => {
                Self::Refused { message: Refusal::Vanished.to_string(), operator_needed: false }
            }
            error if error.may_have_acted() => Self::Lost(error),
            error if error.is_transient() || error.retry_after().is_some() => Self::NotNow(error),
            error => Self::Refused { message: error.to_string(), operator_needed: true },
        }
    }
}
