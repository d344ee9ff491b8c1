//! Apache Parquet, uncompressed or with Snappy: what pandas, Spark and DuckDB write if they are not told otherwise.
//!
//! Other codecs are left out on purpose: they can blow a few kilobytes up to gigabytes, which Snappy cannot.

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

mod pages;

use super::{Cell, Column, MAX_ROWS, Table, check_columns, too_many_rows, unreadable};
use crate::error::{ErrorCode, ToolError};

/// The most bytes a file may unpack to.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;

/// How many times longer than packed a page can be that Snappy packed: three bytes stand for 64 at most.
const MAX_RATIO: u64 = 32;

pub(super) fn read(bytes: &[u8]) -> Result<Table, ToolError> {
    let bytes = Bytes::copy_from_slice(bytes);
    // The reader trusts a file's own numbers in places, and panics on some that are wrong.
    std::panic::catch_unwind(move || read_trusting(&bytes))
        .unwrap_or_else(|_| Err(unreadable("Parquet", "the file is damaged")))
}

fn read_trusting(bytes: &Bytes) -> Result<Table, ToolError> {
    let reader = SerializedFileReader::new(bytes.clone()).map_err(|error| unreadable("Parquet", error))?;
    check(bytes, reader.metadata())?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let mut columns: Vec<Column> = schema
        .root_schema()
        .get_fields()
        .iter()
        .map(|field| Column { name: field.name().to_owned(), cells: Vec::new() })
        .collect();
    let rows = reader.get_row_iter(None).map_err(|error| unreadable("Parquet", error))?;
    for (number, row) in rows.enumerate() {
        if number == MAX_ROWS {
            return Err(too_many_rows());
        }
        let row = row.map_err(|error| unreadable("Parquet", error))?;
        for (column, (_, field)) in columns.iter_mut().zip(row.get_column_iter()) {
            column.cells.push(cell(field));
        }
    }
    Ok(Table { columns })
}

/// What would be too much is refused before anything is unpacked.
fn check(bytes: &[u8], metadata: &ParquetMetaData) -> Result<(), ToolError> {
    let about = metadata.file_metadata();
    if about.num_rows() > MAX_ROWS as i64 {
        return Err(too_many_rows());
    }
    check_columns(about.schema_descr().num_columns())?;
    let mut unpacked = 0_u64;
    for chunk in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        if !matches!(chunk.compression(), Compression::UNCOMPRESSED | Compression::SNAPPY) {
            let message = format!("the Parquet file is compressed with {}", chunk.compression());
            return Err(ToolError::new(ErrorCode::Unsupported, message)
                .with_hint("write it with Snappy, or without compression"));
        }
        let damaged = || unreadable("Parquet", "the file is damaged");
        for page in pages::sizes(pages_of(bytes, chunk).ok_or_else(damaged)?) {
            let page = page.ok_or_else(damaged)?;
            if page.unpacked / MAX_RATIO > page.packed {
                return Err(unreadable("Parquet", "a page claims to be longer than it can be"));
            }
            unpacked = unpacked.saturating_add(page.unpacked);
        }
    }
    if unpacked > MAX_UNPACKED {
        let message =
            format!("the Parquet file unpacks to {unpacked} bytes; at most {MAX_UNPACKED} are read");
        return Err(ToolError::new(ErrorCode::LimitExceeded, message));
    }
    Ok(())
}

fn pages_of<'a>(bytes: &'a [u8], chunk: &ColumnChunkMetaData) -> Option<&'a [u8]> {
    let (start, length) = chunk.byte_range();
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(start..end)
}

fn cell(field: &Field) -> Cell {
    match field {
        Field::Null => Cell::Empty,
        Field::Byte(n) => Cell::Number(f64::from(*n)),
        Field::Short(n) => Cell::Number(f64::from(*n)),
        Field::Int(n) => Cell::Number(f64::from(*n)),
        Field::Long(n) => Cell::Number(*n as f64),
        Field::UByte(n) => Cell::Number(f64::from(*n)),
        Field::UShort(n) => Cell::Number(f64::from(*n)),
        Field::UInt(n) => Cell::Number(f64::from(*n)),
        Field::ULong(n) => Cell::Number(*n as f64),
        Field::Float16(n) => Cell::of_number(f64::from(*n)),
        Field::Float(n) => Cell::of_number(f64::from(*n)),
        Field::Double(n) => Cell::of_number(*n),
        Field::Str(text) => Cell::of_text(text),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Cell::of_text(text),
            Err(_) => Cell::Text(format!("{} bytes", bytes.data().len())),
        },
        // Decimals read as numbers, dates and times in their ISO form.
        other => Cell::of_text(&other.to_string()),
    }
}
