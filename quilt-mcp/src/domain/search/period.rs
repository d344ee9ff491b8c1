//! Times in words: `last 7 days`, `created in 2024`, `since 2024-05-01`.

use schemars::JsonSchema;
use serde::Serialize;
use time::{Date, Month};

use super::token::Token;

/// From when to when something changed last. As the index understands it: a date, or date arithmetic such as `now-7d`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Period {
    /// Then or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Earlier than then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Period {
    /// Whether any time is within it.
    pub fn is_unlimited(&self) -> bool {
        self.from.is_none() && self.before.is_none()
    }
}

/// The period that `tokens` begins with, and how many tokens say so.
pub(super) fn period(tokens: &[Token]) -> Option<(usize, Period)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.plain.as_str());
    let changed =
        matches!(word(0), "created" | "modified" | "updated" | "changed" | "uploaded" | "added" | "pushed");
    let start = usize::from(changed);
    let preposition = matches!(word(start), "in" | "within" | "during" | "from" | "over" | "on");
    let at = start + usize::from(preposition);
    if let Some((words, period)) = recent(&tokens[at.min(tokens.len())..]) {
        return Some((at + words, period));
    }
    if changed && preposition {
        let (from, before) = span(word(at))?;
        return Some((at + 1, Period { from: Some(from), before: Some(before) }));
    }
    let (from, before) = span(word(start + 1))?;
    match word(start) {
        "since" => Some((start + 2, Period { from: Some(from), before: None })),
        "after" => Some((start + 2, Period { from: Some(before), before: None })),
        "before" => Some((start + 2, Period { from: None, before: Some(from) })),
        "until" => Some((start + 2, Period { from: None, before: Some(before) })),
        _ => None,
    }
}

/// `the last 7 days`, `past week`.
fn recent(tokens: &[Token]) -> Option<(usize, Period)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.plain.as_str());
    let mut at = usize::from(word(0) == "the");
    if !matches!(word(at), "last" | "past") {
        return None;
    }
    at += 1;
    let number = word(at).parse::<u16>().ok().filter(|number| (1..=9_999).contains(number));
    at += usize::from(number.is_some());
    let unit = match word(at).trim_end_matches('s') {
        "hour" => 'h',
        "day" => 'd',
        "week" => 'w',
        "month" => 'M',
        "year" => 'y',
        _ => return None,
    };
    let from = format!("now-{}{unit}", number.unwrap_or(1));
    Some((at + 1, Period { from: Some(from), before: None }))
}

/// The first day of a date, month or year, and the day after its last.
fn span(text: &str) -> Option<(String, String)> {
    let mut parts = text.split('-');
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())?
    };
    let year = i32::from(number(parts.next()?, 4)?);
    let month = parts.next().map(|part| number(part, 2));
    let day = parts.next().map(|part| number(part, 2));
    if parts.next().is_some() || !(1900..=2199).contains(&year) {
        return None;
    }
    let date = |month: u16, day: u16| {
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
    };
    let (first, after) = match (month, day) {
        (None, _) => (date(1, 1)?, date(12, 31)?.next_day()?),
        (Some(month), None) => {
            let first = date(month?, 1)?;
            (first, first.replace_day(first.month().length(year)).ok()?.next_day()?)
        }
        (Some(month), Some(day)) => {
            let first = date(month?, day?)?;
            (first, first.next_day()?)
        }
    };
    // As in ISO 8601, which is how the index reads dates.
    Some((first.to_string(), after.to_string()))
}
