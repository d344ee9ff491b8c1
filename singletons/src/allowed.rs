//! What may live as long as the process, and why.

use std::fs;
use std::path::Path;

use crate::{Error, Singleton};

/// A list of what may stay: lines `file | name | reason`. What follows a `#` at the beginning of a line is for people.
#[derive(Debug, Default)]
pub struct Allowed(Vec<(String, String)>);

/// What a list says of what was found.
#[derive(Debug, Default)]
pub struct Verdict<'a> {
    /// Found, and not in the list.
    pub unlisted: Vec<&'a Singleton>,
    /// In the list, and not found.
    pub stale: Vec<String>,
}

impl Allowed {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// It cannot be read, or a line has no reason.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|error| Error::Read(path.to_owned(), error))?;
        Self::parse(&text)
    }

    /// The list that `text` is.
    ///
    /// # Errors
    ///
    /// A line is not `file | name | reason`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let entries =
            lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(at, line)| match line
                .split('|')
                .map(str::trim)
                .collect::<Vec<_>>()[..]
            {
                [file, name, reason] if ![file, name, reason].contains(&"") => {
                    Ok((file.to_owned(), name.to_owned()))
                }
                _ => Err(Error::Line(at, line.to_owned())),
            });
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// What of `found` is not in the list, and what of the list was not found.
    pub fn judge<'a>(&self, found: &'a [Singleton]) -> Verdict<'a> {
        let is = |(file, name): &(String, String), one: &Singleton| one.file == *file && one.name == *name;
        let unlisted = found.iter().filter(|one| !self.0.iter().any(|entry| is(entry, one)));
        let stale = self.0.iter().filter(|entry| !found.iter().any(|one| is(entry, one)));
        Verdict {
            unlisted: unlisted.collect(),
            stale: stale.map(|(file, name)| format!("`{name}` in {file}")).collect(),
        }
    }
}
