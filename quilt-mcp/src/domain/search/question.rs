//! What a search means: words to be found, and filters that phrases stand for.

use schemars::JsonSchema;
use serde::Serialize;

use super::extension::Extension;
use super::period::Period;
use super::phrase::{Phrase, phrase};
use super::text::SearchText;
use super::token::{Token, tokens};
use super::{SearchOrder, SearchScope};

/// Words that say how to search rather than what for. They are not sent, unless there is nothing else.
const NOT_SOUGHT: &[&str] = &[
    "a",
    "about",
    "all",
    "an",
    "and",
    "any",
    "are",
    "containing",
    "data",
    "entries",
    "entry",
    "file",
    "files",
    "find",
    "for",
    "from",
    "get",
    "in",
    "is",
    "list",
    "locate",
    "me",
    "object",
    "objects",
    "of",
    "or",
    "package",
    "packages",
    "search",
    "show",
    "than",
    "that",
    "the",
    "this",
    "to",
    "which",
    "with",
];

/// A word or phrase that must be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Term {
    /// As it was typed, without quotes.
    pub text: String,
    /// Whether its words must stand together, in this order.
    pub phrase: bool,
}

/// Sizes in bytes, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct SizeRange {
    /// The smallest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// The largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

impl SizeRange {
    /// Whether any size is within it.
    pub fn is_unlimited(self) -> bool {
        self.at_least.is_none() && self.at_most.is_none()
    }

    /// What both allow.
    fn and(self, other: Self) -> Self {
        Self {
            at_least: self.at_least.max(other.at_least),
            at_most: match (self.at_most, other.at_most) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }
}

/// For what kind of thing somebody searches. It decides nothing: it is told so that a client can choose another scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Intent {
    /// For files.
    FileSearch,
    /// For packages on a subject.
    PackageDiscovery,
    /// For what is written in files.
    ContentSearch,
    /// For packages by what is known of them.
    MetadataSearch,
    /// For the largest, newest or the like.
    AnalyticalSearch,
}

/// What a search means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What must be found, all of it. Empty: everything that passes the filters.
    pub terms: Vec<Term>,
    /// Names must end in one of these, if there are any.
    pub extensions: Vec<Extension>,
    /// How large.
    pub size: SizeRange,
    /// When changed.
    pub changed: Period,
    /// What comes first, if the text says so.
    pub order: Option<SearchOrder>,
    /// For what kind of thing.
    pub intent: Intent,
    /// The phrases that were taken as filters, as they were typed. Their words are not searched for.
    pub recognised: Vec<String>,
}

impl Question {
    /// Reads `text`. Every text has a meaning: what is no known phrase is searched for as it stands.
    pub fn read(text: &SearchText) -> Self {
        let tokens = tokens(text.as_str());
        let mut question = Self {
            terms: Vec::new(),
            extensions: Vec::new(),
            size: SizeRange::default(),
            changed: Period::default(),
            order: None,
            intent: Intent::FileSearch,
            recognised: Vec::new(),
        };
        let mut left: Vec<&Token> = Vec::new();
        let mut rest = tokens.as_slice();
        while let Some((first, others)) = rest.split_first() {
            if let Some((words, found)) = phrase(rest).filter(|(words, _)| *words > 0) {
                let (said, after) = rest.split_at(words);
                question.take(found);
                question.recognised.push(joined(said));
                rest = after;
            } else {
                left.push(first);
                rest = others;
            }
        }
        question.terms = sought(&left, question.recognised.is_empty());
        question.intent = intent(&question, &tokens);
        question
    }

    fn take(&mut self, phrase: Phrase) {
        match phrase {
            Phrase::Extensions(found) => {
                self.extensions.extend(found);
                self.extensions.sort_unstable();
                self.extensions.dedup();
            }
            Phrase::Size(range) => self.size = self.size.and(range),
            Phrase::Changed(period) => {
                self.changed.from = period.from.or(self.changed.from.take());
                self.changed.before = period.before.or(self.changed.before.take());
            }
            Phrase::Order(order) => self.order = Some(order),
        }
    }

    /// Where it would better be looked for than in `scope`, if the words say so.
    pub fn better_scope(&self, scope: SearchScope) -> Option<SearchScope> {
        let of_packages = matches!(self.intent, Intent::PackageDiscovery | Intent::MetadataSearch);
        (of_packages && scope == SearchScope::File).then_some(SearchScope::Package)
    }
}

fn joined(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Of the words that are left, those to be found. If all of them only say how to search, and nothing else was said, they
/// are meant.
fn sought(left: &[&Token], nothing_else: bool) -> Vec<Term> {
    let says_how = |token: &&&Token| !token.quoted && NOT_SOUGHT.contains(&token.plain.as_str());
    let terms: Vec<Term> =
        left.iter().filter(|token| !says_how(token)).filter_map(|token| term(token)).collect();
    if terms.is_empty() && nothing_else {
        left.iter().filter_map(|token| term(token)).collect()
    } else {
        terms
    }
}

/// Punctuation alone is nothing to be found, and would fit nothing.
fn term(token: &Token) -> Option<Term> {
    let text = if token.quoted { &token.text } else { token.text.trim_end_matches([',', ';', ':', '!']) };
    let findable = |c: char| c.is_alphanumeric() || (!token.quoted && matches!(c, '*' | '?'));
    text.contains(findable).then(|| Term { text: text.to_owned(), phrase: token.quoted })
}

fn intent(question: &Question, tokens: &[Token]) -> Intent {
    let names_packages = tokens.iter().any(|token| matches!(token.plain.as_str(), "package" | "packages"));
    let names_content = tokens.iter().any(|token| matches!(token.plain.as_str(), "containing" | "content"));
    if question.order.is_some() || !question.size.is_unlimited() {
        Intent::AnalyticalSearch
    } else if names_packages && !question.changed.is_unlimited() {
        Intent::MetadataSearch
    } else if names_packages {
        Intent::PackageDiscovery
    } else if names_content || question.terms.iter().any(|term| term.phrase) {
        Intent::ContentSearch
    } else {
        Intent::FileSearch
    }
}
