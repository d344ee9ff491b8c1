//! What README says of costs is what `docs/performance.md` has measured.

use std::fs;

use quilt_tests::{Result, workspace};

/// The rows of the table that `peers/run` writes under this name, cell by cell.
fn table(document: &str, name: &str) -> Vec<Vec<String>> {
    let begin = format!("<!-- peers: {name} -->");
    let section = document.split_once(&begin).unwrap_or_else(|| panic!("no table {name}")).1;
    let section = section.split("<!-- /peers -->").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The row that begins with these cells.
fn row<'a>(rows: &'a [Vec<String>], begin: &[&str]) -> &'a [String] {
    let found = rows.iter().find(|row| row.iter().zip(begin).all(|(cell, wanted)| cell == wanted));
    found.unwrap_or_else(|| panic!("no row {begin:?}"))
}

/// 1.07 of `1008, **1.07×**, 79 ns, 3`.
fn ratio(cell: &str) -> f64 {
    let before = cell.split('×').next().unwrap_or_default();
    let number = before.rsplit(['*', ' ']).next().unwrap_or_default();
    number.parse().unwrap_or_else(|error| panic!("{cell}: {error}"))
}

/// `("0.10", "0.14")` of `0.10 / 0.14 / 0.50`: p50 and p99.
fn latency(cell: &str) -> (&str, &str) {
    let mut quantiles = cell.split(" / ");
    (quantiles.next().unwrap_or_default(), quantiles.next().unwrap_or_default())
}

/// What README has to say, in its words.
fn sentences(performance: &str) -> Vec<String> {
    let (tools, compile) = (table(performance, "tools"), table(performance, "compile"));
    let (scopes, load) = (table(performance, "scopes"), table(performance, "load cost"));
    let ours = row(&scopes, &["quilt-scope"]);
    // Three in a chain, one of three, one of sixteen, nested.
    let synchronous = ours[1..=4].iter().map(|cell| ratio(cell)).fold(0.0, f64::max);
    let (p50, p99) = latency(&row(&load, &["quilt-mcp", "2026-07-28"])[3]);
    let (in_session, p99_in_session) = latency(&row(&load, &["quilt-mcp", "2025-11-25, session"])[3]);
    vec![
        format!(
            "costs {:.2} times the instructions of rmcp's own macro",
            ratio(&row(&tools, &["quilt-scope"])[2])
        ),
        format!("is checked in {:.2} times its time", ratio(&row(&compile, &["100", "quilt-scope"])[3])),
        format!("at most {synchronous:.2} times the instructions of the same written by hand"),
        format!("three asynchronous ones cost {:.2} times", ratio(&ours[5])),
        format!("takes {p50} ms (p50) and {p99} ms (p99) over one connection"),
        format!("in a session {in_session} and {p99_in_session} ms"),
    ]
}

#[test]
fn readme_says_what_was_measured() -> Result<()> {
    let read = |path: &str| fs::read_to_string(workspace().join(path));
    let readme = read("README.md")?.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = sentences(&read("docs/performance.md")?);
    let missing: Vec<_> = said.iter().filter(|sentence| !readme.contains(*sentence)).collect();
    assert!(missing.is_empty(), "README.md does not say: {missing:#?}");
    Ok(())
}
