//! A small, faithful OpenID provider for the demo and the tests: discovery, published keys that rotate, the authorization
//! code flow with PKCE, and signing out. Whoever clicks on a person is that person, so it belongs on the loopback only.
//! Absent: passwords, consent, refresh tokens, and who may do what, which is the ledger's to say.
//!
//! # Its addresses
//! Under the issuer, `/openid`: `.well-known/openid-configuration`, `jwks`, `authorize`, `token`, `end_session`.
//!
//! # Its controls
//! | call | body | effect |
//! |---|---|---|
//! | `POST /sandbox/openid/tokens` | [`TokenSpec`], as `{"sub":"demo|viewer"}` | answers `{"token":…}` for the API |
//! | `POST /sandbox/openid/rotate` | | signs with a fresh key; the ones before stay published |
//! | `POST /sandbox/openid/withdraw` | | the same, and the ones before are published no more |

mod authorize;
mod control;
mod keys;
mod pages;
mod people;
mod published;
mod state;
mod token;

use axum::Router;

pub use keys::SigningMethod;
pub use people::DemoPerson;
pub use state::{OpenIdClient, OpenIdHandle, TokenSpec};

/// Where the provider stands on the sandbox's address.
pub(super) const ROOT: &str = "/openid";

/// What the provider answers, its controls included.
pub(super) fn router(provider: &OpenIdHandle) -> Router {
    let routes = published::routes().merge(authorize::routes()).merge(token::routes());
    Router::new().nest(ROOT, routes).nest("/sandbox/openid", control::routes()).with_state(provider.clone())
}
