//! Runs the programs. Failing and passing ones in two tests: one passing program in a run would make trybuild build
//! instead of check, and everything refused here must show in `cargo check`.

mod carets;
mod checker;
mod compared;
mod templates;

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

/// Programs with more errors than one, and why.
const SEVERAL: [(&str, usize, &str); 2] =
    [("mistakes_across_macros", 3, "each macro has one"), ("several_mistakes", 3, "it has three")];

/// Each message is about the guarantee, in words that the author can follow, and says what to write.
#[test]
fn every_message_helps() -> io::Result<()> {
    let ours: Vec<String> = templates::of_the_macros()?.into_iter().flatten().collect();
    let mut wrong = Vec::new();
    for path in expected_messages()? {
        let (program, message) = (fs::read_to_string(path.with_extension("rs"))?, fs::read_to_string(&path)?);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let complaints = checker::complaints(&name, &program, &message, &ours);
        wrong.extend(complaints.into_iter().map(|complaint| format!("{} {complaint}", path.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[test]
fn every_message_is_short() -> io::Result<()> {
    for path in expected_messages()? {
        let lines = fs::read_to_string(&path)?.lines().count();
        assert!(lines <= checker::LINES, "{} has {lines} lines", path.display());
    }
    Ok(())
}

/// One mistake is one error, also where two places make it together.
#[test]
fn one_mistake_is_one_error() -> io::Result<()> {
    for path in expected_messages()? {
        let message = fs::read_to_string(&path)?;
        let errors = message.lines().filter(|line| line.starts_with("error")).count();
        let several =
            SEVERAL.iter().find(|(program, ..)| path.file_stem().is_some_and(|stem| stem == *program));
        let expected = several.map_or(1, |(_, errors, _)| *errors);
        assert_eq!(errors, expected, "{}", path.display());
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
    assert!(programs.len() >= 206, "programs have been lost: {}", programs.len());
    let accepted = files("pass", "rs")?.len();
    assert!(accepted >= 36, "programs that are to be written instead have been lost: {accepted}");
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

/// Each excerpt of the chapter is in the program that it names, with the message that the program gets.
#[test]
fn the_chapter_says_what_the_programs_say() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(here.join("../docs/what-will-not-compile.md"))?;
    let mut guarantees: Vec<&str> = Vec::new();
    for part in chapter.split("<!-- ").skip(1) {
        let (program, rest) = part.split_once(" -->").unwrap_or((part, ""));
        guarantees.extend(program.split('/').next());
        let source = fs::read_to_string(here.join(program).with_extension("rs"))?;
        let mut fences = rest.split("```");
        let code = fences.nth(1).and_then(|fence| fence.strip_prefix("rust\n")).unwrap_or_default();
        assert!(!code.trim().is_empty(), "`{program}` has no excerpt");
        for line in code.lines().map(str::trim) {
            assert!(source.contains(line), "`{program}` does not say `{line}`");
        }
        if program.contains("/fail/") {
            let message = fs::read_to_string(here.join(program).with_extension("stderr"))?;
            let shown = fences.nth(1).and_then(|fence| fence.strip_prefix("text\n")).unwrap_or_default();
            assert_eq!(message.lines().next(), Some(shown.trim()), "`{program}` is told otherwise");
        }
    }
    for folder in fs::read_dir(here)? {
        let folder = folder?;
        let name = folder.file_name();
        let is_guarantee = folder.path().join("fail").is_dir();
        assert!(!is_guarantee || guarantees.iter().any(|one| name == *one), "{name:?} is not in the chapter");
    }
    Ok(())
}

/// Each test or program that the page on security relies on is there: `file::function`, or a path in `ui-tests`.
#[test]
fn the_page_on_security_relies_on_what_there_is() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/security.md"))?;
    let mut relied_on = 0;
    for quoted in page.split('`').skip(1).step_by(2) {
        if let Some((file, function)) = quoted.split_once(".rs::") {
            let source = fs::read_to_string(root.join(format!("{file}.rs")))?;
            assert!(source.contains(&format!("fn {function}(")), "there is no `{quoted}`");
            relied_on += 1;
        } else if quoted.starts_with("ui-tests/") {
            assert!(root.join(quoted).exists(), "there is no `{quoted}`");
            relied_on += 1;
        }
    }
    assert!(relied_on >= 15, "the page relies on too little: {relied_on}");
    let gaps = page.split("## What it does not guarantee").nth(1).unwrap_or_default();
    let rows: Vec<&str> = gaps.lines().filter(|line| line.starts_with("| **")).collect();
    assert!(rows.len() >= 12, "gaps have been lost: {}", rows.len());
    for row in rows {
        assert!(row.contains(".rs::") || row.contains("`ui-tests/"), "no test stands behind: {row}");
    }
    Ok(())
}
