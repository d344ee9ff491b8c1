//! The configuration file: what it says, and on which line.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::issuer::IssuerTable;
use super::{ConfigError, protected_file};

/// What the file says, each part with its place as `path:line`.
pub(super) struct File {
    /// Keys and values, of the top level and of `[services]`.
    pub(super) keys: Vec<Said>,
    /// The `[[issuer]]` tables, or why there are none though there is an `issuer`.
    pub(super) issuers: Result<Vec<IssuerTable>, ConfigError>,
}

/// One key of the file.
pub(super) struct Said {
    pub(super) key: String,
    pub(super) value: toml::Value,
    pub(super) place: String,
}

/// Reads the file.
///
/// # Errors
///
/// It cannot be read, others may write it, or it is not TOML.
pub(super) fn read(path: &Path) -> Result<File, ConfigError> {
    let text = protected_file::read_trusted(path, "the configuration file")?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The parser's full message quotes the line, and a line may hold what should not be printed.
        let line = error.span().map(|span| format!(":{}", line_of(&text, span.start))).unwrap_or_default();
        ConfigError::new(format!("{}{line} is not TOML: {}", path.display(), error.message()))
    })?;
    let lines = Lines::of(&text);
    let place = |line: Option<&usize>| match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    let mut file = File { keys: Vec::new(), issuers: Ok(Vec::new()) };
    for (key, value) in flat(table) {
        if key == "issuer" {
            file.issuers =
                issuer_tables(value, &place(lines.keys.get(&key)), |at| place(lines.issuers.get(at)));
        } else {
            let place = place(lines.keys.get(&key));
            file.keys.push(Said { key, value, place });
        }
    }
    Ok(file)
}

/// The one table of settings, `[services]`: `auth` there is `services_auth`.
fn flat(table: toml::Table) -> impl Iterator<Item = (String, toml::Value)> {
    table.into_iter().flat_map(|(key, value)| match value {
        toml::Value::Table(inner) if key == "services" => {
            inner.into_iter().map(|(own, value)| (format!("{key}_{own}"), value)).collect::<Vec<_>>()
        }
        value => vec![(key, value)],
    })
}

fn issuer_tables(
    value: toml::Value,
    all: &str,
    place: impl Fn(usize) -> String,
) -> Result<Vec<IssuerTable>, ConfigError> {
    let items = match value {
        toml::Value::Array(items) => items,
        _ => Vec::new(),
    };
    let tables = items.into_iter().enumerate().map(|(at, item)| match item {
        toml::Value::Table(table) => Some(IssuerTable::new(table, place(at))),
        _ => None,
    });
    let tables: Option<Vec<_>> = tables.collect();
    tables.filter(|tables| !tables.is_empty()).ok_or_else(|| {
        ConfigError::new(format!(
            "`issuer` ({all}) must be tables: write each issuer below a line `[[issuer]]`"
        ))
    })
}

/// On which line what begins, counted from 1.
#[derive(Default)]
struct Lines {
    keys: BTreeMap<String, usize>,
    issuers: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let Ok(table) = DeTable::parse(text) else { return Self::default() };
        let mut lines = Self::default();
        for (key, value) in table.get_ref() {
            match value.get_ref() {
                DeValue::Table(inner) if key.get_ref() == "services" => {
                    for own in inner.keys() {
                        let flat = format!("{}_{}", key.get_ref(), own.get_ref());
                        lines.keys.insert(flat, line_of(text, own.span().start));
                    }
                    continue;
                }
                DeValue::Array(items) if key.get_ref() == "issuer" => {
                    lines.issuers = items.iter().map(|item| line_of(text, item.span().start)).collect();
                }
                _ => {}
            }
            lines.keys.insert(key.get_ref().to_string(), line_of(text, key.span().start));
        }
        lines
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
