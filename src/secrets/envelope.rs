//! One sealed message: XChaCha20-Poly1305 with a random nonce in front, and subkeys by HMAC.
//! Absent here: where keys come from.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SecretError;
use crate::clock;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes of the nonce that stands before each ciphertext: long enough to be drawn at random for ever.
const NONCE_BYTES: usize = 24;

/// A key that wipes itself.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Encrypts `plain` and binds it to `bound`, which is not stored: nonce, ciphertext, tag.
pub(super) fn encrypt(key: &Key, bound: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce = clock::random_bytes::<NONCE_BYTES>();
    let message = Payload { msg: plain, aad: bound };
    let ciphertext = XChaCha20Poly1305::new((&**key).into())
        .encrypt(&XNonce::from(nonce), message)
        .expect("only a message beyond 256 GiB can be too long to seal");
    [&nonce[..], &ciphertext].concat()
}

/// Opens what [`encrypt`] made with the same key and the same `bound`.
pub(super) fn decrypt(key: &Key, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SecretError::Malformed)?;
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: bound })
        .map(Zeroizing::new)
        .map_err(|_| SecretError::Refused)
}

/// HMAC-SHA-256 over several parts, each with its length in front, so that no two lists of parts agree.
pub(super) fn mac(key: &Key, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = keyed(&key[..]);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// HMAC-SHA-256 under a key of any length.
pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// A key for one use only, derived from a greater one; one use tells nothing about another.
pub(super) fn subkey(key: &Key, use_of_it: &str) -> Key {
    let derived = mac(key, &[b"logistics-ledger subkey v1", use_of_it.as_bytes()]);
    Zeroizing::new(derived.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(of: u8) -> Key {
        Zeroizing::new([of; KEY_BYTES])
    }

    #[test]
    fn the_same_message_never_seals_to_the_same_bytes() {
        assert_ne!(encrypt(&key(1), b"", b"x"), encrypt(&key(1), b"", b"x"));
    }

    #[test]
    fn any_altered_byte_is_refused() {
        let sealed = encrypt(&key(1), b"owner", b"plain");
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(decrypt(&key(1), b"owner", &altered).unwrap_err(), SecretError::Refused);
        }
        assert_eq!(decrypt(&key(1), b"owner", &sealed).unwrap().as_slice(), b"plain");
    }

    #[test]
    fn a_message_cut_short_is_malformed_or_refused_and_never_a_panic() {
        let sealed = encrypt(&key(1), b"", b"plain");
        for length in 0..sealed.len() {
            assert!(decrypt(&key(1), b"", &sealed[..length]).is_err());
        }
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let tag = |parts: &[&[u8]]| mac(&key(1), parts).finalize().into_bytes();
        assert_ne!(tag(&[b"ab", b"c"]), tag(&[b"a", b"bc"]));
        assert_ne!(tag(&[b"ab"]), tag(&[b"ab", b""]));
    }

    #[test]
    fn each_use_has_a_subkey_of_its_own() {
        assert_ne!(subkey(&key(1), "seal"), subkey(&key(1), "fingerprint"));
        assert_ne!(subkey(&key(1), "seal"), subkey(&key(2), "seal"));
    }
}
