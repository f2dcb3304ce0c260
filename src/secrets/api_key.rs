//! API keys: made once, shown once, and known afterwards by their hash only. They are random, so a plain
//! hash suffices; a guess costs as much as guessing 32 bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::clock;

/// How every API key begins, so that a leaked one can be recognised.
pub const API_KEY_PREFIX: &str = "llk_";

/// A fresh API key: the prefix and 32 random bytes in base64url.
pub fn generate_api_key() -> String {
    let random = clock::random_bytes::<32>();
    format!("{API_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// What is stored of an API key, and looked up when one is presented: its SHA-256.
pub fn hash_api_key(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_prefix_and_no_two_are_alike() {
        let key = generate_api_key();
        assert!(key.starts_with("llk_"));
        assert_eq!(key.len(), 4 + 43);
        assert_ne!(key, generate_api_key());
    }

    #[test]
    fn the_hash_is_sha_256_of_the_whole_key() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(hash_api_key("abc")), known);
    }
}
