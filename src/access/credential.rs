//! What a request shows to prove who sends it.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::error::AccessError;
use super::keys::{KeyBatcher, program_of};
use super::principal::Principal;
use super::sessions::{Session, SessionSettings, find_session};
use super::token::Tokens;

/// What a request shows. Its text is a secret.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A program's key.
    Key(&'a str),
    /// A person's token.
    Token(&'a str),
    /// The token of a session of the pages, in a cookie.
    Session(&'a str),
}

impl<'a> Credential<'a> {
    /// The secret itself.
    pub const fn text(self) -> &'a str {
        match self {
            Self::Key(text) | Self::Token(text) | Self::Session(text) => text,
        }
    }
}

/// What credentials are held against. Cloning shares it.
#[derive(Clone, Default)]
pub struct Proofs {
    /// What checks the tokens of people.
    pub tokens: Tokens,
    /// How long sessions last.
    pub sessions: SessionSettings,
    keys: KeyBatcher,
}

impl Proofs {
    /// Those that tokens and sessions are held against; keys are looked up.
    pub fn of(tokens: Tokens, sessions: SessionSettings) -> Self {
        Self { tokens, sessions, keys: KeyBatcher::default() }
    }
}

/// Who is behind the credential.
pub async fn authenticate(
    pool: &PgPool,
    proofs: &Proofs,
    credential: Credential<'_>,
    now: DateTime<Utc>,
) -> Result<Principal, AccessError> {
    match credential {
        Credential::Key(key) => program_of(&proofs.keys, pool, key, now).await,
        Credential::Session(token) => {
            let found = find_session(pool, proofs.sessions, token, now).await?;
            let Session { principal, tenant, .. } = found.ok_or(AccessError::SessionOver)?;
            Ok(principal.looking_at(tenant))
        }
        Credential::Token(token) => Principal::person(pool, &proofs.tokens.subject(token).await?).await,
    }
}
