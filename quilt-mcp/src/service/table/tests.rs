use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn cells(table: &Table, name: &str) -> Vec<Cell> {
    table.column(name).expect("a column").cells.clone()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

#[test]
fn csv_has_names_numbers_texts_and_gaps() -> Result<(), ToolError> {
    let table = Table::read(b"\xef\xbb\xbfgene,value\n\"a,b\",1.5\nc,NA\n,\n", Format::Csv)?;
    assert_eq!(cells(&table, "gene"), [text("a,b"), text("c"), Cell::Empty]);
    assert_eq!(cells(&table, "value"), [Cell::Number(1.5), Cell::Empty, Cell::Empty]);
    Ok(())
}

#[test]
fn formats_are_told_by_key_and_by_text() {
    assert_eq!(Format::of_key("a/b.c/Data.CSV"), Some(Format::Csv));
    assert_eq!(Format::of_key("x.parquet"), Some(Format::Parquet));
    assert_eq!(Format::of_key("x.xlsx"), None);
    assert_eq!(Format::of_text("a\tb\n1\t2"), Format::Tsv);
    assert_eq!(Format::of_text(" [{\"a\": 1}]"), Format::Json);
    assert_eq!(Format::of_text("a,b"), Format::Csv);
}

#[test]
fn rows_and_columns_of_json_are_the_same_table() -> Result<(), ToolError> {
    let rows = Table::read(br#"[{"a": 1, "b": "x"}, {"a": null, "b": true}]"#, Format::Json)?;
    let columns = Table::read(br#"{"a": [1, null], "b": ["x", true]}"#, Format::Json)?;
    assert_eq!(rows, columns);
    let ragged = Table::read(br#"[{"a": 1}, {"b": 2}]"#, Format::Json)?;
    assert_eq!(cells(&ragged, "a"), [Cell::Number(1.0), Cell::Empty]);
    assert_eq!(cells(&ragged, "b"), [Cell::Empty, Cell::Number(2.0)]);
    Ok(())
}

#[test]
fn what_cannot_be_read_is_refused_with_the_place() {
    for (bytes, format, said) in [
        (&b"a,b\n1,2\n3\n"[..], Format::Csv, "line: 3"),
        (b"a,a\n1,2\n", Format::Csv, "two columns are named `a`"),
        (b"a,b\n", Format::Csv, "no rows"),
        (b"", Format::Csv, "no rows"),
        (b"[]", Format::Json, "no rows"),
        (b"[1]", Format::Json, "row 1 is no object"),
        (b"3", Format::Json, "list of rows"),
        (br#"{"a": [1], "b": [1, 2]}"#, Format::Json, "equal lengths"),
        (br#"[{"a": [1]}]"#, Format::Json, "column `a` holds a list"),
        (b"{", Format::Json, "not JSON"),
        (b"PAR1 and more PAR1", Format::Parquet, "not Parquet"),
    ] {
        let error = Table::read(bytes, format).expect_err("refused");
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
        assert!(error.message().contains(said), "{error}");
    }
}

#[test]
fn too_much_is_refused() {
    let mut long = String::from("a\n");
    long.extend(std::iter::repeat_n("1\n", MAX_ROWS + 1));
    let wide = vec!["c"; MAX_COLUMNS + 1].join(",");
    let columns: Map<String, Value> =
        (0..=MAX_COLUMNS).map(|number| (format!("c{number}"), json!([1]))).collect();
    for error in [
        Table::read(long.as_bytes(), Format::Csv).expect_err("too long"),
        Table::read(wide.as_bytes(), Format::Csv).expect_err("too wide"),
        Table::from_columns(&columns).expect_err("too wide"),
    ] {
        assert_eq!(error.code(), ErrorCode::LimitExceeded, "{error}");
    }
    assert!(Table::read(&long.as_bytes()[..long.len() - 2], Format::Csv).is_ok());
}

#[test]
fn a_missing_column_is_answered_with_those_there_are() {
    let table = Table::read(b"one,two\n1,2\n", Format::Csv).expect("a table");
    let error = table.column("three").expect_err("no such column");
    assert_eq!(error.hint(), Some("the columns are `one`, `two`"));
}

fn parquet_file(compression: Compression) -> Vec<u8> {
    let schema = "message t { required double size; required binary name (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, schema, properties).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("no fault").expect("sizes");
    column.typed::<DoubleType>().write_batch(&[1.5, f64::NAN], None, None).expect("written");
    column.close().expect("closed");
    let mut column = group.next_column().expect("no fault").expect("names");
    let names = [ByteArray::from("x"), ByteArray::from("y")];
    column.typed::<ByteArrayType>().write_batch(&names, None, None).expect("written");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
    file
}

#[test]
fn parquet_is_read() -> Result<(), ToolError> {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let table = Table::read(&parquet_file(compression), Format::Parquet)?;
        assert_eq!(cells(&table, "size"), [Cell::Number(1.5), Cell::Empty]);
        assert_eq!(cells(&table, "name"), [text("x"), text("y")]);
    }
    Ok(())
}

#[test]
fn a_page_that_claims_gigabytes_is_refused_before_room_is_made() {
    let mut file = parquet_file(Compression::SNAPPY);
    // The first page's header: type 2 (dictionary), then its unpacked size.
    assert_eq!(&file[4..7], [0x15, 0x04, 0x15]);
    let honest = file[7];
    assert!(honest < 0x80, "one byte, so that another fits in its place");
    // 2 GiB less one byte, in five: the column chunk no longer ends where it should, but the header is read first.
    file.splice(7..8, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    let error = Table::read(&file, Format::Parquet).expect_err("refused");
    assert!(error.message().contains("longer than it can be"), "{error}");
}

proptest! {
    #[test]
    fn a_damaged_parquet_file_is_refused_and_nothing_more(at in 4_usize..200, byte in any::<u8>()) {
        let mut file = parquet_file(Compression::SNAPPY);
        let at = at % file.len();
        file[at] = byte;
        let _ = Table::read(&file, Format::Parquet);
    }

    #[test]
    fn what_is_written_as_csv_is_read_again(values in proptest::collection::vec("[a-z,\"\n]{1,8}x", 1..20)) {
        let column = Column { name: "v".into(), cells: values.iter().map(|v| Cell::of_text(v)).collect() };
        let written = to_csv(&[&column]).expect("written");
        let again = Table::read(written.as_bytes(), Format::Csv).expect("read");
        prop_assert_eq!(&again.column("v").expect("there").cells, &column.cells);
    }
}
