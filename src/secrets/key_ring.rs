//! The ring of master keys: the first seals, every one opens, so a key can be replaced while rows still
//! carry the older one. Absent here: the file a ring may come from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::SecretError;
use super::envelope::{self, KEY_BYTES, Key};
use crate::clock;

/// The longest name a key may have, in bytes; its length is stored in one byte.
const ID_BYTES_MAX: usize = 32;
/// The most keys on one ring.
const KEYS_MAX: usize = 16;

/// Master keys by name; the first is current. Cloning shares the keys, which wipe themselves at the end.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[RingKey]>,
}

pub(super) struct RingKey {
    pub(super) id: String,
    pub(super) key: Key,
}

/// Why a text is not a key ring. It counts entries from 1 and never shows what stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// No key at all.
    #[error("the key ring is empty; give `id:base64`, where base64 stands for 32 random bytes")]
    Empty,
    /// More keys than a ring holds.
    #[error("the key ring holds more than 16 keys; drop those that no row is sealed with any more")]
    TooMany,
    /// An entry without a colon.
    #[error("entry {0} of the key ring has no colon; write it as `id:base64`")]
    NoColon(usize),
    /// A name that is empty, too long or not plain.
    #[error("entry {0} of the key ring needs a name of 1 to 32 letters, digits, '-' or '_'")]
    BadId(usize),
    /// Not the base64 form of 32 bytes.
    #[error("entry {0} of the key ring is not the base64 form of exactly 32 bytes")]
    BadKey(usize),
    /// A name used twice.
    #[error("entry {0} of the key ring repeats an earlier name; every key needs its own")]
    RepeatedId(usize),
}

impl KeyRing {
    /// A ring with one fresh key, named `id`: what it seals is lost with it unless it is kept.
    pub fn generate(id: &str) -> Self {
        let key = Zeroizing::new(clock::random_bytes::<KEY_BYTES>());
        Self { keys: Arc::new([RingKey { id: id.to_owned(), key }]) }
    }

    /// The text form, `id:base64,id:base64`, to be written where only its owner reads.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let entries: Vec<Zeroizing<String>> = self
            .keys
            .iter()
            .map(|entry| {
                let key = Zeroizing::new(STANDARD.encode(entry.key.as_slice()));
                Zeroizing::new(format!("{}:{}", entry.id, key.as_str()))
            })
            .collect();
        let entries: Vec<&str> = entries.iter().map(|entry| entry.as_str()).collect();
        Zeroizing::new(entries.join(","))
    }

    /// The key that seals.
    pub(super) fn current(&self) -> &RingKey {
        &self.keys[0]
    }

    /// Every key, the current one first.
    pub(super) fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// Seals `plain` for `owner` (whose it is and what it is for, as `mintsoft_accounts/<id>`), under the current
    /// key. The name of the key stands in front, with its length.
    pub fn seal(&self, owner: &str, plain: &[u8]) -> Vec<u8> {
        let RingKey { id, key } = self.current();
        let sealed = envelope::encrypt(key, &bound(id, owner), plain);
        [framed(id), sealed].concat()
    }

    /// Opens what was sealed for the same `owner`, with whichever key of the ring sealed it.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let (id, message) = split(sealed)?;
        let RingKey { id, key } =
            self.keys.iter().find(|entry| entry.id.as_bytes() == id).ok_or(SecretError::UnknownKey)?;
        envelope::decrypt(key, &bound(id, owner), message)
    }

    /// What every value that the current key sealed begins with.
    pub fn mark(&self) -> Vec<u8> {
        framed(&self.current().id)
    }

    /// The name of the key that seals.
    pub fn current_id(&self) -> &str {
        &self.current().id
    }

    /// Whether the value should be sealed again, since it is not under the current key.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        split(sealed).map_or(true, |(id, _)| id != self.current().id.as_bytes())
    }
}

/// The name of the key and the message behind it.
fn split(sealed: &[u8]) -> Result<(&[u8], &[u8]), SecretError> {
    let (length, rest) = sealed.split_first().ok_or(SecretError::Malformed)?;
    rest.split_at_checked(usize::from(*length)).ok_or(SecretError::Malformed)
}

/// The name of a key behind its length.
fn framed(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).expect("a name on the ring has at most 32 bytes");
    [&[length], id.as_bytes()].concat()
}

/// What a sealed value is bound to besides its key: the key's name and the owner, neither able to pose as the other.
fn bound(id: &str, owner: &str) -> Vec<u8> {
    [b"logistics-ledger seal v1", &framed(id)[..], owner.as_bytes()].concat()
}

impl FromStr for KeyRing {
    type Err = KeyRingError;

