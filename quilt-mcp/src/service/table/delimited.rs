//! Comma- and tab-separated values.

use super::{Cell, Column, MAX_ROWS, Table, check_columns, too_many_rows, unreadable};
use crate::error::ToolError;

pub(super) fn read(bytes: &[u8], delimiter: u8) -> Result<Table, ToolError> {
    let what = if delimiter == b'\t' { "TSV" } else { "CSV" };
    // Spreadsheets begin a file so; it is no part of the first name.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
    let names = reader.headers().map_err(|error| unreadable(what, error))?;
    check_columns(names.len())?;
    let mut columns: Vec<Column> =
        names.iter().map(|name| Column { name: name.trim().to_owned(), cells: Vec::new() }).collect();
    if let Some(twice) = repeated(&columns) {
        return Err(ToolError::invalid_input(format!("two columns are named `{twice}`")));
    }
    for (number, record) in reader.records().enumerate() {
        if number == MAX_ROWS {
            return Err(too_many_rows());
        }
        let record = record.map_err(|error| unreadable(what, error))?;
        for (column, field) in columns.iter_mut().zip(&record) {
            column.cells.push(Cell::of_text(field));
        }
    }
    Ok(Table { columns })
}

fn repeated(columns: &[Column]) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    columns.iter().map(|column| column.name.as_str()).find(|name| !seen.insert(*name))
}

/// These columns as CSV with a line of names.
///
/// # Errors
///
/// `internal`: writing to memory does not fail.
pub fn written(columns: &[&Column]) -> Result<String, ToolError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| &column.name)).map_err(ToolError::internal)?;
    let rows = columns.first().map_or(0, |column| column.cells.len());
    for row in 0..rows {
        let cells = columns.iter().map(|column| column.cells.get(row).map(Cell::label).unwrap_or_default());
        writer.write_record(cells).map_err(ToolError::internal)?;
    }
    String::from_utf8(writer.into_inner().map_err(ToolError::internal)?).map_err(ToolError::internal)
}
