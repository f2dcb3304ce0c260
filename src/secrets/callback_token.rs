//! The token in a callback's address: unguessable, and good for one account, one order and one event only.
//! Nothing is stored; it is derived from the key ring.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::KeyRing;
use super::envelope::{self, Key};

impl KeyRing {
    /// The token for callbacks about `event` of this Mintsoft order, under the current key. Base64url, 43 characters.
    pub fn callback_token(&self, account: Uuid, mintsoft_order_id: i64, event: &str) -> String {
        let token = mac(&self.current().key, account, mintsoft_order_id, event);
        URL_SAFE_NO_PAD.encode(token.finalize().into_bytes())
    }

    /// Whether `token` is the one for exactly this account, order and event, under any key of the ring. Compared in
    /// constant time. A token ends with its key: registered callbacks need a new one before a key leaves the ring.
    pub fn verify_callback_token(
        &self,
        account: Uuid,
        mintsoft_order_id: i64,
        event: &str,
        token: &str,
    ) -> bool {
        let Ok(token) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        self.keys().iter().fold(false, |known, entry| {
            let mac = mac(&entry.key, account, mintsoft_order_id, event);
            known | mac.verify_slice(&token).is_ok()
        })
    }
}

fn mac(key: &Key, account: Uuid, mintsoft_order_id: i64, event: &str) -> Hmac<Sha256> {
    let key = envelope::subkey(key, "callback token");
    let order = mintsoft_order_id.to_be_bytes();
    envelope::mac(&key, &[account.as_bytes(), &order, event.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: Uuid = Uuid::from_u128(7);

    #[test]
    fn a_token_is_good_for_its_account_order_and_event_only() {
        let ring = KeyRing::generate("a");
        let token = ring.callback_token(ACCOUNT, 42, "despatched");
        assert!(ring.verify_callback_token(ACCOUNT, 42, "despatched", &token));
        assert!(!ring.verify_callback_token(Uuid::from_u128(8), 42, "despatched", &token));
        assert!(!ring.verify_callback_token(ACCOUNT, 43, "despatched", &token));
        assert!(!ring.verify_callback_token(ACCOUNT, 42, "cancelled", &token));
        assert!(!KeyRing::generate("a").verify_callback_token(ACCOUNT, 42, "despatched", &token));
    }

    #[test]
    fn a_token_lives_as_long_as_its_key_is_on_the_ring() {
        let before = KeyRing::generate("a");
        let fresh = KeyRing::generate("b");
        let both = format!("{},{}", fresh.to_text().as_str(), before.to_text().as_str());
        let rotated: KeyRing = both.parse().unwrap();
        let token = before.callback_token(ACCOUNT, 42, "split");
        assert!(rotated.verify_callback_token(ACCOUNT, 42, "split", &token));
        assert_ne!(rotated.callback_token(ACCOUNT, 42, "split"), token);
        assert!(!fresh.verify_callback_token(ACCOUNT, 42, "split", &token));
    }

    #[test]
    fn a_token_that_is_cut_padded_or_nonsense_is_false() {
        let ring = KeyRing::generate("a");
        let token = ring.callback_token(ACCOUNT, 42, "split");
        assert_eq!(token.len(), 43);
        for wrong in ["", "!", &token[..42], &token[..40], &format!("{token}=")] {
            assert!(!ring.verify_callback_token(ACCOUNT, 42, "split", wrong), "{wrong}");
        }
    }
}
