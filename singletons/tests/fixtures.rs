//! Each kind is found where it stands, and nothing else is.

use std::fs;
use std::path::Path;

use quilt_singletons::{Allowed, Error, find, find_in};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn fixture(name: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name))
}

#[test]
fn each_kind_is_found_where_it_stands() -> Result {
    let text = fixture("found.rs")?;
    let expected: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at + 1, line.split_once("//~ ")?.1)))
        .collect();
    let found = find("found.rs", &text)?;
    let mut found: Vec<(usize, String)> = found.iter().map(|one| (one.line, one.kind.to_string())).collect();
    found.sort();
    assert_eq!(found.iter().map(|(line, kind)| (*line, kind.as_str())).collect::<Vec<_>>(), expected);
    for kind in [
        "that anybody may write",
        "a static cell",
        "a static",
        "made on first use",
        "of each thread",
        "of each task",
        "never dropped",
        "setting of the process",
    ] {
        assert!(found.iter().any(|(_, found)| found.ends_with(kind)), "no fixture has {kind}");
    }
    Ok(())
}

#[test]
fn nothing_else_is_found() -> Result {
    let found = find("left_out.rs", &fixture("left_out.rs")?)?;
    assert!(found.is_empty(), "{found:#?}");
    Ok(())
}

#[test]
fn what_is_not_in_the_list_is_reported_and_what_is_only_there_too() -> Result {
    let found = find("a.rs", "static A: X = X; static B: X = X;")?;
    let allowed = Allowed::parse(
        "# for people\na.rs | A | it is the clock\n\na.rs | C | gone\nb.rs | B | of another file\n",
    )?;
    let verdict = allowed.judge(&found);
    assert_eq!(verdict.unlisted.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["B"]);
    assert_eq!(verdict.stale, ["`C` in a.rs", "`B` in b.rs"]);
    Ok(())
}

#[test]
fn nothing_is_allowed_without_a_reason() {
    for line in ["a.rs | A", "a.rs | A | ", "A", "a.rs | A | b | c"] {
        assert!(matches!(Allowed::parse(line), Err(Error::Line(1, _))), "{line}");
    }
}

#[test]
fn a_crate_is_looked_through_without_the_files_of_its_tests() -> Result {
    let own = find_in(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    assert!(own.is_empty(), "{own:#?}");
    let fixtures = find_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))?;
    assert!(fixtures.len() > 20 && fixtures.iter().all(|one| one.file.ends_with("fixtures/found.rs")));
    Ok(())
}
