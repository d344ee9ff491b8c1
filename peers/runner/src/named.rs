//! What each message names of what its reader needs, found in `messages/raw`: at once, further down, or only in code that it shows.

use std::fmt::Write as _;
use std::fs;

use crate::Result;
use crate::command::home;
use crate::document;
use crate::messages::{MISTAKES, WHO};

/// What there is to be named: the services, who wants them, and where.
fn needed(who: &str, mistake: &str) -> &'static [&'static str] {
    match (who, mistake) {
        ("axum", "missing") => &["Auth", "handle"],
        (_, "missing") => &["Auth", "Permissions", "auth"],
        ("froodi", "captive") => &["Auth", "Cache", "app", "request"],
        ("nject", "captive") => &["Auth", "Cache", "auth", "App"],
        (_, "captive") => &["Auth", "Cache", "auth", "App", "RequestScope"],
        (_, "cycle") => &["Auth", "Audit", "Clock"],
        _ => &["scope"],
    }
}

/// What the compiler says of its own accord, whatever a crate has to say.
const COMPILERS: [&str; 11] = [
    "this error originates",
    "the full name for the type",
    "consider",
    "the trait `",
    "the following trait",
    "items from traits",
    "required for",
    "required because",
    "redundant requirement",
    "for that trait implementation",
    "the failure occurred here",
];

pub(crate) fn tabulate() -> Result {
    let mut text =
        "\n| | mistake | names at once | further down | only in the code shown | not | its own advice |\n\
                    |---|---|---|---|---|---|---|\n"
            .to_owned();
    for who in WHO {
        for mistake in MISTAKES {
            let name = format!("{who}_{mistake}");
            let message = match fs::read_to_string(home().join("messages/raw").join(format!("{name}.txt"))) {
                Ok(message) if !message.trim().is_empty() => message,
                // It compiles, or cannot be written.
                _ => continue,
            };
            let mut columns: [Vec<String>; 4] = Default::default();
            for word in needed(who, mistake) {
                columns[place(&message, word)].push(format!("`{word}`"));
            }
            let [at_once, later, shown, nowhere] = columns.map(|words| dash(&words.join(", ")));
            let advice = dash(&advice(&message).replace('|', "\\|"));
            writeln!(text, "| {who} | {mistake} | {at_once} | {later} | {shown} | {nowhere} | {advice} |")?;
        }
    }
    writeln!(text)?;
    document::write("docs/guarantees-compared.md", "names", &text)
}

fn dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

/// Which column: before the first place in the source; in the compiler's words; in quoted code; nowhere.
fn place(message: &str, word: &str) -> usize {
    let is_place = |line: &&str| line.trim_start().starts_with("-->");
    let mut head = message.lines().take_while(|line| !is_place(line));
    let (quoted, said): (Vec<&str>, Vec<&str>) = message.lines().partition(|line| is_code(line));
    if head.any(|line| names(line, word)) {
        0
    } else if said.iter().any(|line| names(line, word)) {
        1
    } else if quoted.iter().any(|line| names(line, word)) {
        2
    } else {
        3
    }
}

/// `14 |     pub fn new(..`, and `14 -` where something is to be removed.
fn is_code(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|number| number.parse::<u32>().is_ok())
}

/// As a word of its own, or with `Impl` at its end, as shaku's components are called.
fn names(text: &str, word: &str) -> bool {
    // A path is no name of the program's own.
    if text.trim_start().starts_with("-->") || text.trim_start().starts_with(":::") {
        return false;
    }
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|found| found == word || found.strip_suffix("Impl") == Some(word))
}

/// What the crate itself tells its user to write.
fn advice(message: &str) -> String {
    if let Some((_, advice)) = message.lines().next().and_then(|first| first.split_once("; ")) {
        return advice.to_owned();
    }
    let mut notes = message.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("= note: ").or_else(|| line.strip_prefix("= help: "))
    });
    let own = |note: &&str| {
        !COMPILERS.iter().any(|words| note.contains(words)) && !note.contains("must be a future")
    };
    notes.rfind(own).unwrap_or_default().to_owned()
}
