//! Rows and columns as JSON.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Cell, Column, MAX_ROWS, Table, check_columns, too_many_rows, unreadable};
use crate::error::ToolError;

pub(super) fn read(bytes: &[u8]) -> Result<Table, ToolError> {
    match serde_json::from_slice(bytes).map_err(|error| unreadable("JSON", error))? {
        Value::Object(columns) => from_columns(&columns),
        Value::Array(rows) => {
            let rows = rows.into_iter().enumerate().map(|(number, row)| match row {
                Value::Object(row) => Ok(row),
                _ => Err(ToolError::invalid_input(format!("row {} is no object", number + 1))),
            });
            from_rows(&rows.collect::<Result<Vec<_>, _>>()?)
        }
        _ => Err(ToolError::invalid_input("JSON data must be a list of rows or an object of columns")),
    }
}

pub(super) fn from_rows(rows: &[Map<String, Value>]) -> Result<Table, ToolError> {
    if rows.len() > MAX_ROWS {
        return Err(too_many_rows());
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for (number, row) in rows.iter().enumerate() {
        for (name, value) in row {
            let at = *by_name.entry(name).or_insert_with(|| {
                columns.push(Column { name: name.clone(), cells: Vec::new() });
                columns.len() - 1
            });
            check_columns(columns.len())?;
            // Rows before this one had no such column.
            let cells = &mut columns[at].cells;
            cells.resize(number, Cell::Empty);
            cells.push(cell(value, name, number)?);
        }
    }
    for column in &mut columns {
        column.cells.resize(rows.len(), Cell::Empty);
    }
    Ok(Table { columns })
}

pub(super) fn from_columns(given: &Map<String, Value>) -> Result<Table, ToolError> {
    check_columns(given.len())?;
    let mut columns: Vec<Column> = Vec::with_capacity(given.len());
    for (name, values) in given {
        let Value::Array(values) = values else {
            return Err(ToolError::invalid_input(format!("column `{name}` is no list")));
        };
        if values.len() > MAX_ROWS {
            return Err(too_many_rows());
        }
        if let Some(first) = columns.first()
            && first.cells.len() != values.len()
        {
            return Err(ToolError::invalid_input(format!(
                "columns must have equal lengths: `{}` has {}, `{name}` has {}",
                first.name,
                first.cells.len(),
                values.len()
            )));
        }
        let cells = values.iter().enumerate().map(|(number, value)| cell(value, name, number));
        columns.push(Column { name: name.clone(), cells: cells.collect::<Result<_, _>>()? });
    }
    Ok(Table { columns })
}

fn cell(value: &Value, column: &str, row: usize) -> Result<Cell, ToolError> {
    Ok(match value {
        Value::Null => Cell::Empty,
        Value::Bool(is) => Cell::Text(is.to_string()),
        Value::Number(number) => number.as_f64().map_or(Cell::Empty, Cell::of_number),
        Value::String(text) => Cell::of_text(text),
        Value::Array(_) | Value::Object(_) => {
            let message = format!("column `{column}` holds a list or an object in row {}", row + 1);
            return Err(ToolError::invalid_input(message).with_hint("give texts and numbers only"));
        }
    })
}
