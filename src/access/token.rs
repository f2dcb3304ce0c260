//! Tokens of people: a JWT of the OpenID provider, signed with RS256 or ES256 by one of its published keys. Absent: how
//! the keys are had (`key_set`), and who the person is to which tenant (`principal`).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation, decode};
use serde::Deserialize;
use serde_json::Value;

use super::error::AccessError;
use super::key_set::KeyCache;
use super::provider::{OpenIdError, OpenIdSettings, Provider};
use crate::clock::Clock;

/// The longest token that is looked at, in bytes.
const LENGTH_MAX: usize = 8 * 1024;

/// The longest name of a key and of a person, in bytes.
const KEY_ID_MAX: usize = 255;
const SUBJECT_MAX: usize = 255;

/// How far the provider's clock and ours may differ, in seconds.
const LEEWAY_S: i64 = 30;

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no JWT.
    #[error("the token cannot be read; send a signed JWT of the sign-in service")]
    Malformed,
    /// It is too long to be looked at.
    #[error("the token is longer than 8192 bytes; ask for one with fewer claims")]
    TooLong,
    /// It is not signed by a method that is taken.
    #[error("the token is not signed with RS256 or ES256; ask the sign-in service for one that is")]
    Algorithm,
    /// The provider publishes no such key.
    #[error("the token is signed with a key that the sign-in service does not publish; sign in again")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong; sign in again")]
    Signature,
    /// Its time is over.
    #[error("the token has expired; sign in again")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet; check the clocks")]
    NotYet,
    /// Another provider made it.
    #[error("the token was issued by another sign-in service than the one set up here")]
    Issuer,
    /// It was made for another service.
    #[error("the token was issued for another audience; ask for one for this API")]
    Audience,
    /// A claim that every token has is missing or of the wrong kind.
    #[error("the token lacks sub or exp, or they cannot be read; ask the sign-in service for another")]
    Claims,
}

impl From<TokenFault> for AccessError {
    fn from(fault: TokenFault) -> Self {
        Self::InvalidToken(fault)
    }
}

/// Checks tokens of one provider, or refuses all where none is set up. Cloning shares it.
#[derive(Clone, Default)]
pub struct Tokens(Option<Arc<Checker>>);

struct Checker {
    settings: OpenIdSettings,
    keys: KeyCache,
    clock: Clock,
}

/// What stands in a token's head. `crit` names extensions that must be understood, and none is.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<Value>,
    iss: Option<Value>,
    aud: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
}

impl Tokens {
    /// Takes no token.
    pub fn none() -> Self {
        Self(None)
    }

    /// Takes tokens of this provider. Nothing is asked of it until the first one comes.
    pub fn of(settings: OpenIdSettings, clock: &Clock) -> Result<Self, OpenIdError> {
        let keys = KeyCache::of(Provider::reached_by(&settings)?, clock.clone());
        Ok(Self(Some(Arc::new(Checker { settings, keys, clock: clock.clone() }))))
    }

    /// Whom the token names, once it is proved to be the provider's, for this service, and of now.
    pub async fn subject(&self, token: &str) -> Result<String, AccessError> {
        let checker = self.0.as_ref().ok_or(AccessError::NoProvider)?;
        let (algorithm, kid) = read_head(token)?;
        let key = checker.keys.find(&kid, algorithm).await?.ok_or(TokenFault::UnknownKey)?;

        // The claims are held against the service's own clock and settings below.
        let mut signature_only = Validation::new(algorithm);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        let read = decode::<Claims>(token, &key, &signature_only).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenFault::Signature,
            _ => TokenFault::Malformed,
        })?;
        Ok(read.claims.subject(&checker.settings, checker.clock.now())?)
    }
}

