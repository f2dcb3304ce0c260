//! What a request shows to prove who sends it.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::error::AccessError;
use super::keys::program_of;
use super::principal::Principal;
use super::token::Tokens;

/// What a request shows. Its text is a secret.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A program's key.
    Key(&'a str),
    /// A person's token.
    Token(&'a str),
}

/// Who is behind the credential.
pub async fn authenticate(
    pool: &PgPool,
    tokens: &Tokens,
    credential: Credential<'_>,
    now: DateTime<Utc>,
) -> Result<Principal, AccessError> {
    match credential {
        Credential::Key(key) => program_of(pool, key, now).await,
        Credential::Token(token) => Principal::person(pool, &tokens.subject(token).await?).await,
    }
}
