//! Exact decimals: money and weights are never held as floating-point numbers.

use std::fmt;

/// The greatest count of digits kept; more would not fit the whole number behind it.
const DIGITS_MAX: usize = 30;

/// The greatest power of ten, either way, that a number may be written with.
const EXPONENT_MAX: i32 = 40;

/// A decimal number as it was written: `digits` × 10^-`scale`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    scale: i32,
}

impl Decimal {
    /// Reads `12`, `-0.50`, `1.5E-05`; none when the text is no number or has an absurd size.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], unsigned[at + 1..].parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let count = whole.len() + fraction.len();
        if count == 0 || count > DIGITS_MAX || exponent.abs() > EXPONENT_MAX {
            return None;
        }
        let mut digits: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits = digits * 10 + i128::from(byte - b'0');
        }
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        Some(Self { digits: if negative { -digits } else { digits }, scale })
    }

    /// The number × 10^`places`, as a whole number, halves rounded away from zero; none when it does not fit.
    pub fn scaled(self, places: u8) -> Option<i64> {
        let shift = i32::from(places) - self.scale;
        let power = 10_i128.checked_pow(shift.unsigned_abs());
        let scaled = if shift >= 0 {
            self.digits.checked_mul(power?)?
        } else {
            // A divisor beyond the range of the digits leaves nothing of them.
            let Some(power) = power else { return Some(0) };
            let (quotient, rest) = (self.digits / power, self.digits % power);
            if rest.abs() >= power - rest.abs() { quotient + self.digits.signum() } else { quotient }
        };
        i64::try_from(scaled).ok()
    }

    /// The number itself when it is whole and fits: `3`, `3.0` and `3E0` are 3, `3.5` is none.
    pub fn whole(self) -> Option<i64> {
        let shift = self.scale.unsigned_abs();
        let value = if self.digits == 0 {
            0
        } else if self.scale <= 0 {
            self.digits.checked_mul(10_i128.checked_pow(shift)?)?
        } else {
            let power = 10_i128.checked_pow(shift)?;
            if self.digits % power != 0 {
                return None;
            }
            self.digits / power
        };
        i64::try_from(value).ok()
    }

    /// A weight in kilograms as whole grams.
    pub fn grams(self) -> Option<i64> {
        self.scaled(3)
    }

    /// An amount of money in minor units, for a currency of two decimal places.
    pub fn minor_units(self) -> Option<i64> {
        self.scaled(2)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}e{}", self.digits, -self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text: &str, places: u8) -> Option<i64> {
        Decimal::parse(text).and_then(|number| number.scaled(places))
    }

    #[test]
    fn a_weight_becomes_whole_grams_without_a_float() {
        for (text, grams) in
            [("0.5", 500), ("0.0005", 1), ("0.0004", 0), ("1.0049999999999999", 1005), ("12", 12_000)]
        {
            assert_eq!(scaled(text, 3), Some(grams), "{text}");
        }
    }

    #[test]
    fn money_keeps_its_sign_and_rounds_away_from_zero() {
        for (text, pence) in [("-9.995", -1000), ("9.99", 999), ("1e2", 10_000), ("2.5E-2", 3), ("0.0", 0)] {
            assert_eq!(scaled(text, 2), Some(pence), "{text}");
        }
    }

    #[test]
    fn a_number_of_absurd_size_is_none_and_never_a_panic() {
        for text in ["1e39", "1e999", "99999999999999999999", "9223372036854775808"] {
            assert_eq!(scaled(text, 2), None, "{text}");
        }
        assert_eq!(scaled("1e-39", 2), Some(0));
        assert_eq!(scaled("123e-40", 2), Some(0));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "1.2.3", "0x1", "NaN", "1 000", "--1", "1e", "é"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_whole_number_is_whole() {
        for (text, whole) in
            [("3", Some(3)), ("3.0", Some(3)), ("30e-1", Some(3)), ("3e2", Some(300)), ("3.5", None)]
        {
            assert_eq!(Decimal::parse(text).and_then(Decimal::whole), whole, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_amount_of_two_places_survives(minor in -1_000_000_000_i64..1_000_000_000) {
            let sign = if minor < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100);
            proptest::prop_assert_eq!(scaled(&text, 2), Some(minor));
        }
    }
}
