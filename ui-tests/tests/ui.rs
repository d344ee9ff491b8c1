//! Runs the programs. Failing and passing ones in two tests: one passing program in a run would make trybuild build
//! instead of check, and everything refused here must show in `cargo check`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Each program in `*/fail` is refused with the message in the `.stderr` beside it.
#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("*/fail/*.rs");
}

/// Each program in `*/pass` is what to write instead, and is accepted.
#[test]
fn accepted() {
    trybuild::TestCases::new().pass("*/pass/*.rs");
}

/// What a message that is not about our guarantee says: the program itself is broken, and would be without us too.
const NOT_OURS: [&str; 6] = [
    "unresolved import",
    "cannot find",
    "failed to resolve",
    "mismatched types",
    "syntax error",
    "no method named",
];

#[test]
fn every_message_is_about_the_guarantee() -> io::Result<()> {
    for path in expected_messages()? {
        let message = fs::read_to_string(&path)?;
        for words in NOT_OURS {
            assert!(!message.contains(words), "{} says `{words}`: it tests nothing", path.display());
        }
        assert!(
            !message.contains("\nwarning") && !message.starts_with("warning"),
            "{} warns",
            path.display()
        );
    }
    Ok(())
}

/// One mistake is one error: a second is allowed where two places make the mistake together.
#[test]
fn one_mistake_is_one_error() -> io::Result<()> {
    for path in expected_messages()? {
        let message = fs::read_to_string(&path)?;
        let errors = message.lines().filter(|line| line.starts_with("error")).count();
        let duplicate = path.components().any(|part| part.as_os_str() == "duplicate");
        let most = match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("several_mistakes") => 3,
            _ if duplicate => 2,
            _ => 1,
        };
        assert!((1..=most).contains(&errors), "{} has {errors} errors", path.display());
    }
    Ok(())
}

#[test]
fn every_program_has_its_message_and_every_message_its_program() -> io::Result<()> {
    let programs = files("fail", "rs")?;
    let messages = expected_messages()?;
    let without_ending =
        |paths: &[PathBuf]| paths.iter().map(|path| path.with_extension("")).collect::<Vec<_>>();
    assert_eq!(without_ending(&programs), without_ending(&messages));
    assert!(programs.len() >= 60, "programs have been lost: {}", programs.len());
    Ok(())
}

fn expected_messages() -> io::Result<Vec<PathBuf>> {
    files("fail", "stderr")
}

/// The files with that ending in the folder of that name of every guarantee, sorted.
fn files(folder: &str, ending: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for guarantee in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")))? {
        let folder = guarantee?.path().join(folder);
        if folder.is_dir() {
            for file in fs::read_dir(folder)? {
                let path = file?.path();
                if path.extension().is_some_and(|own| own == ending) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}
