//! Signatures of shop webhooks: HMAC-SHA-256 over the raw body, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;

use super::envelope;

/// Whether `signature_header` is the signature of `body` under any of `secrets`, so that a secret can be replaced
/// while deliveries signed with the older one still arrive. Every secret is tried and compared in constant time; bad
/// base64 is false, and an empty secret signs nothing, since anybody knows it.
pub fn verify_hmac_sha256_base64(secrets: &[impl AsRef<[u8]>], body: &[u8], signature_header: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature_header.trim()) else {
        return false;
    };
    let usable = secrets.iter().map(AsRef::as_ref).filter(|secret| !secret.is_empty());
    usable.fold(false, |known, secret| {
        let mut mac = envelope::keyed(secret);
        mac.update(body);
        known | mac.verify_slice(&signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The second test case of RFC 4231.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const SIGNATURE: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";

    #[test]
    fn a_known_signature_is_accepted_under_any_of_the_secrets() {
        assert!(verify_hmac_sha256_base64(&[SECRET], BODY, SIGNATURE));
        assert!(verify_hmac_sha256_base64(&["other", SECRET], BODY, SIGNATURE));
        assert!(!verify_hmac_sha256_base64(&["other"], BODY, SIGNATURE));
        assert!(!verify_hmac_sha256_base64(&[SECRET], b"another body", SIGNATURE));
    }

    #[test]
    fn bad_base64_and_a_short_signature_are_false() {
        for wrong in ["", "%%%", "W9zB", SIGNATURE.trim_end_matches('=')] {
            assert!(!verify_hmac_sha256_base64(&[SECRET], BODY, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let signature = STANDARD.encode(envelope::keyed(b"").chain_update(BODY).finalize().into_bytes());
        assert!(!verify_hmac_sha256_base64(&[""], BODY, &signature));
        let none: [&str; 0] = [];
        assert!(!verify_hmac_sha256_base64(&none, BODY, &signature));
    }
}
