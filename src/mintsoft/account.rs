//! What a call needs to know of an account, and what a caller gets back besides the value.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::address::normalise_api_url;

/// One account at Mintsoft and on whose behalf it is called.
#[derive(Clone, Debug)]
pub struct AccountAccess {
    /// The account. Its key and its budget are those of its login, which other accounts may have too.
    pub account_id: Uuid,
    /// The root of the service, with or without `/api`.
    pub api_url: String,
    /// How it lets us in.
    pub credentials: Credentials,
    /// The client of the warehouse whose orders are asked for; none asks for all that the user may see.
    pub client_id: Option<i64>,
    /// The zone of upstream's wall clock.
    pub time_zone: Tz,
    /// The tenant on whose behalf the call is made, so that a busy one starves no other; none for the account's own
    /// work, such as the poll.
    pub tenant_id: Option<i64>,
}

/// How Mintsoft lets us in.
#[derive(Clone)]
pub enum Credentials {
    /// A user whose login gives a key for 24 hours and kills the key before it.
    Login {
        /// The user's name.
        username: Zeroizing<String>,
        /// The password.
        password: Zeroizing<String>,
    },
    /// A key that an administrator has fixed; it is never renewed.
    ApiKey(Zeroizing<String>),
}

impl Credentials {
    /// A user's login.
    pub fn login(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Login { username: Zeroizing::new(username.into()), password: Zeroizing::new(password.into()) }
    }

    /// A fixed key.
    pub fn api_key(key: impl Into<String>) -> Self {
        Self::ApiKey(Zeroizing::new(key.into()))
    }
}

impl Credentials {
    /// What tells one login from another: the user name, whose case Mintsoft does not heed, or a digest of the key,
    /// which is random and so cannot be guessed from it.
    pub fn identity(&self) -> String {
        match self {
            Self::Login { username, .. } => username.trim().to_lowercase(),
            Self::ApiKey(key) => {
                let digest =
                    Sha256::new().chain_update("mintsoft key v1\0").chain_update(key.as_bytes()).finalize();
                hex::encode(digest)
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login { .. } => "Login(..)",
            Self::ApiKey(_) => "ApiKey(..)",
        })
    }
}

/// The namespace of the ids of logins.
const LOGINS: Uuid = Uuid::from_u128(0x6b1d_41f0_5f0e_4a55_9d0c_7a3e_2c84_90b7);

/// The id under which all instances, and all accounts that let themselves in alike, share a login's key and its budget:
/// the address of the service and the [`Credentials::identity`]. No password is in it.
pub fn login_id(api_url: &str, identity: &str) -> Uuid {
    let root = normalise_api_url(api_url).unwrap_or_else(|_| api_url.to_owned());
    Uuid::new_v5(&LOGINS, format!("{root}\0{identity}").as_bytes())
}

impl AccountAccess {
    /// The id of its login.
    pub(super) fn login_id(&self) -> Uuid {
        login_id(&self.api_url, &self.credentials.identity())
    }
}

/// A digest of where a login goes and what it says, so that a key or a refusal counts for that password alone. The name
/// is the one that the login is known by: two accounts that spell it differently have the same key.
pub(super) fn login_digest(root: &str, username: &str, password: &str) -> [u8; 32] {
    let username = username.trim().to_lowercase();
    let mut hasher = Sha256::new();
    for part in [root, username.as_str(), password] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// How long a call may wait, for its slot in the budget, for a login and between retries, before it is sent. The time
/// that Mintsoft itself takes is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub(super) wait_max: Duration,
    pub(super) kind: PatienceKind,
}

/// Whose patience it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PatienceKind {
    /// A person's.
    Interactive,
    /// A job's, whose place is wanted by others: it comes again rather than sit out a pause that Mintsoft asks for.
    Background,
    /// A job's that would have to begin anew: it sits such a pause out.
    Enduring,
}

impl Patience {
    /// A person is waiting: the call does not queue behind the tenant's background work, and gives up early.
    pub fn interactive(wait_max: Duration) -> Self {
        Self { wait_max, kind: PatienceKind::Interactive }
    }

    /// Nobody is waiting. Of a pause that Mintsoft asks for only a moment is waited for: who holds a place among the jobs
    /// meanwhile keeps those of other accounts from it.
    pub fn background(wait_max: Duration) -> Self {
        Self { wait_max, kind: PatienceKind::Background }
    }
}

/// What is left of a caller's patience.
pub(super) struct Waiting {
    pub left: Duration,
    /// The longest rest of a pause that Mintsoft asked for which is waited for.
    pub pause_max: Duration,
}

impl Waiting {
    pub fn spend(&mut self, waited: Duration) {
        self.left = self.left.saturating_sub(waited);
    }
}

/// An answer, and the instants between which it was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was answered.
    pub value: T,
    /// When the request that was answered was sent (UTC).
    pub asked_at: DateTime<Utc>,
    /// When the answer was complete (UTC).
    pub answered_at: DateTime<Utc>,
}

impl<T> Answer<T> {
    /// The answer with its value turned into another, and the instants as they were.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: turn(self.value), asked_at: self.asked_at, answered_at: self.answered_at }
    }
}
