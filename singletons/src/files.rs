//! The files of a crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::Item;

use crate::find::{attributes, is_for_tests, visit};
use crate::{Error, Singleton};

/// What the crate at `path` has: in its `src`, or below `path` itself if there is none. Files are named as seen from the
/// working directory.
///
/// # Errors
///
/// A file cannot be read, or is no Rust.
pub fn find_in(path: &Path) -> Result<Vec<Singleton>, Error> {
    let sources = path.join("src");
    let mut paths = Vec::new();
    collect(if sources.is_dir() { &sources } else { path }, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    let mut for_tests = BTreeSet::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| Error::Read(path.clone(), error))?;
        let name = path.to_string_lossy().replace('\\', "/");
        let file = syn::parse_file(&text).map_err(|error| Error::Parse(name.clone(), error))?;
        for item in &file.items {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && is_for_tests(attributes(item))
            {
                for_tests.insert(children_of(&path).join(module.ident.to_string()));
            }
        }
        files.push((path, name, text, file));
    }
    let is_for_tests =
        |path: &Path| path.with_extension("").ancestors().any(|folder| for_tests.contains(folder));
    let kept = files.into_iter().filter(|(path, ..)| !is_for_tests(path));
    Ok(kept.flat_map(|(_, name, text, file)| visit(&name, &text, file)).collect())
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), Error> {
    if path.is_file() {
        into.push(path.to_owned());
        return Ok(());
    }
    let unreadable = |error| Error::Read(path.to_owned(), error);
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            collect(&path, into)?;
        }
    }
    Ok(())
}

/// Where the modules are that this file declares.
fn children_of(path: &Path) -> PathBuf {
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => path.with_file_name(""),
        Some(stem) => path.with_file_name(stem),
    }
}
