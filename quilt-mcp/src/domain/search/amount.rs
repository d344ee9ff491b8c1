//! Sizes in words: `larger than 10 MB`, `between 1 and 5 GB`.

use super::question::SizeRange;
use super::token::Token;

/// The sizes that `tokens` begins with, and how many tokens say so.
pub(super) fn size(tokens: &[Token]) -> Option<(usize, SizeRange)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.plain.as_str());
    if word(0) == "between" {
        return between(tokens);
    }
    let (words, at_least) = match (word(0), word(1)) {
        ("larger" | "bigger" | "greater" | "more", "than") => (2, true),
        ("smaller" | "less", "than") => (2, false),
        ("at", "least") => (2, true),
        ("at", "most") => (2, false),
        ("over" | "above" | ">" | ">=", _) => (1, true),
        ("under" | "below" | "<" | "<=", _) => (1, false),
        _ => return None,
    };
    let (more, bytes) = Number::read(&tokens[words..])?.bytes()?;
    let range = if at_least {
        SizeRange { at_least: Some(bytes), at_most: None }
    } else {
        SizeRange { at_least: None, at_most: Some(bytes) }
    };
    Some((words + more, range))
}

/// `between 1 MB and 1 GB`. The first unit may be left out if it is the second.
fn between(tokens: &[Token]) -> Option<(usize, SizeRange)> {
    let first = Number::read(tokens.get(1..)?)?;
    let and = 1 + first.words;
    if tokens.get(and)?.plain != "and" {
        return None;
    }
    let second = Number::read(&tokens[and + 1..])?;
    let (words, most) = second.bytes()?;
    let first = Number { unit: first.unit.or(second.unit), ..first };
    let (_, least) = first.bytes()?;
    let range = SizeRange { at_least: Some(least.min(most)), at_most: Some(most.max(least)) };
    Some((and + 1 + words, range))
}

/// `10`, `10MB` or `10 MB`.
struct Number {
    words: usize,
    value: f64,
    unit: Option<f64>,
}

impl Number {
    fn read(tokens: &[Token]) -> Option<Self> {
        let first = tokens.first()?.plain.as_str();
        let digits = first.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(first.len());
        let value: f64 = first[..digits].parse().ok()?;
        if digits < first.len() {
            return Some(Self { words: 1, value, unit: Some(unit(&first[digits..])?) });
        }
        match tokens.get(1).and_then(|token| unit(&token.plain)) {
            Some(unit) => Some(Self { words: 2, value, unit: Some(unit) }),
            None => Some(Self { words: 1, value, unit: None }),
        }
    }

    /// How many words it takes, and what it comes to. Without a unit it is no size.
    fn bytes(&self) -> Option<(usize, u64)> {
        /// Whole numbers up to here are exact.
        const MOST: f64 = 9_007_199_254_740_992.0;
        let bytes = (self.value * self.unit?).round();
        (0.0..MOST).contains(&bytes).then_some((self.words, bytes as u64))
    }
}

/// In powers of 1024, whichever way they are written.
fn unit(text: &str) -> Option<f64> {
    let power = match text {
        "b" | "byte" | "bytes" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return None,
    };
    Some(1024_f64.powi(power))
}
