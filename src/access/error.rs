//! Why a caller is turned away, each in a sentence that says what to do.

use super::role::{Right, Role};
use super::token::TokenFault;

/// Why a caller is turned away.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No credential came along.
    #[error("send an API key in the header X-API-Key, or a token in the header Authorization: Bearer")]
    NoCredential,
    /// Two credentials came along, and which one counts would be a guess.
    #[error("send either X-API-Key or Authorization: Bearer, once, not both")]
    TwoCredentials,
    /// The key is unknown, expired or revoked; which one is nobody's business.
    #[error("the API key is not valid; ask for a new one")]
    InvalidKey,
    /// The token proves nothing.
    #[error(transparent)]
    InvalidToken(TokenFault),
    /// The session is over, or was ended.
    #[error("you are signed out; sign in again")]
    SessionOver,
    /// The service knows no OpenID provider.
    #[error("this service takes no tokens, since no OpenID provider is set up; use an API key in X-API-Key")]
    NoProvider,
    /// The provider's keys cannot be had, and none that would do is held.
    #[error("the sign-in service does not answer, so the token cannot be checked; try again")]
    ProviderAway,
    /// The token is good, but its bearer was never taken in.
    #[error("nobody here is known by this sign-in; ask the platform's staff to add you")]
    UnknownPerson,
    /// The person was taken in, and switched off since.
    #[error("your access is switched off; ask the platform's staff")]
    PersonInactive,
    /// The tenant is switched off.
    #[error("this tenant is switched off; ask the platform's staff")]
    TenantInactive,
    /// The role lacks the right.
    #[error("the role {role} may not {}", .right.described())]
    NotAllowed {
        /// The caller's role.
        role: Role,
        /// What it lacks.
        right: Right,
    },
    /// A caller who works for several tenants named none.
    #[error("say which tenant you mean: add tenant_id= to the query")]
    NameTenant,
    /// The tenant does not exist, or is another's.
    #[error("there is no such tenant")]
    NoSuchTenant,
    /// The credential could not be looked up.
    #[error("the database did not answer; try again")]
    Database(#[from] sqlx::Error),
    /// The stored credential cannot be understood.
    #[error("what is stored of this caller has a role of a newer version; run that version")]
    Unreadable,
}
