//! How a search that somebody has begun to type could go on. From fixed lists: nothing is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extension::KNOWN_EXTENSIONS;

/// What can be suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SuggestionKind {
    /// All of them.
    Auto,
    /// The same, completed.
    Queries,
    /// The same, made narrower.
    Related,
    /// Terms of the field.
    Domain,
    /// Kinds of file.
    Files,
    /// Words of the context.
    Context,
}

/// How a search could go on. Each is a whole search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suggestions {
    /// The same, completed.
    pub query_completions: Vec<String>,
    /// The same, made narrower.
    pub related_queries: Vec<String>,
    /// With a term of the field.
    pub domain_suggestions: Vec<String>,
    /// With a kind of file.
    pub file_type_suggestions: Vec<String>,
    /// With a word of the context.
    pub context_suggestions: Vec<String>,
}

/// Phrases that searches understand.
const PHRASES: &[&str] = &[
    "largest files",
    "newest packages",
    "oldest files",
    "smallest files",
    "packages about",
    "files larger than 100 MB",
    "files smaller than 1 MB",
    "files between 1 MB and 1 GB",
    "files containing",
    "created in the last week",
    "modified in the last 7 days",
    "modified in the last 30 days",
    "modified in the last year",
];

/// What makes any search narrower.
const NARROWER: &[&str] = &[
    "modified in the last 30 days",
    "larger than 100 MB",
    "smaller than 1 MB",
    "csv files",
    "parquet files",
];

/// Terms that are searched for together.
const FIELDS: &[&[&str]] = &[
    &["genomics", "rna-seq", "fastq", "alignment", "variants", "gene expression", "single cell"],
    &["imaging", "microscopy", "segmentation", "tiff", "dicom"],
    &["machine learning", "training", "validation", "model", "embeddings", "features"],
    &["clinical", "cohort", "trial", "survey", "measurements"],
    &["analytics", "sales", "usage", "quarterly", "dashboard", "metrics"],
];

impl Suggestions {
    /// How `typed` could go on: of each of `kinds` at most `limit`.
    pub fn of(typed: &str, context: &str, kinds: &[SuggestionKind], limit: usize) -> Self {
        let typed = typed.trim();
        let wanted = |kind| kinds.contains(&kind) || kinds.contains(&SuggestionKind::Auto);
        let some = |kind, found: fn(&str, &str) -> Vec<String>| {
            if wanted(kind) { found(typed, context).into_iter().take(limit).collect() } else { Vec::new() }
        };
        Self {
            query_completions: some(SuggestionKind::Queries, |typed, _| completed(typed)),
            related_queries: some(SuggestionKind::Related, |typed, _| narrower(typed)),
            domain_suggestions: some(SuggestionKind::Domain, |typed, _| of_the_field(typed)),
            file_type_suggestions: some(SuggestionKind::Files, |typed, _| of_files(typed)),
            context_suggestions: some(SuggestionKind::Context, of_context),
        }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        let all = [
            &self.query_completions,
            &self.related_queries,
            &self.domain_suggestions,
            &self.file_type_suggestions,
            &self.context_suggestions,
        ];
        all.into_iter().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The last word, and what stands before it.
fn last_word(typed: &str) -> (&str, &str) {
    typed.split_at(typed.trim_end_matches(|c: char| !c.is_whitespace()).len())
}

/// Phrases that begin with the last words that were typed.
fn completed(typed: &str) -> Vec<String> {
    let starts = typed
        .char_indices()
        .filter(|(at, c)| !c.is_whitespace() && (*at == 0 || typed[..*at].ends_with(char::is_whitespace)));
    let continued = |phrase: &&str| {
        let start = starts.clone().map(|(at, _)| at).find(|at| begins(phrase, &typed[*at..]))?;
        Some((start, format!("{}{phrase}", &typed[..start])))
    };
    let mut found: Vec<(usize, String)> = PHRASES.iter().filter_map(continued).collect();
    // The more of it was typed, the more likely it is meant.
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, search)| search).collect()
}

fn begins(phrase: &str, with: &str) -> bool {
    phrase.len() > with.len() && phrase.to_lowercase().starts_with(&with.to_lowercase())
}