/// How the token says it is signed, and with which key.
fn read_head(token: &str) -> Result<(Algorithm, String), TokenFault> {
    if token.len() > LENGTH_MAX {
        return Err(TokenFault::TooLong);
    }
    let head = token.split('.').next().unwrap_or_default();
    let head = URL_SAFE_NO_PAD.decode(head).map_err(|_| TokenFault::Malformed)?;
    let head: Head = serde_json::from_slice(&head).map_err(|_| TokenFault::Malformed)?;
    // The list is closed: `none`, and HMAC with the public key for a secret, are no methods here.
    let algorithm = match head.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        _ => return Err(TokenFault::Algorithm),
    };
    match head.kid {
        _ if head.crit.is_some() => Err(TokenFault::Malformed),
        Some(kid) if !kid.is_empty() && kid.len() <= KEY_ID_MAX => Ok((algorithm, kid)),
        _ => Err(TokenFault::UnknownKey),
    }
}

impl Claims {
    fn subject(self, settings: &OpenIdSettings, now: DateTime<Utc>) -> Result<String, TokenFault> {
        if self.iss.as_ref().and_then(Value::as_str) != Some(&settings.issuer) {
            return Err(TokenFault::Issuer);
        }
        if !self.is_for(&settings.audience) {
            return Err(TokenFault::Audience);
        }
        let now = now.timestamp();
        if seconds(self.exp.as_ref())?.ok_or(TokenFault::Claims)? <= now - LEEWAY_S {
            return Err(TokenFault::Expired);
        }
        if seconds(self.nbf.as_ref())?.is_some_and(|from| from > now + LEEWAY_S) {
            return Err(TokenFault::NotYet);
        }
        match self.sub {
            Some(Value::String(sub)) if !sub.is_empty() && sub.len() <= SUBJECT_MAX => Ok(sub),
            _ => Err(TokenFault::Claims),
        }
    }

    /// Whether the audience is among those that the token names.
    fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            Some(Value::String(only)) => only == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        }
    }
}

/// Seconds since 1970, which may have a fraction.
fn seconds(claim: Option<&Value>) -> Result<Option<i64>, TokenFault> {
    let Some(claim) = claim else { return Ok(None) };
    let number = claim.as_f64().filter(|number| number.abs() < 1e15).ok_or(TokenFault::Claims)?;
    #[expect(clippy::cast_possible_truncation, reason = "it was just found to be within range")]
    Ok(Some(number.floor() as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head(value: &Value) -> Result<(Algorithm, String), TokenFault> {
        read_head(&format!("{}.e30.", URL_SAFE_NO_PAD.encode(value.to_string())))
    }

    #[test]
    fn only_two_methods_of_signing_are_taken_and_the_key_has_a_name() {
        assert_eq!(head(&json!({"alg": "RS256", "kid": "a"})), Ok((Algorithm::RS256, "a".to_owned())));
        assert_eq!(head(&json!({"alg": "ES256", "kid": "a"})), Ok((Algorithm::ES256, "a".to_owned())));
        for alg in ["none", "None", "HS256", "RS384", "PS256", "EdDSA", "rs256", ""] {
            assert_eq!(head(&json!({"alg": alg, "kid": "a"})), Err(TokenFault::Algorithm), "{alg}");
        }
        assert_eq!(head(&json!({"alg": "RS256"})), Err(TokenFault::UnknownKey));
        assert_eq!(head(&json!({"alg": "RS256", "kid": "k".repeat(300)})), Err(TokenFault::UnknownKey));
        assert_eq!(head(&json!({"alg": "RS256", "kid": "a", "crit": ["b64"]})), Err(TokenFault::Malformed));
        for text in ["", "a", "...", "e30.e30.e30"] {
            assert_eq!(read_head(text), Err(TokenFault::Malformed), "{text}");
        }
        assert_eq!(read_head(&"a".repeat(9_000)), Err(TokenFault::TooLong));
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert_eq!(seconds(Some(&json!(12.9))), Ok(Some(12)));
        assert_eq!(seconds(None), Ok(None));
        for odd in [json!("12"), json!(1e300), json!(null), json!([1])] {
            assert_eq!(seconds(Some(&odd)), Err(TokenFault::Claims), "{odd}");
        }
    }
}