    fn from_str(text: &str) -> Result<Self, KeyRingError> {
        let mut keys: Vec<RingKey> = Vec::new();
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        for (at, entry) in entries.enumerate() {
            let entry = parse(entry, at + 1)?;
            if at == KEYS_MAX {
                return Err(KeyRingError::TooMany);
            }
            if keys.iter().any(|earlier| earlier.id == entry.id) {
                return Err(KeyRingError::RepeatedId(at + 1));
            }
            keys.push(entry);
        }
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        Ok(Self { keys: keys.into() })
    }
}

fn parse(entry: &str, at: usize) -> Result<RingKey, KeyRingError> {
    let (id, base64) = entry.split_once(':').ok_or(KeyRingError::NoColon(at))?;
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(plain) {
        return Err(KeyRingError::BadId(at));
    }
    let bytes = Zeroizing::new(STANDARD.decode(base64).map_err(|_| KeyRingError::BadKey(at))?);
    let key = bytes.as_slice().try_into().map_err(|_| KeyRingError::BadKey(at))?;
    Ok(RingKey { id: id.to_owned(), key: Zeroizing::new(key) })
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|entry| entry.id.as_str()).collect();
        f.debug_struct("KeyRing").field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(id: &str, of: u8) -> String {
        format!("{id}:{}", STANDARD.encode([of; KEY_BYTES]))
    }

    fn ring(text: &str) -> KeyRing {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_opens_for_its_owner_only() {
        let ring = ring(&text("a", 1));
        let sealed = ring.seal("accounts/1", b"password");
        assert_eq!(ring.open("accounts/1", &sealed).unwrap().as_slice(), b"password");
        assert_eq!(ring.open("accounts/2", &sealed).unwrap_err(), SecretError::Refused);
    }

    #[test]
    fn after_a_rotation_older_values_open_and_are_stale() {
        let sealed = ring(&text("a", 1)).seal("x", b"plain");
        let rotated = ring(&format!("{}, {}", text("b", 2), text("a", 1)));
        assert_eq!(rotated.open("x", &sealed).unwrap().as_slice(), b"plain");
        assert!(rotated.is_stale(&sealed));
        assert!(!rotated.is_stale(&rotated.seal("x", b"plain")));
    }

    #[test]
    fn a_value_whose_key_left_the_ring_says_so() {
        let sealed = ring(&text("a", 1)).seal("x", b"plain");
        let error = ring(&text("b", 2)).open("x", &sealed).unwrap_err();
        assert_eq!(error, SecretError::UnknownKey);
    }

    #[test]
    fn naming_another_key_in_front_is_refused_even_where_both_keys_are_the_same_bytes() {
        let ring = ring(&format!("{},{}", text("a", 1), text("b", 1)));
        let mut sealed = ring.seal("x", b"plain");
        sealed[1] = b'b';
        assert_eq!(ring.open("x", &sealed).unwrap_err(), SecretError::Refused);
    }

    #[test]
    fn bytes_that_were_never_sealed_are_malformed_or_unknown() {
        let ring = ring(&text("a", 1));
        assert_eq!(ring.open("x", b"").unwrap_err(), SecretError::Malformed);
        assert_eq!(ring.open("x", &[255, 1]).unwrap_err(), SecretError::Malformed);
        assert_eq!(ring.open("x", b"\x01a").unwrap_err(), SecretError::Malformed);
        assert_eq!(ring.open("x", b"\x00plain").unwrap_err(), SecretError::UnknownKey);
        assert!(ring.is_stale(b""));
    }

    #[test]
    fn every_wrong_text_is_told_apart() {
        let good = text("a", 1);
        let wrong = |text: &str| text.parse::<KeyRing>().unwrap_err();
        assert_eq!(wrong(" , "), KeyRingError::Empty);
        assert_eq!(wrong(&format!("{good},nonsense")), KeyRingError::NoColon(2));
        assert_eq!(wrong(":AAAA"), KeyRingError::BadId(1));
        assert_eq!(wrong(&text("with space", 1)), KeyRingError::BadId(1));
        assert_eq!(wrong(&text(&"a".repeat(33), 1)), KeyRingError::BadId(1));
        assert_eq!(wrong("a:AAAA"), KeyRingError::BadKey(1));
        assert_eq!(wrong("a:not base64"), KeyRingError::BadKey(1));
        assert_eq!(wrong(&format!("{good},{good}")), KeyRingError::RepeatedId(2));
        let many: Vec<String> = (0..17).map(|n| text(&format!("k{n}"), n)).collect();
        assert_eq!(wrong(&many.join(",")), KeyRingError::TooMany);
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_key() {
        let good = text("a", 7);
        let key = STANDARD.encode([7; KEY_BYTES]);
        assert!(!format!("{:?}", ring(&good)).contains(&key));
        let error = format!("{good}x").parse::<KeyRing>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&key));
    }

    #[test]
    fn the_text_form_reads_back() {
        let fresh = KeyRing::generate("k1");
        let again = ring(&fresh.to_text());
        assert_eq!(again.open("x", &fresh.seal("x", b"plain")).unwrap().as_slice(), b"plain");
    }
}
