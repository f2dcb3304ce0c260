//! The provider's published keys: fetched when a token first names one, kept, and fetched again when a name is unknown,
//! since keys rotate. However many tokens with forged names arrive, the provider is asked one thing at a time and at most
//! once in [`ASK_AGAIN_AFTER`].

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::error::AccessError;
use super::provider::{Provider, ProviderFault};
use super::shared_fetch::SharedFetch;
use crate::clock::Clock;

/// The provider is not asked again sooner, whatever it answered.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(10);

/// Keys older than this are fetched anew, so that one which the provider withdrew ends.
const FRESH_FOR: TimeDelta = TimeDelta::hours(1);

/// Keys older than this are used no more, even while the provider is away.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// The most keys of a set that are looked at.
const KEYS_MAX: usize = 100;

/// A key that tokens may be signed with.
struct PublishedKey {
    kid: String,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys as they were fetched.
struct Held {
    keys: Vec<PublishedKey>,
    fetched_at: DateTime<Utc>,
}

/// The keys of one provider.
pub(super) struct KeyCache {
    provider: Provider,
    clock: Clock,
    keys: SharedFetch<Held>,
}

impl KeyCache {
    pub(super) fn of(provider: Provider, clock: Clock) -> Self {
        Self { provider, keys: SharedFetch::of(clock.clone(), ASK_AGAIN_AFTER), clock }
    }

    /// The key of that name and method; none where the provider publishes none such.
    pub(super) async fn find(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, AccessError> {
        let now = self.clock.now();
        if let Some(held) = self.held(now)
            && let Some(key) = held.find(kid, algorithm)
        {
            if held.age(now) < FRESH_FOR {
                return Ok(Some(key));
            }
            // Whoever comes first asks; the others go on with what is held, and so does that one where it asks in vain.
            if self.keys.is_idle() {
                let _in_vain = self.fetch(move |held| held.age(now) < FRESH_FOR).await;
            }
        } else {
            let kid = kid.to_owned();
            let has_it = move |held: &Held| held.is_usable(now) && held.find(&kid, algorithm).is_some();
            // The name may be that of a key which is new: with the provider away, nobody can say.
            self.fetch(has_it).await.map_err(|_| AccessError::ProviderAway)?;
        }
        let held = self.held(self.clock.now()).ok_or(AccessError::ProviderAway)?;
        Ok(held.find(kid, algorithm))
    }

    /// What is held and may still be used.
    fn held(&self, now: DateTime<Utc>) -> Option<Arc<Held>> {
        self.keys.held().filter(|held| held.is_usable(now))
    }

    /// Fetches the keys, unless those that are held are enough or the provider was asked just now.
    async fn fetch(
        &self,
        enough: impl Fn(&Held) -> bool + Send + 'static,
    ) -> Result<Arc<Held>, ProviderFault> {
        let (provider, clock) = (self.provider.clone(), self.clock.clone());
        let fetch = move || async move {
            let fetched_at = clock.now();
            let read = provider.key_set().await.and_then(|body| read_keys(&body));
            let read = read.inspect_err(|fault| {
                tracing::warn!(%fault, "the keys of the OpenID provider could not be fetched");
            });
            read.map(|keys| Held { keys, fetched_at })
        };
        self.keys.get(enough, fetch).await
    }
}

impl Held {
    /// How long ago they were fetched. Fetched while the clock was ahead, they must not stay young until it is there again.
    fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.fetched_at).abs()
    }

    fn is_usable(&self, now: DateTime<Utc>) -> bool {
        self.age(now) < KEPT_FOR
    }

    fn find(&self, kid: &str, algorithm: Algorithm) -> Option<DecodingKey> {
        let named = |key: &&PublishedKey| key.kid == kid && key.algorithm == algorithm;
        self.keys.iter().find(named).map(|key| key.key.clone())
    }
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// The keys of a set that are fit to check signatures by RS256 or ES256. Others, of whatever kind, are passed over.
fn read_keys(body: &[u8]) -> Result<Vec<PublishedKey>, ProviderFault> {
    let Published { keys } = serde_json::from_slice(body).map_err(|_| ProviderFault::Unreadable)?;
    Ok(keys.into_iter().take(KEYS_MAX).filter_map(read_key).collect())
}

fn read_key(key: Value) -> Option<PublishedKey> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let (algorithm, said) = match &key.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        _ => return None,
    };
    let common = &key.common;
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let for_the_method = common.key_algorithm.is_none_or(|named| named == said);
    if !for_signatures || !for_the_method {
        return None;
    }
    let kid = common.key_id.clone()?;
    Some(PublishedKey { kid, algorithm, key: DecodingKey::from_jwk(&key).ok()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_other_kinds_and_uses_are_passed_over() {
        let (n, e) = ("AQAB", "AQAB");
        let set = json!({ "keys": [
            {"kty": "RSA", "kid": "good", "n": n, "e": e},
            {"kty": "RSA", "kid": "said", "alg": "RS256", "use": "sig", "n": n, "e": e},
            {"kty": "EC", "kid": "curve", "crv": "P-256", "x": n, "y": e},
            {"kty": "EC", "kid": "other curve", "crv": "P-384", "x": n, "y": e},
            {"kty": "RSA", "kid": "sealing", "use": "enc", "n": n, "e": e},
            {"kty": "RSA", "kid": "other method", "alg": "PS512", "n": n, "e": e},
            {"kty": "oct", "kid": "secret", "k": n},
            {"kty": "RSA", "n": n, "e": e},
            {"kty": "of the future", "kid": "x"},
            "nonsense",
        ]});
        let names: Vec<String> =
            read_keys(set.to_string().as_bytes()).unwrap().into_iter().map(|key| key.kid).collect();
        assert_eq!(names, ["good", "said", "curve"]);
        assert!(read_keys(b"{}").is_err() && read_keys(b"<html>").is_err());
    }
}
