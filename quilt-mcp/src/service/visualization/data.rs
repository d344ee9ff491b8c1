//! Data as a caller gives it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::Source;
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};
use crate::service::table::{Format, MAX_ROWS, Table};

/// The most bytes of text that are read as data.
pub const MAX_TEXT: usize = 2 * 1024 * 1024;

/// Data as a caller gives it: columns, rows, text, or where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Lists of equal length, by name.
    Columns(Map<String, Value>),
    /// Rows, each an object.
    Rows(Vec<Map<String, Value>>),
    /// CSV, TSV or JSON; or the URI of an object.
    Text(String),
}

impl Data {
    /// Whether it is at hand, or in S3.
    ///
    /// # Errors
    ///
    /// It is a URI, but not of an object; or it is too long.
    pub(super) fn located(self) -> Result<Source, ToolError> {
        let Self::Text(text) = &self else { return Ok(Source::Here(self)) };
        let trimmed = text.trim();
        let plain = trimmed.strip_prefix("quilt+").unwrap_or(trimmed);
        if plain.starts_with("s3://") {
            if plain.contains("#package=") {
                return Err(ToolError::invalid_input("`data` names a package, not an object")
                    .with_hint("browse the package, and give the physical key of one of its files"));
            }
            let uri: S3Uri = plain
                .parse()
                .map_err(|error| ToolError::invalid_input(format!("`data` is no S3 URI: {error}")))?;
            return Ok(Source::Object(uri));
        }
        if trimmed.contains("://") && !trimmed.contains(['\n', ',', '\t']) {
            return Err(ToolError::invalid_input("`data` is a URL that is not read")
                .with_hint("give the data itself, or the `s3://` URI of an object"));
        }
        if text.len() > MAX_TEXT {
            let message = format!("`data` has {} bytes; at most {MAX_TEXT} are read", text.len());
            return Err(ToolError::new(ErrorCode::LimitExceeded, message)
                .with_hint("write it to an object, and give its `s3://` URI"));
        }
        Ok(Source::Here(self))
    }

    /// The table, of data at hand.
    ///
    /// # Errors
    ///
    /// It is none, or too large.
    pub(super) fn table(&self) -> Result<Table, ToolError> {
        match self {
            Self::Columns(columns) => Table::from_columns(columns),
            Self::Rows(rows) => Table::from_rows(rows),
            Self::Text(text) => Table::read(text.as_bytes(), Format::of_text(text)),
        }
    }
}

/// By hand, because a derived `untagged` says of a wrong value only that it fits nowhere.
impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Object(columns) => Ok(Self::Columns(columns)),
            Value::Array(rows) => {
                let rows = rows.into_iter().enumerate().map(|(number, row)| match row {
                    Value::Object(row) => Ok(row),
                    _ => Err(de::Error::custom(format!("row {} is no object", number + 1))),
                });
                rows.collect::<Result<_, _>>().map(Self::Rows)
            }
            _ => Err(de::Error::custom("give columns, rows, text or an `s3://` URI")),
        }
    }
}

impl JsonSchema for Data {
    fn schema_name() -> Cow<'static, str> {
        "Data".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Text, a number, true, false or null; as a list of types it would be a union with null, which clients warn about.
        let cell = json_schema!({ "not": { "anyOf": [{ "type": "object" }, { "type": "array" }] } });
        json_schema!({
            "anyOf": [
                {
                    "description": "Columns: lists of equal length, by name",
                    "type": "object",
                    "additionalProperties": { "type": "array", "items": cell, "maxItems": MAX_ROWS },
                },
                {
                    "description": "Rows, each an object",
                    "type": "array",
                    "items": { "type": "object", "additionalProperties": cell },
                    "maxItems": MAX_ROWS,
                },
                {
                    "description": "CSV, TSV or JSON text with a line of names; or the `s3://` URI of an object whose \
                        key ends in .csv, .tsv, .json or .parquet, of at most 10 MiB",
                    "type": "string",
                    "maxLength": MAX_TEXT,
                },
            ],
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(text: &str) -> Result<String, ToolError> {
        Data::Text(text.into()).located().map(|source| match source {
            Source::Object(uri) => uri.to_string(),
            Source::Here(_) => "here".into(),
        })
    }

    #[test]
    fn text_is_data_or_names_an_object() {
        assert_eq!(object("s3://abc/x.csv").ok().as_deref(), Some("s3://abc/x.csv"));
        assert_eq!(
            object(" quilt+s3://abc/x.csv?versionId=1\n").ok().as_deref(),
            Some("s3://abc/x.csv?versionId=1")
        );
        assert_eq!(object("a,b\n1,s3://abc/x").ok().as_deref(), Some("here"));
        for refused in
            ["s3://abc", "quilt+s3://abc#package=a/b&path=x.csv", "https://host/x.csv", "file:///etc/passwd"]
        {
            assert_eq!(object(refused).map_err(|e| e.code()), Err(ErrorCode::InvalidInput), "{refused}");
        }
        let long = "x".repeat(MAX_TEXT + 1);
        assert_eq!(object(&long).map_err(|e| e.code()), Err(ErrorCode::LimitExceeded));
    }

    #[test]
    fn a_wrong_value_is_answered_with_what_would_be_right() {
        for (value, said) in [(json!(3), "give columns"), (json!([{}, 3]), "row 2 is no object")] {
            let error = serde_json::from_value::<Data>(value).expect_err("refused").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
