//! Numbers as Python reads and prints them.

use std::fmt;

/// Python refuses to convert longer integers.
const MAX_DIGITS: usize = 4300;

/// A number in Python's spelling: an integer of any size digit for digit, anything else as `repr(float)`.
///
/// Equal if spelled alike, so `1` and `1.0` differ, as their hashes do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

/// Why a text is no number that a manifest can hold. `Display` says what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidNumber {
    /// An integer of more than 4300 digits.
    TooLong,
    /// A floating-point number beyond 1.8e308.
    TooLarge,
    /// Not a number at all.
    NotANumber,
}

impl fmt::Display for InvalidNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "an integer has more than 4300 digits; store it as text",
            Self::TooLarge => "a number is too large for a 64-bit floating-point number; store it as text",
            Self::NotANumber => "not a JSON number",
        })
    }
}

impl std::error::Error for InvalidNumber {}

impl Number {
    /// From the text of a JSON number.
    ///
    /// # Errors
    /// If Python could not read the number, or could not write it again.
    pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
        if text.contains(['.', 'e', 'E']) {
            let value: f64 = text.parse().map_err(|_| InvalidNumber::NotANumber)?;
            return Self::from_f64(value).ok_or(InvalidNumber::TooLarge);
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidNumber::NotANumber);
        }
        match digits.len() {
            1 if digits == "0" => Ok(Self("0".into())),
            ..=MAX_DIGITS => Ok(Self(text.into())),
            _ => Err(InvalidNumber::TooLong),
        }
    }

    /// A floating-point number; none for NaN and the infinities, which JSON does not have.
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self(python_repr(value).into()))
    }

    /// The number as Python prints it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, if it is an integer from 0 to 2^64 - 1.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    pub(super) fn to_value(&self) -> serde_json::Value {
        if let Ok(value) = self.0.parse::<u64>() {
            return value.into();
        }
        if let Ok(value) = self.0.parse::<i64>() {
            return value.into();
        }
        // An integer beyond the floating-point numbers has no value there; its text is better than nothing.
        self.0
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| self.as_str().into(), Into::into)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string().into())
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match number.as_f64() {
            Some(value) if number.is_f64() => Self(python_repr(value).into()),
            _ => Self(number.to_string().into()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `repr(value)`: the shortest digits that read back the same, fixed notation for exponents from -4 to 15.
///
/// The digits come from `zmij`: the standard library rounds an exact tie away from zero, Python to even.
fn python_repr(value: f64) -> String {
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(value);
    let (sign, magnitude) = match shortest.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", shortest),
    };
    let (digits, exponent) = scientific(magnitude);
    let places = digits.len();
    match exponent {
        0..16 => {
            let whole = usize::try_from(exponent).unwrap_or_default() + 1;
            if places <= whole {
                format!("{sign}{digits}{}.0", "0".repeat(whole - places))
            } else {
                format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
            }
        }
        -4..0 => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        _ => {
            let point = if places > 1 { "." } else { "" };
            let direction = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{}{point}{}e{direction}{:02}", &digits[..1], &digits[1..], exponent.unsigned_abs())
        }
    }
}

/// The significant digits, and the power of ten of the first of them.
fn scientific(magnitude: &str) -> (String, i32) {
    let (mantissa, power) = magnitude.split_once('e').unwrap_or((magnitude, "0"));
    let power: i32 = power.parse().unwrap_or_default();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let leading_zeros = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    if digits.is_empty() {
        return ("0".to_owned(), 0);
    }
    let place = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    (digits.to_owned(), power + place(whole.len()) - 1 - place(leading_zeros))
}
