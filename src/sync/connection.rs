//! Trying a connection: one cheap read with the given credentials, and what came of it in words that say what to do.
//! A login goes the way of every login (`mintsoft::admission`): once, and its key is kept for the calls that follow.
//! Absent: any storing of a configuration, and any transaction.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::mintsoft::{AccountAccess, MintsoftClient, Patience, UpstreamError};

/// How long a person waits for the trial before the call is sent; the call's own time limit comes on top.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest that a trial may take in all, so that its outcome is told before the request itself is given up.
const TRIAL_MAX: Duration = Duration::from_secs(20);

/// What a trial came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Mintsoft let us in and listed orders.
    Ok,
    /// Mintsoft, or what answers at the address, does not let us read.
    Refused,
    /// Nothing that can be used was answered for now; the same may work later.
    Unreachable,
    /// It was not tried.
    NotTested,
}

/// A trial of a connection, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Connection {
    /// The result of the trial.
    pub state: ConnectionState,
    /// The result as a sentence, with what to do where something is to be done.
    pub detail: String,
    /// When the connection was tried (UTC); null where it was not.
    pub tested_at: Option<DateTime<Utc>>,
    /// The field of the configuration that is at fault, where one is.
    pub field: Option<&'static str>,
}

impl Connection {
    /// It was not tried, for this reason.
    pub fn not_tested(why: &str) -> Self {
        Self { state: ConnectionState::NotTested, detail: why.to_owned(), tested_at: None, field: None }
    }
}

/// Tries to read the account.
pub async fn try_connection(mintsoft: &MintsoftClient, access: AccountAccess, clock: &Clock) -> Connection {
    let client_id = access.client_id;
    let account = mintsoft.account(access).patience(Patience::interactive(PATIENCE));
    let tried =
        tokio::time::timeout(TRIAL_MAX, account.probe()).await.unwrap_or(Err(UpstreamError::TimedOut));
    let tested_at = Some(clock.now());
    let Err(error) = tried else {
        let detail = "Mintsoft let us in and listed orders.".to_owned();
        return Connection { state: ConnectionState::Ok, detail, tested_at, field: None };
    };
    let (state, field) = judged(&error, client_id);
    Connection { state, detail: format!("{}.", capitalised(&error.to_string())), tested_at, field }
}

/// What an error says of the configuration, and of which field.
fn judged(error: &UpstreamError, client_id: Option<i64>) -> (ConnectionState, Option<&'static str>) {
    use ConnectionState::{Refused, Unreachable};
    match error {
        UpstreamError::NotPermitted | UpstreamError::WrongLogin { .. } => (Refused, Some("credentials")),
        UpstreamError::Rejected { .. } | UpstreamError::Refused { .. } if client_id.is_some() => {
            (Refused, Some("shared_client_id"))
        }
        UpstreamError::BadUrl { .. }
        | UpstreamError::ContractViolation { .. }
        | UpstreamError::TooLarge { .. }
        | UpstreamError::NotFound
        | UpstreamError::Rejected { .. }
        | UpstreamError::Refused { .. } => (Refused, Some("api_url")),
        UpstreamError::BudgetExhausted { .. }
        | UpstreamError::Throttled { .. }
        | UpstreamError::Unavailable { .. }
        | UpstreamError::TimedOut
        | UpstreamError::Silent { .. }
        | UpstreamError::LoginPending
        | UpstreamError::Database(_)
        | UpstreamError::NoTls => (Unreachable, None),
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field_and_an_outage_names_none() {
        let refused = |error: UpstreamError, client| judged(&error, client);
        assert_eq!(
            refused(UpstreamError::NotPermitted, None),
            (ConnectionState::Refused, Some("credentials"))
        );
        let rejected = UpstreamError::Rejected { status: 400, said: None };
        assert_eq!(refused(rejected.clone(), Some(3)), (ConnectionState::Refused, Some("shared_client_id")));
        assert_eq!(refused(rejected, None), (ConnectionState::Refused, Some("api_url")));
        assert_eq!(refused(UpstreamError::TimedOut, Some(3)), (ConnectionState::Unreachable, None));
    }
}
