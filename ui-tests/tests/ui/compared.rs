//! What `docs/guarantees-compared.md` says of the messages of other crates is what `peers/messages/raw` holds.

use std::fs;
use std::io;
use std::path::Path;

/// The rows of the table of that name, without their outer bars.
fn rows(page: &str, table: &str) -> Vec<Vec<String>> {
    let text = page.split(&format!("<!-- peers: {table} -->")).nth(1).unwrap_or_default();
    let text = text.split("<!-- /peers -->").next().unwrap_or_default();
    let rows = text.lines().filter(|line| line.starts_with("| ")).filter(|line| !line.starts_with("| |"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn page() -> io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guarantees-compared.md"))
}

/// The message of a row.
fn raw(row: &[String]) -> io::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../peers/messages/raw");
    fs::read_to_string(folder.join(format!("{}_{}.txt", row[0], row[1])))
}

#[test]
fn lines_errors_and_first_lines_are_those_of_the_files() -> io::Result<()> {
    let rows = rows(&page()?, "messages");
    assert_eq!(rows.len(), 20, "five crates and four mistakes");
    for row in rows.iter().filter(|row| row[3] != "–") {
        let message = raw(row)?;
        let errors: Vec<&str> = message.lines().filter(|line| line.starts_with("error")).collect();
        let first = errors.first().copied().unwrap_or("compiles").trim_end();
        let lines = message.trim_end().lines().count();
        assert_eq!((&*row[3], &*row[4]), (&*lines.to_string(), &*errors.len().to_string()), "{row:?}");
        assert_eq!(row[5..].join(" | "), first, "{row:?}");
    }
    Ok(())
}

#[test]
fn a_message_names_what_it_is_said_to_name() -> io::Result<()> {
    let rows = rows(&page()?, "names");
    assert!(rows.len() >= 14, "messages have been lost: {}", rows.len());
    for row in &rows {
        let message = raw(row)?;
        let head: String = message.lines().take_while(|line| !line.trim_start().starts_with("-->")).collect();
        let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let names = |text: &str, word: &str| {
            let mut found = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            found.any(|found| found == word || found.strip_suffix("Impl") == Some(word))
        };
        let at_once = words(&row[2]);
        assert!(!at_once.is_empty(), "{row:?}");
        for word in at_once {
            assert!(names(&head, &word), "{word} is not named at once: {row:?}");
        }
        for word in words(&row[3]).into_iter().chain(words(&row[4])) {
            assert!(names(&message, &word) && !names(&head, &word), "{word}: {row:?}");
        }
        for word in words(&row[5]) {
            let own = message.lines().filter(|line| !line.contains("-->") && !line.contains(":::"));
            assert!(!own.into_iter().any(|line| names(line, &word)), "{word} is named: {row:?}");
        }
        let advice = row[6..].join(" | ").replace("\\|", "|");
        assert!(advice == "–" || message.contains(&advice), "nobody says {advice:?}");
    }
    Ok(())
}

/// A mistake that is found in `cargo build` alone is found in code that is generated for it, and the message says so.
#[test]
fn the_phase_is_that_of_the_message() -> io::Result<()> {
    for row in rows(&page()?, "messages").iter().filter(|row| row[3] != "–") {
        let message = raw(row)?;
        let phase = if message.is_empty() {
            "never"
        } else if message.contains("the above error was encountered while instantiating") {
            "`cargo build` only"
        } else {
            "`cargo check`"
        };
        assert_eq!(row[2], phase, "{row:?}");
    }
    Ok(())
}

/// What our own message says, in order, whatever the program is called that it is about.
fn said(message: &str) -> Vec<String> {
    let without_names = |text: &str| text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let own = message.lines().filter(|line| !line.contains("-->") && line.trim() != "...");
    let labels = own.filter_map(|line| match line.split_once('|') {
        Some((gutter, _)) if !gutter.trim().is_empty() => None,
        // Without a mark it is the source of a library.
        Some((_, label)) if !label.trim_start().starts_with(['^', '-', '|', '_']) => None,
        Some((_, label)) => Some(label.trim_matches(|c| " ^-_|~+".contains(c))),
        None => Some(line.trim_start_matches(['=', ' '])),
    });
    let mut labels: Vec<String> = labels.map(without_names).filter(|label| !label.is_empty()).collect();
    labels.sort();
    labels
}

/// Ours are compiled for the comparison by hand; what `cargo check` says today of the same mistake is in `ui-tests`.
#[test]
fn our_own_messages_are_those_of_today() -> io::Result<()> {
    let same = [
        ("missing", "missing/fail/service_asks_for_nobodys"),
        ("captive", "captive/fail/singleton_asks_for_request"),
        ("cycle", "cycle/fail/three"),
        ("escape", "escape/fail/spawn"),
    ];
    for (mistake, program) in same {
        let today = Path::new(env!("CARGO_MANIFEST_DIR")).join(program).with_extension("stderr");
        let compared = raw(&["quilt-scope".to_owned(), mistake.to_owned()])?;
        assert_eq!(said(&compared), said(&fs::read_to_string(today)?), "`peers/run messages` writes it anew");
    }
    Ok(())
}