fn narrower(typed: &str) -> Vec<String> {
    if typed.is_empty() {
        return Vec::new();
    }
    let lower = typed.to_lowercase();
    NARROWER
        .iter()
        .filter(|phrase| !lower.contains(**phrase))
        .map(|phrase| format!("{typed} {phrase}"))
        .collect()
}

fn of_the_field(typed: &str) -> Vec<String> {
    let lower = typed.to_lowercase();
    let (before, last) = last_word(typed);
    let near = |field: &&&[&str]| {
        field.iter().any(|term| lower.contains(term) || (!last.is_empty() && begins(term, last)))
    };
    let with_term = |term: &&str| {
        if begins(term, last) { format!("{before}{term}") } else { format!("{typed} {term}") }
    };
    FIELDS
        .iter()
        .filter(near)
        .flat_map(|field| field.iter())
        .filter(|term| !lower.contains(**term))
        .map(with_term)
        .collect()
}

fn of_files(typed: &str) -> Vec<String> {
    let (before, last) = last_word(typed);
    let start = last.trim_start_matches("*.").trim_start_matches('.').to_lowercase();
    if start.is_empty() {
        return Vec::new();
    }
    let known = KNOWN_EXTENSIONS.iter().filter(|known| known.starts_with(&start));
    known.map(|known| format!("{before}{known} files")).collect()
}

fn of_context(typed: &str, context: &str) -> Vec<String> {
    let lower = typed.to_lowercase();
    let words = context.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    let new = words.filter(|word| word.chars().count() > 2 && !lower.contains(&word.to_lowercase()));
    new.map(|word| format!("{typed} {word}").trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(typed: &str, kind: SuggestionKind) -> Suggestions {
        Suggestions::of(typed, "genome-atlas of 2024", &[kind], 3)
    }

    #[test]
    fn what_was_typed_goes_on() {
        let completed = of("rna files lar", SuggestionKind::Queries).query_completions;
        assert_eq!(completed, ["rna files larger than 100 MB", "rna files largest files"]);
        let completed = of("rna files larger th", SuggestionKind::Queries).query_completions;
        assert_eq!(completed, ["rna files larger than 100 MB"]);
        let files = of("rna par", SuggestionKind::Files).file_type_suggestions;
        assert_eq!(files, ["rna parquet files"]);
        let field = of("fast", SuggestionKind::Domain).domain_suggestions;
        assert_eq!(field, ["fast genomics", "fast rna-seq", "fastq"]);
        let context = of("rna", SuggestionKind::Context).context_suggestions;
        assert_eq!(context, ["rna genome-atlas", "rna 2024"]);
    }

    #[test]
    fn white_space_of_several_bytes_ends_a_word_too() {
        assert_eq!(last_word("rna\u{a0}par"), ("rna\u{a0}", "par"));
        assert_eq!(last_word("rna\u{3000}"), ("rna\u{3000}", ""));
        let files = of("rna\u{a0}par", SuggestionKind::Files).file_type_suggestions;
        assert_eq!(files, ["rna\u{a0}parquet files"]);
    }

    #[test]
    fn only_what_is_wanted_and_no_more_than_that() {
        let all = Suggestions::of("f", "", &[SuggestionKind::Auto], 2);
        assert!(all.query_completions.len() == 2 && all.file_type_suggestions.len() == 2, "{all:?}");
        assert_eq!(of("f", SuggestionKind::Files).query_completions, Vec::<String>::new());
        assert!(Suggestions::of("", "", &[SuggestionKind::Auto], 9).related_queries.is_empty());
    }

    #[test]
    fn suggested_phrases_are_understood() {
        use crate::domain::search::{Question, SearchText};
        for phrase in PHRASES
            .iter()
            .chain(NARROWER)
            .filter(|phrase| !phrase.ends_with("about") && !phrase.ends_with("containing"))
        {
            let text = SearchText::try_from((*phrase).to_owned()).expect("a search");
            assert!(!Question::read(&text).recognised.is_empty(), "{phrase}");
        }
    }
}
