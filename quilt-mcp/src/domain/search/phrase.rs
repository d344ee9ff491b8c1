//! Phrases that say something other than their words.

use super::SearchOrder;
use super::amount::size;
use super::extension::Extension;
use super::period::{Period, period};
use super::question::SizeRange;
use super::token::Token;

/// What a phrase says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phrase {
    /// Names end in one of these.
    Extensions(Vec<Extension>),
    /// As large as this.
    Size(SizeRange),
    /// Changed then.
    Changed(Period),
    /// These first.
    Order(SearchOrder),
}

/// The phrase that `tokens` begins with, and how many tokens it has. Quoted text is never one.
pub(super) fn phrase(tokens: &[Token]) -> Option<(usize, Phrase)> {
    let tokens = tokens.split(|token| token.quoted).next().unwrap_or_default();
    extensions(tokens)
        .map(|(words, found)| (words, Phrase::Extensions(found)))
        .or_else(|| size(tokens).map(|(words, range)| (words, Phrase::Size(range))))
        .or_else(|| period(tokens).map(|(words, period)| (words, Phrase::Changed(period))))
        .or_else(|| order(tokens).map(|(words, order)| (words, Phrase::Order(order))))
}

fn is_noun(word: &str) -> bool {
    matches!(word, "file" | "files" | "data" | "object" | "objects")
}

/// `*.csv`, `.csv`, `csv files`, `csv, tsv and json data`, `files with .csv extension`, `json file format`.
fn extensions(tokens: &[Token]) -> Option<(usize, Vec<Extension>)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.plain.as_str());
    let with = usize::from(is_noun(word(0)) && word(1) == "with") * 2;
    let mut at = with;
    let mut found = Vec::new();
    let mut marked = true;
    while let Some((extension, has_dot)) = extension(word(at)) {
        marked &= has_dot;
        found.push(extension);
        at += 1;
        let joined = matches!(word(at), "and" | "or" | "&") && extension_of(word(at + 1)).is_some();
        let listed = tokens[at - 1].text.ends_with(',') && extension_of(word(at)).is_some();
        match (joined, listed) {
            (true, _) => at += 1,
            (_, true) => {}
            _ => break,
        }
    }
    let nouns = (at..).take_while(|at| is_noun(word(*at)) || is_kind(word(*at))).take(2).count();
    // A word alone may be meant as one: `csv` is searched for, `csv files` are filtered.
    let meant = nouns > 0 || (marked && with == 0);
    (!found.is_empty() && meant).then_some((at + nouns, found))
}

fn is_kind(word: &str) -> bool {
    matches!(word, "extension" | "extensions" | "format" | "formats" | "type" | "types")
}

fn extension_of(word: &str) -> Option<Extension> {
    extension(word).map(|(extension, _)| extension)
}

/// With whether a dot marks it as one.
fn extension(word: &str) -> Option<(Extension, bool)> {
    if let Some(written) = word.strip_prefix("*.").or_else(|| word.strip_prefix('.')) {
        return Extension::written(written).map(|extension| (extension, true));
    }
    Extension::known(word).map(|extension| (extension, false))
}

/// `largest files`, `newest packages`. The noun stays: it says what is looked for.
fn order(tokens: &[Token]) -> Option<(usize, SearchOrder)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.plain.as_str());
    let (words, order) = match (word(0), word(1)) {
        ("largest" | "biggest", _) => (1, SearchOrder::Largest),
        ("smallest", _) => (1, SearchOrder::Smallest),
        ("newest" | "latest", _) => (1, SearchOrder::Newest),
        ("most", "recent") => (2, SearchOrder::Newest),
        ("oldest", _) => (1, SearchOrder::Oldest),
        _ => return None,
    };
    let noun = word(words);
    let followed = is_noun(noun)
        || matches!(noun, "package" | "packages" | "entry" | "entries")
        || extensions(&tokens[words..]).is_some();
    followed.then_some((words, order))
}
