//! A result, written down.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use super::Rows;

mod parquet;

pub use parquet::to_parquet;

/// What a value of a column is, for formats that know more than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Boolean,
    Int32,
    Int64,
    Float,
    Double,
    /// All else: texts, but also decimals, which are exact, dates, and what consists of parts.
    Text,
}

impl Kind {
    fn of(athena: &str) -> Self {
        match athena.to_ascii_lowercase().as_str() {
            "boolean" => Self::Boolean,
            "tinyint" | "smallint" | "int" | "integer" => Self::Int32,
            "bigint" => Self::Int64,
            "real" | "float" => Self::Float,
            "double" => Self::Double,
            _ => Self::Text,
        }
    }
}

/// Each row as an object. Whole numbers, floating-point numbers and truth values are that; what JSON has no form for, such as
/// `NaN` and decimals, is text.
pub fn json_rows(rows: &Rows) -> Vec<Map<String, Value>> {
    let kinds: Vec<Kind> = rows.columns.iter().map(|column| Kind::of(&column.kind)).collect();
    let object = |row: &Vec<Option<String>>| {
        let cells = rows.columns.iter().zip(&kinds).zip(row);
        cells.map(|((column, kind), cell)| (column.name.clone(), json(*kind, cell.as_deref()))).collect()
    };
    rows.rows.iter().map(object).collect()
}

fn json(kind: Kind, cell: Option<&str>) -> Value {
    let Some(text) = cell else { return Value::Null };
    let typed = match kind {
        Kind::Boolean => text.parse().ok().map(Value::Bool),
        Kind::Int32 | Kind::Int64 => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Kind::Text => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

/// Comma-separated values as Athena itself writes them: every value in quotes, a null as nothing.
pub fn to_csv(rows: &Rows) -> String {
    let mut csv = String::new();
    let names = rows.columns.iter().map(|column| Some(column.name.as_str()));
    csv_line(&mut csv, names);
    for row in &rows.rows {
        csv_line(&mut csv, row.iter().map(Option::as_deref));
    }
    csv
}

fn csv_line<'a>(csv: &mut String, cells: impl Iterator<Item = Option<&'a str>>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            csv.push(',');
        }
        if let Some(text) = cell {
            let _ = write!(csv, "\"{}\"", text.replace('"', "\"\""));
        }
    }
    csv.push('\n');
}

/// The widest column of a table for people, in characters.
const MAX_WIDTH: usize = 60;

/// A table for people to read. A null is `NULL`; long texts are cut, and line ends are blanks.
pub fn as_text_table(rows: &Rows) -> String {
    let shown = |text: &str| {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if text.chars().count() <= MAX_WIDTH {
            return text;
        }
        let mut cut: String = text.chars().take(MAX_WIDTH - 1).collect();
        cut.push('…');
        cut
    };
    let mut lines: Vec<Vec<String>> = vec![rows.columns.iter().map(|column| shown(&column.name)).collect()];
    lines.extend(rows.rows.iter().map(|row| {
        row.iter().map(|cell| cell.as_deref().map_or_else(|| "NULL".to_owned(), shown)).collect()
    }));
    let mut widths = vec![0; rows.columns.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, rule);
    let mut table = String::new();
    for line in &lines {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(table, "{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::athena::ResultColumn;

    pub(super) fn rows(columns: &[(&str, &str)], rows: &[&[Option<&str>]]) -> Rows {
        let column =
            |(name, kind): &(&str, &str)| ResultColumn { name: (*name).into(), kind: (*kind).into() };
        let row = |row: &&[Option<&str>]| row.iter().map(|cell| cell.map(ToOwned::to_owned)).collect();
        Rows {
            columns: columns.iter().map(column).collect(),
            rows: rows.iter().map(row).collect(),
            cut_by: None,
            next: None,
        }
    }

    fn sample() -> Rows {
        rows(
            &[
                ("id", "bigint"),
                ("name", "varchar"),
                ("x", "double"),
                ("d", "decimal(10,2)"),
                ("ok", "boolean"),
            ],
            &[
                &[Some("9007199254740993"), Some(""), Some("1.5"), Some("0.10"), Some("true")],
                &[None, None, Some("NaN"), None, None],
            ],
        )
    }

    #[test]
    fn json_keeps_types_and_tells_nulls_from_empty_texts() {
        let expected = serde_json::json!([
            {"id": 9_007_199_254_740_993_i64, "name": "", "x": 1.5, "d": "0.10", "ok": true},
            {"id": null, "name": null, "x": "NaN", "d": null, "ok": null},
        ]);
        assert_eq!(
            Value::from(json_rows(&sample()).into_iter().map(Value::Object).collect::<Vec<_>>()),
            expected
        );
    }

    #[test]
    fn csv_tells_nulls_from_empty_texts() {
        let csv = to_csv(&rows(
            &[("a\"b", "varchar"), ("c", "varchar")],
            &[&[Some("x,\n\"y\""), None], &[Some(""), Some("z")]],
        ));
        assert_eq!(csv, "\"a\"\"b\",\"c\"\n\"x,\n\"\"y\"\"\",\n\"\",\"z\"\n");
    }

    #[test]
    fn a_table_for_people_is_aligned_and_narrow() {
        let long = "x".repeat(100);
        let table = as_text_table(&rows(
            &[("a", "varchar"), ("bb", "int")],
            &[&[Some(&long), None], &[Some("y\nz"), Some("1")]],
        ));
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[2].ends_with("…  NULL"), "{table}");
        assert!(lines[3].starts_with("y z ") && lines[3].ends_with("  1"), "{table}");
    }
}
