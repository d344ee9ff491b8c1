//! A result as Apache Parquet.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::Kind;
use crate::error::ToolError;
use crate::service::athena::Rows;

/// The result as a Parquet file, packed with Snappy. Every column may have nulls; what has no type of Parquet's here, such as
/// decimals and dates, is text.
///
/// # Errors
///
/// `internal`: Parquet cannot hold it.
pub fn to_parquet(rows: &Rows) -> std::result::Result<Vec<u8>, ToolError> {
    write(rows).map_err(ToolError::internal)
}

/// A column's values without its nulls, which have level 0 of 1.
struct Column<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

enum Values {
    Boolean(Column<bool>),
    Int32(Column<i32>),
    Int64(Column<i64>),
    Float(Column<f32>),
    Double(Column<f64>),
    Text(Column<ByteArray>),
}

fn write(rows: &Rows) -> Result<Vec<u8>> {
    let values: Vec<Values> = (0..rows.columns.len()).map(|at| values(rows, at)).collect();
    let fields = rows.columns.iter().zip(&values).map(|(column, values)| {
        let (physical, logical) = match values {
            Values::Boolean(_) => (Physical::BOOLEAN, None),
            Values::Int32(_) => (Physical::INT32, None),
            Values::Int64(_) => (Physical::INT64, None),
            Values::Float(_) => (Physical::FLOAT, None),
            Values::Double(_) => (Physical::DOUBLE, None),
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(&column.name, physical);
        field.with_repetition(Repetition::OPTIONAL).with_logical_type(logical).build().map(Arc::new)
    });
    let schema = Type::group_type_builder("result").with_fields(fields.collect::<Result<_>>()?).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for values in &values {
        match values {
            Values::Boolean(column) => put::<BoolType>(&mut group, column)?,
            Values::Int32(column) => put::<Int32Type>(&mut group, column)?,
            Values::Int64(column) => put::<Int64Type>(&mut group, column)?,
            Values::Float(column) => put::<FloatType>(&mut group, column)?,
            Values::Double(column) => put::<DoubleType>(&mut group, column)?,
            Values::Text(column) => put::<ByteArrayType>(&mut group, column)?,
        }
    }
    group.close()?;
    writer.into_inner()
}

fn put<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>, column: &Column<T::T>) -> Result<()> {
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    writer.typed::<T>().write_batch(&column.values, Some(&column.levels), None)?;
    writer.close()
}

/// The values of a column by its type; as texts if one of them is not what the type says.
fn values(rows: &Rows, at: usize) -> Values {
    let cells = || rows.rows.iter().map(|row| row.get(at).and_then(Option::as_deref));
    let typed = match Kind::of(&rows.columns[at].kind) {
        Kind::Boolean => column(cells(), |text| text.parse().ok()).map(Values::Boolean),
        Kind::Int32 => column(cells(), |text| text.parse().ok()).map(Values::Int32),
        Kind::Int64 => column(cells(), |text| text.parse().ok()).map(Values::Int64),
        Kind::Float => column(cells(), |text| text.parse().ok()).map(Values::Float),
        Kind::Double => column(cells(), |text| text.parse().ok()).map(Values::Double),
        Kind::Text => None,
    };
    typed.unwrap_or_else(|| {
        let texts = column(cells(), |text| Some(ByteArray::from(text)));
        Values::Text(texts.expect("every text is one"))
    })
}

fn column<'a, T>(
    cells: impl Iterator<Item = Option<&'a str>>,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Column<T>> {
    let mut column = Column { values: Vec::new(), levels: Vec::new() };
    for cell in cells {
        column.levels.push(i16::from(cell.is_some()));
        if let Some(text) = cell {
            column.values.push(parse(text)?);
        }
    }
    Some(column)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::super::tests::rows;
    use super::*;

    #[test]
    fn what_is_written_is_read_again_with_its_types() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let result = rows(
            &[("id", "bigint"), ("ok", "boolean"), ("x", "double"), ("name", "varchar"), ("odd", "integer")],
            &[
                &[Some("9007199254740993"), Some("true"), Some("1.5"), Some(""), Some("1")],
                &[None, None, None, None, Some("many")],
            ],
        );
        let reader = SerializedFileReader::new(Bytes::from(to_parquet(&result)?))?;
        let read: Vec<Vec<Field>> = reader
            .get_row_iter(None)?
            .map(|row| row.map(|row| row.get_column_iter().map(|(_, field)| field.clone()).collect()))
            .collect::<Result<_>>()?;
        let text = |text: &str| Field::Str(text.to_owned());
        assert_eq!(
            read,
            [
                vec![
                    Field::Long(9_007_199_254_740_993),
                    Field::Bool(true),
                    Field::Double(1.5),
                    text(""),
                    text("1")
                ],
                vec![Field::Null, Field::Null, Field::Null, Field::Null, text("many")],
            ]
        );
        Ok(())
    }

    #[test]
    fn a_result_without_rows_is_a_file_too() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let reader = SerializedFileReader::new(Bytes::from(to_parquet(&rows(&[("a", "int")], &[]))?))?;
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
        Ok(())
    }
}
