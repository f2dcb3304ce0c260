//! The key of one order: seals its personal data and raw payloads. Destroying it makes the personal data unreadable,
//! while the chain of events stays whole.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope::{self, KEY_BYTES, Key};
use super::{KeyRing, SecretError};
use crate::clock;

/// The key of one order stream. Sealing and fingerprinting use subkeys of it, so neither tells about the other.
#[derive(Clone)]
pub struct OrderKey {
    key: Key,
    sealing: Key,
    fingerprints: Key,
}

impl OrderKey {
    /// A fresh key, for a stream that has none yet.
    pub fn generate() -> Self {
        Self::of(Zeroizing::new(clock::random_bytes::<KEY_BYTES>()))
    }

    fn of(key: Key) -> Self {
        Self {
            sealing: envelope::subkey(&key, "order/seal"),
            fingerprints: envelope::subkey(&key, "order/fingerprint"),
            key,
        }
    }

    /// The key sealed for storage, bound to its stream. [`KeyRing::is_stale`] tells when to wrap it again.
    pub fn wrap(&self, ring: &KeyRing, stream: Uuid) -> Vec<u8> {
        ring.seal(&owner(stream), self.key.as_slice())
    }

    /// The key that [`OrderKey::wrap`] sealed for the same stream.
    pub fn unwrap(ring: &KeyRing, stream: Uuid, wrapped: &[u8]) -> Result<Self, SecretError> {
        let bytes = ring.open(&owner(stream), wrapped)?;
        let key = bytes.as_slice().try_into().map_err(|_| SecretError::Malformed)?;
        Ok(Self::of(Zeroizing::new(key)))
    }

    /// Seals text for the payload of an event; `what` names the datum and must be the same to open it. Base64.
    pub fn seal(&self, what: &str, plain: &[u8]) -> String {
        STANDARD.encode(self.seal_bytes(what, plain))
    }

    /// Seals bytes that are stored as bytes, as a raw payload.
    pub fn seal_bytes(&self, what: &str, plain: &[u8]) -> Vec<u8> {
        envelope::encrypt(&self.sealing, what.as_bytes(), plain)
    }

    /// Opens what [`OrderKey::seal`] made for the same `what`.
    pub fn open(&self, what: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let sealed = STANDARD.decode(sealed).map_err(|_| SecretError::Malformed)?;
        self.open_bytes(what, &sealed)
    }

    /// Opens what [`OrderKey::seal_bytes`] made for the same `what`.
    pub fn open_bytes(&self, what: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        envelope::decrypt(&self.sealing, what.as_bytes(), sealed)
    }

    /// Tells whether two values of the same order are equal without keeping them: HMAC-SHA-256 in lowercase hex.
    /// Once the key is destroyed it proves nothing, however few values are possible.
    pub fn fingerprint(&self, what: &str, bytes: &[u8]) -> String {
        let mac = envelope::mac(&self.fingerprints, &[what.as_bytes(), bytes]);
        hex::encode(mac.finalize().into_bytes())
    }
}

fn owner(stream: Uuid) -> String {
    format!("order_streams/{stream}/key")
}

impl fmt::Debug for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrderKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: Uuid = Uuid::from_u128(1);

    #[test]
    fn a_wrapped_key_opens_for_its_stream_only() {
        let (ring, key) = (KeyRing::generate("a"), OrderKey::generate());
        let wrapped = key.wrap(&ring, STREAM);
        let again = OrderKey::unwrap(&ring, STREAM, &wrapped).unwrap();
        let sealed = key.seal("recipient", b"Ada");
        assert_eq!(again.open("recipient", &sealed).unwrap().as_slice(), b"Ada");
        let stranger = OrderKey::unwrap(&ring, Uuid::from_u128(2), &wrapped);
        assert_eq!(stranger.unwrap_err(), SecretError::Refused);
    }

    #[test]
    fn a_sealed_datum_cannot_pose_as_another() {
        let key = OrderKey::generate();
        let sealed = key.seal("name", b"Ada");
        assert_eq!(key.open("email", &sealed).unwrap_err(), SecretError::Refused);
        assert_eq!(key.open("name", "no base64!").unwrap_err(), SecretError::Malformed);
    }

    #[test]
    fn the_key_of_another_order_opens_nothing() {
        let sealed = OrderKey::generate().seal_bytes("raw", b"{}");
        assert_eq!(OrderKey::generate().open_bytes("raw", &sealed).unwrap_err(), SecretError::Refused);
    }

    #[test]
    fn a_fingerprint_is_equal_for_equal_values_of_one_order_only() {
        let key = OrderKey::generate();
        let print = key.fingerprint("name", b"Ada");
        assert_eq!(print.len(), 64);
        assert_eq!(key.fingerprint("name", b"Ada"), print);
        assert_ne!(key.fingerprint("name", b"Bea"), print);
        assert_ne!(key.fingerprint("email", b"Ada"), print);
        assert_ne!(OrderKey::generate().fingerprint("name", b"Ada"), print);
    }

    #[test]
    fn a_fingerprint_survives_wrapping() {
        let (ring, key) = (KeyRing::generate("a"), OrderKey::generate());
        let again = OrderKey::unwrap(&ring, STREAM, &key.wrap(&ring, STREAM)).unwrap();
        assert_eq!(again.fingerprint("name", b"Ada"), key.fingerprint("name", b"Ada"));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", OrderKey::generate()), "OrderKey(..)");
    }
}
