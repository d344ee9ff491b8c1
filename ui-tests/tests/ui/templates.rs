//! What can be said to the author of a program, taken from where it is written: the macros' `diagnostics`, the conditions of
//! the library's traits, and what it panics with when compiling. All of each text is printed for some program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A text with placeholders: what stands between them, in order.
pub(crate) type Template = Vec<String>;

/// The texts of the macros.
pub(crate) fn of_the_macros() -> io::Result<Vec<Template>> {
    let mut found = Vec::new();
    for path in sources(&root().join("quilt-scope-macros/src/diagnostics"))? {
        found.extend(templates(&code(&fs::read_to_string(path)?)));
    }
    Ok(found)
}

/// The texts of `#[diagnostic::on_unimplemented(..)]`.
fn of_the_traits() -> io::Result<Vec<Template>> {
    let mut found = Vec::new();
    for path in sources(&root().join("quilt-scope/src"))? {
        let source = fs::read_to_string(path)?;
        let attributes = source.split("#[diagnostic::on_unimplemented(").skip(1);
        let bodies = attributes.map(|rest| rest.split("\n)]").next().unwrap_or_default());
        found.extend(bodies.flat_map(templates));
    }
    Ok(found)
}

/// The texts that a constant's evaluation ends with: they are put together of parts.
fn of_the_constants() -> io::Result<Vec<Template>> {
    let mut found = Vec::new();
    for path in sources(&root().join("quilt-scope/src"))? {
        let source = code(&fs::read_to_string(path)?);
        let parts = source.split(".push(\"").skip(1);
        found.extend(
            parts.flat_map(|rest| literals(&format!("\"{rest}")).into_iter().take(1)).map(|text| vec![text]),
        );
    }
    Ok(found)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The source without comments and tests.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn templates(source: &str) -> Vec<Template> {
    let all = literals(source).into_iter().map(|text| fragments(&text));
    all.filter(|fragments| fragments.iter().any(|text| text.contains(char::is_alphabetic))).collect()
}

/// Whether the whole text is in one line, in order, with something in the place of each placeholder.
fn is_in(template: &[String], line: &str) -> bool {
    let mut rest = line;
    template.iter().all(|fragment| match rest.split_once(fragment.as_str()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// The string literals of some source, as they are printed.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut characters = source.chars().peekable();
    while characters.any(|c| c == '"') {
        let mut text = String::new();
        while let Some(c) = characters.next() {
            match c {
                '"' => break,
                '\\' => match characters.next() {
                    Some('\n') => while characters.next_if(|c| c.is_whitespace()).is_some() {},
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                other => text.push(other),
            }
        }
        found.push(text);
    }
    found
}

/// What stands between the placeholders of a format.
fn fragments(format: &str) -> Vec<String> {
    let mut parts = format.split('{');
    let first = parts.next().into_iter();
    let others = parts.map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    first.chain(others).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// Those texts that no program is told, as they would be if `printed` were all that is.
fn untold(templates: &[Template], printed: &str) -> Vec<String> {
    let told = |template: &&Template| printed.lines().any(|line| is_in(template, line));
    templates.iter().filter(|template| !told(template)).map(|template| template.join("{..}")).collect()
}

#[test]
fn every_text_is_told_to_some_program() -> io::Result<()> {
    let messages = crate::expected_messages()?;
    let printed = messages.iter().map(fs::read_to_string).collect::<io::Result<Vec<_>>>()?.join("\n");
    for (least, texts) in [(60, of_the_macros()?), (30, of_the_traits()?), (12, of_the_constants()?)] {
        assert!(texts.len() >= least, "texts are not found any more: {} of {least}", texts.len());
        let untold = untold(&texts, &printed);
        assert!(untold.is_empty(), "no program is told {untold:#?}");
    }
    Ok(())
}

/// The longest part of a text is not enough, nor are all of them in another order or in different lines.
#[test]
fn a_text_that_is_told_in_part_is_untold() {
    let texts = templates(r#"format!("option `{option}` of `{of}`; did you mean \"{near}\"?")"#);
    let told = |printed: &str| untold(&texts, printed).is_empty();
    assert!(told("error: option `a` of `b`; did you mean \"c\"?"));
    assert!(!told("error: option `a` of `b`; known are `c`"));
    assert!(!told("error: option `a` of `b`\n; did you mean \"c\"?"));
    assert!(!told("`; did you mean \"c\"? option `a` of `b`"));
}
