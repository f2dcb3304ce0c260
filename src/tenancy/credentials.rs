//! Credentials of an account: checked, told apart without being opened, and sealed.

use mintsoft::Credentials;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::TenancyError;
use crate::mintsoft;
use crate::secrets::KeyRing;

/// The longest user name, password or key, in characters.
const LENGTH_MAX: usize = 512;

/// How an account lets us in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsKind {
    /// A user name and a password.
    Login,
    /// A key that an administrator has fixed.
    ApiKey,
}

impl CredentialsKind {
    /// The name under which the kind is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::ApiKey => "api_key",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, TenancyError> {
        match text {
            "login" => Ok(Self::Login),
            "api_key" => Ok(Self::ApiKey),
            _ => Err(TenancyError::Unreadable { what: "the kind of an account's credentials" }),
        }
    }
}

/// What is sealed, as JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Login { username: Zeroizing<String>, password: Zeroizing<String> },
    ApiKey { api_key: Zeroizing<String> },
}

pub(super) fn kind(credentials: &Credentials) -> CredentialsKind {
    match credentials {
        Credentials::Login { .. } => CredentialsKind::Login,
        Credentials::ApiKey(_) => CredentialsKind::ApiKey,
    }
}

/// Refuses what could never let anybody in. A key travels in a header, so it must be plain letters.
pub(super) fn check(credentials: &Credentials) -> Result<(), TenancyError> {
    let fits =
        |text: &str| !text.trim().is_empty() && text.chars().count() <= LENGTH_MAX && !text.contains('\0');
    match credentials {
        Credentials::Login { username, .. } if !fits(username) => {
            Err(TenancyError::invalid("credentials.username", "give 1 to 512 characters"))
        }
        Credentials::Login { password, .. } if !fits(password) => {
            Err(TenancyError::invalid("credentials.password", "give 1 to 512 characters"))
        }
        Credentials::ApiKey(key) if !fits(key) || !key.bytes().all(|letter| letter.is_ascii_graphic()) => {
            Err(TenancyError::invalid("credentials.api_key", "give 1 to 512 plain letters without spaces"))
        }
        _ => Ok(()),
    }
}

pub(super) fn seal(ring: &KeyRing, owner: &str, credentials: &Credentials) -> Vec<u8> {
    let kept = match credentials.clone() {
        Credentials::Login { username, password } => Kept::Login { username, password },
        Credentials::ApiKey(api_key) => Kept::ApiKey { api_key },
    };
    let plain = Zeroizing::new(serde_json::to_vec(&kept).expect("texts always have a JSON form"));
    ring.seal(owner, &plain)
}

pub(super) fn open(ring: &KeyRing, owner: &str, sealed: &[u8]) -> Result<Credentials, TenancyError> {
    let plain = ring.open(owner, sealed)?;
    let kept = serde_json::from_slice(&plain)
        .map_err(|_| TenancyError::Unreadable { what: "an account's sealed credentials" })?;
    Ok(match kept {
        Kept::Login { username, password } => Credentials::Login { username, password },
        Kept::ApiKey { api_key } => Credentials::ApiKey(api_key),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> KeyRing {
        format!("k1:{}=", "A".repeat(43)).parse().unwrap()
    }

    #[test]
    fn a_login_is_known_by_its_name_in_any_case_and_a_key_by_its_digest() {
        assert_eq!(
            Credentials::login(" Ops@X.co ", "a").identity(),
            Credentials::login("ops@x.co", "b").identity()
        );
        let key = Credentials::api_key("0a1b").identity();
        assert!(!key.contains("0a1b"));
        assert_ne!(key, Credentials::api_key("0a1c").identity());
    }

    #[test]
    fn what_was_sealed_opens_for_its_owner() {
        let (ring, login) = (ring(), Credentials::login("ops", "pass"));
        let sealed = seal(&ring, "mintsoft_accounts/1", &login);
        let Credentials::Login { username, password } = open(&ring, "mintsoft_accounts/1", &sealed).unwrap()
        else {
            panic!("a login was sealed");
        };
        assert_eq!((username.as_str(), password.as_str()), ("ops", "pass"));
        assert!(matches!(open(&ring, "mintsoft_accounts/2", &sealed), Err(TenancyError::Sealed(_))));
    }

    #[test]
    fn credentials_that_let_nobody_in_are_refused_without_being_shown() {
        for (bad, field) in [
            (Credentials::login("", "secret"), "username"),
            (Credentials::login("ops", ""), "password"),
            (Credentials::api_key("with space"), "api_key"),
            (Credentials::api_key("line\r\nbreak"), "api_key"),
            (Credentials::api_key("x".repeat(513)), "api_key"),
        ] {
            let refused = check(&bad).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("credentials.{field}: ")), "{refused}");
            assert!(!refused.contains("secret") && !refused.contains("break"), "{refused}");
        }
    }
}
