//! Searching the catalog: what was asked, and the one request that is sent for it.
//!
//! [`SearchText`] is what somebody typed, [`Question`] what it means, [`SearchRequest`] what the index is asked, and
//! [`Hit`] one of its answers. Nothing here asks anybody.

mod amount;
mod clause;
mod extension;
mod hit;
mod index;
mod period;
mod phrase;
mod question;
mod request;
mod suggest;
mod text;
mod token;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use extension::{Extension, KNOWN_EXTENSIONS};
pub use hit::{Found, Hit, HitKind};
pub use index::Indices;
pub use period::Period;
pub use question::{Intent, Question, SizeRange, Term};
pub use request::{MOST_REACHED, Page, SearchRequest};
pub use suggest::{SuggestionKind, Suggestions};
pub use text::{InvalidSearchText, SearchText};

/// In what is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum SearchScope {
    /// Objects, entries of packages, and packages.
    Global,
    /// Entries of packages, in every revision.
    PackageEntry,
    /// Packages, each once.
    Package,
    /// Objects in buckets.
    #[default]
    File,
}

impl SearchScope {
    /// The kinds of hit that it finds.
    pub const fn kinds(self) -> &'static [HitKind] {
        match self {
            Self::Global => &[HitKind::File, HitKind::PackageEntry, HitKind::Package],
            Self::PackageEntry => &[HitKind::PackageEntry],
            Self::Package => &[HitKind::Package],
            Self::File => &[HitKind::File],
        }
    }
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SearchOrder {
    /// What fits best.
    #[default]
    Relevance,
    /// What changed last. Entries of packages have no time and come last.
    Newest,
    /// What has not changed for longest.
    Oldest,
    /// The largest. Packages have no size and come last.
    Largest,
    /// The smallest.
    Smallest,
}
