//! Tables to be charted: read from CSV, TSV, JSON or Parquet, or given as rows or columns.
//!
//! Everything here works on bytes that are already at hand. What is too large, uneven or unreadable is refused with the
//! place where it went wrong.

use serde_json::{Map, Value};

use crate::error::{ErrorCode, ToolError};

mod delimited;
mod json;
mod parquet;

pub use delimited::written as to_csv;

/// The most rows a table may have.
pub const MAX_ROWS: usize = 50_000;

/// The most columns a table may have.
pub const MAX_COLUMNS: usize = 1_000;

/// Named columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
}

/// A column: its name and its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its cells, a row each.
    pub cells: Vec<Cell>,
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A finite number.
    Number(f64),
    /// Anything else.
    Text(String),
}

/// How a table is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, with a line of names.
    Csv,
    /// The same with tabs.
    Tsv,
    /// A list of rows, or an object of columns.
    Json,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The format of an object, by the end of its key.
    pub fn of_key(key: &str) -> Option<Self> {
        let (_, extension) = key.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "json" => Self::Json,
            "parquet" | "pq" => Self::Parquet,
            _ => return None,
        })
    }

    /// The format of text, by its beginning.
    pub fn of_text(text: &str) -> Self {
        let first = text.trim_start().lines().next().unwrap_or_default();
        match first.chars().next() {
            Some('[' | '{') => Self::Json,
            _ if first.contains('\t') && !first.contains(',') => Self::Tsv,
            _ => Self::Csv,
        }
    }
}

impl Table {
    /// The table written in `bytes`.
    ///
    /// # Errors
    ///
    /// It is not of that format, has no rows, or is too large.
    pub fn read(bytes: &[u8], format: Format) -> Result<Self, ToolError> {
        let table = match format {
            Format::Csv => delimited::read(bytes, b',')?,
            Format::Tsv => delimited::read(bytes, b'\t')?,
            Format::Json => json::read(bytes)?,
            Format::Parquet => parquet::read(bytes)?,
        };
        table.checked()
    }

    /// Rows given one by one, each an object. A column that a row lacks is empty there.
    ///
    /// # Errors
    ///
    /// There are none, or too many, or a cell is a list or an object.
    pub fn from_rows(rows: &[Map<String, Value>]) -> Result<Self, ToolError> {
        json::from_rows(rows)?.checked()
    }

    /// Columns given as lists.
    ///
    /// # Errors
    ///
    /// They have different lengths, no or too many cells, or a cell is a list or an object.
    pub fn from_columns(columns: &Map<String, Value>) -> Result<Self, ToolError> {
        json::from_columns(columns)?.checked()
    }

    /// The column of that name.
    ///
    /// # Errors
    ///
    /// There is none. The message names those there are.
    pub fn column(&self, name: &str) -> Result<&Column, ToolError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let shown: Vec<String> =
                self.columns.iter().take(30).map(|column| format!("`{}`", column.name)).collect();
            let more = if self.columns.len() > 30 { " and others" } else { "" };
            ToolError::invalid_input(format!("the data has no column `{name}`"))
                .with_hint(format!("the columns are {}{more}", shown.join(", ")))
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    fn checked(self) -> Result<Self, ToolError> {
        if self.rows() == 0 {
            return Err(ToolError::invalid_input("the data has no rows")
                .with_hint("give at least one row below the line of column names"));
        }
        Ok(self)
    }
}

impl Cell {
    /// What a text says: a number if it is one, nothing if it says so.
    fn of_text(text: &str) -> Self {
        let text = text.trim();
        if matches!(text.to_ascii_lowercase().as_str(), "" | "na" | "n/a" | "nan" | "null" | "none") {
            return Self::Empty;
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The number, or nothing if it is not finite.
    fn of_number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Empty }
    }

    /// What people read.
    pub fn label(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

fn too_many_rows() -> ToolError {
    ToolError::new(ErrorCode::LimitExceeded, format!("the data has more than {MAX_ROWS} rows"))
        .with_hint("aggregate or sample it first, or give fewer rows")
}

fn check_columns(number: usize) -> Result<(), ToolError> {
    if number <= MAX_COLUMNS {
        return Ok(());
    }
    let message = format!("the data has {number} columns; at most {MAX_COLUMNS} are read");
    Err(ToolError::new(ErrorCode::LimitExceeded, message))
}

fn unreadable(what: &str, error: impl std::fmt::Display) -> ToolError {
    ToolError::invalid_input(format!("the data is not {what}: {error}"))
}

#[cfg(test)]
mod tests;
