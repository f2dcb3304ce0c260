//! Why somebody did what has to be justified: decisions on parked orders, erasures, dismissals of dead letters.

use chrono::{DateTime, Utc};

/// The longest reason, in characters.
const REASON_MAX: usize = 500;

/// Who does something that staff must justify, why, and when. It is kept with what was done.
#[derive(Clone, Debug)]
pub struct Justification {
    /// Who.
    pub actor: String,
    /// Why, in that person's words.
    pub reason: String,
    /// When (UTC).
    pub at: DateTime<Utc>,
}

/// There is no reason, or too long a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reason: say why in 1 to 500 characters; it is kept")]
pub struct InvalidReason;

impl Justification {
    /// A reason says something, and not too much.
    pub fn checked(actor: String, reason: &str, at: DateTime<Utc>) -> Result<Self, InvalidReason> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX || reason.contains('\0') {
            return Err(InvalidReason);
        }
        Ok(Self { actor, reason: reason.to_owned(), at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_and_not_too_much() {
        let justified =
            |reason: &str| Justification::checked("key:1".to_owned(), reason, DateTime::UNIX_EPOCH);
        assert_eq!(justified(" A test order. ").unwrap().reason, "A test order.");
        assert!(justified(&"é".repeat(REASON_MAX)).is_ok());
        for bad in ["", " \n", "a\0b", &"é".repeat(REASON_MAX + 1)] {
            assert_eq!(justified(bad).unwrap_err(), InvalidReason, "{bad:?}");
        }
    }
}
