//! Keeping secrets: a ring of master keys, a key for every order, and the tokens that prove who calls.
//! Absent here: the database. What is sealed is handed back as bytes, and its table belongs to another room.

mod api_key;
mod callback_token;
mod envelope;
mod key_file;
mod key_ring;
mod order_key;
mod signature;

pub use api_key::{API_KEY_PREFIX, generate_api_key, hash_api_key};
pub use key_file::KeyFileError;
pub use key_ring::{KeyRing, KeyRingError};
pub use order_key::OrderKey;
pub use signature::verify_hmac_sha256_base64;

/// Why a sealed value could not be opened. It tells nothing about the value or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The bytes are not a sealed value of this program.
    #[error("this is not a sealed value; it was cut off or never sealed")]
    Malformed,
    /// The key that sealed the value is not on the ring.
    #[error("the key that sealed this value is not on the key ring; add it after the current key")]
    UnknownKey,
    /// The value was altered, or sealed for another owner or with another key of the same name.
    #[error("the sealed value does not belong to this owner and key, or it was altered")]
    Refused,
}
