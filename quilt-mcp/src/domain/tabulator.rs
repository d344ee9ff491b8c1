//! How the tabulator makes a table of files in packages: the configuration that a registry keeps as YAML.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use fancy_regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The most columns of a table.
const MAX_COLUMNS: usize = 1000;
/// The longest pattern, in characters.
const MAX_PATTERN: usize = 1024;
/// The longest name of a column, in characters.
const MAX_COLUMN: usize = 128;

/// A table's configuration, as the tabulator reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableConfig {
    /// The columns.
    pub schema: Vec<Column>,
    /// Which files of which packages.
    pub source: Source,
    /// How they are read.
    pub parser: Parser,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Lower-case letters, digits and `_`, not beginning with a digit.
    pub name: ColumnName,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// The name of a column: `^[a-z_][a-z0-9_]*$`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ColumnName(String);

/// Not the name of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidColumnName;

impl fmt::Display for InvalidColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the name of a column is 1 to {MAX_COLUMN} lower-case letters, digits and `_`, and does not begin with a digit"
        )
    }
}

impl TryFrom<String> for ColumnName {
    type Error = InvalidColumnName;

    fn try_from(name: String) -> Result<Self, InvalidColumnName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let good = (1..=MAX_COLUMN).contains(&name.len())
            && name.bytes().all(plain)
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if good { Ok(Self(name)) } else { Err(InvalidColumnName) }
    }
}

impl JsonSchema for ColumnName {
    fn schema_name() -> Cow<'static, str> {
        "ColumnName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z_][a-z0-9_]*$", "maxLength": MAX_COLUMN })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// The types that the tabulator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
#[expect(missing_docs, reason = "they are Athena's, by their names")]
pub enum ColumnType {
    Boolean,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    Double,
    String,
    Binary,
    Date,
    Timestamp,
}

/// Which files of which packages make up the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Always `quilt-packages`.
    #[serde(rename = "type")]
    pub kind: SourceType,
    /// Packages whose names match this. Named groups become columns.
    pub package_name: String,
    /// Files in them whose logical keys match this. Named groups become columns.
    pub logical_key: String,
}

/// The only kind of source there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SourceType {
    /// Packages of the bucket.
    #[serde(rename = "quilt-packages")]
    QuiltPackages,
}

/// How files are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parser {
    /// What they are.
    pub format: Format,
    /// What is between two values of a line, in CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether the first line has the names of the columns, in CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
}

/// What files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Format {
    /// Lines of values with a delimiter.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// What is wrong with a configuration, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTable(pub Vec<String>);

impl fmt::Display for InvalidTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl TableConfig {
    /// Reads what a registry keeps.
    ///
    /// # Errors
    ///
    /// It is not YAML of this shape.
    pub fn from_yaml(yaml: &str) -> Result<Self, InvalidTable> {
        serde_saphyr::from_str(yaml).map_err(|error| {
            let text = error.to_string();
            InvalidTable(vec![text.lines().next().unwrap_or("not YAML").to_owned()])
        })
    }

    /// For a registry to keep: JSON, which is YAML as well, laid out for people.
    pub fn to_yaml(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts, numbers and lists have a JSON form")
    }

    /// Holds it to what the tabulator will hold it to.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<(), InvalidTable> {
        let mut problems = Vec::new();
        if !(1..=MAX_COLUMNS).contains(&self.schema.len()) {
            problems
                .push(format!("`schema` must have 1 to {MAX_COLUMNS} columns, not {}", self.schema.len()));
        }
        let mut names = BTreeSet::new();
        for column in &self.schema {
            if !names.insert(column.name.0.as_str()) {
                problems.push(format!("`schema` has two columns `{}`", column.name.0));
            }
        }
        let patterns = [
            ("package_pattern", &self.source.package_name),
            ("logical_key_pattern", &self.source.logical_key),
        ];
        let mut groups = BTreeSet::new();
        for (parameter, pattern) in patterns {
            match compiled(pattern) {
                Err(why) => problems.push(format!("`{parameter}` {why}")),
                Ok(regex) => {
                    for group in regex.capture_names().flatten() {
                        if names.contains(group) || !groups.insert(group.to_owned()) {
                            problems.push(format!(
                                "`{parameter}`: the group `{group}` names a column that is there already"
                            ));
                        }
                    }
                }
            }
        }
        let Parser { format, delimiter, header } = self.parser;
        if format == Format::Parquet && (delimiter.is_some() || header == Some(true)) {
            problems.push("Parquet has neither a delimiter nor a header line".to_owned());
        }
        if delimiter.is_some_and(|delimiter| !delimiter.is_ascii() || "\r\n\"".contains(delimiter)) {
            problems
                .push("`parser_delimiter` must be one ASCII character, and no quote or line end".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(InvalidTable(problems)) }
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() || pattern.chars().count() > MAX_PATTERN {
        return Err(format!("must have 1 to {MAX_PATTERN} characters"));
    }
    Regex::new(pattern).map_err(|error| format!("is no regular expression: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Quilt's documentation has it.
    const PUBLISHED: &str = r#"
schema:
  - name: name
    type: STRING
  - name: length
    type: INT
source:
  type: quilt-packages
  package_name: "^ccle/(?<date>[^_]+)_(?<study_id>[^_]+)_nfcore_rnaseq$"
  logical_key: "salmon/(?<sample_id>[^/]+)/quant*\\.genes\\.sf$"
parser:
  format: csv
  delimiter: "\t"
  header: true
"#;

    fn good() -> TableConfig {
        TableConfig::from_yaml(PUBLISHED).expect("YAML")
    }

    fn changed(change: impl FnOnce(&mut TableConfig)) -> Vec<String> {
        let mut config = good();
        change(&mut config);
        config.check().expect_err("refused").0
    }

    fn column(name: &str) -> Column {
        Column { name: ColumnName::try_from(name.to_owned()).expect(name), kind: ColumnType::TinyInt }
    }

    #[test]
    fn what_is_published_is_read_and_what_is_written_is_read_again() {
        let config = good();
        config.check().expect("good");
        assert_eq!((config.schema.len(), config.parser.delimiter), (2, Some('\t')));
        assert_eq!(TableConfig::from_yaml(&config.to_yaml()), Ok(config));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let problems = changed(|config| {
            config.schema = vec![column("a"), column("a")];
            config.source.package_name = "(".into();
            config.source.logical_key = "(?<a>x)".into();
            config.parser.delimiter = Some('"');
        });
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert_eq!(changed(|config| config.schema.clear()).len(), 1);
        assert_eq!(changed(|config| config.source.logical_key = "(?<date>.)".into()).len(), 1);
        assert_eq!(changed(|config| config.parser.format = Format::Parquet).len(), 1);
        assert_eq!(changed(|config| config.source.logical_key = "x".repeat(MAX_PATTERN + 1)).len(), 1);
    }

    #[test]
    fn columns_are_named_as_the_tabulator_names_them() {
        for bad in ["", "A", "1a", "a-b", "a b", "ä"] {
            assert!(ColumnName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(
            serde_json::to_string(&column("_a1")).expect("JSON"),
            r#"{"name":"_a1","type":"TINYINT"}"#
        );
    }

    #[test]
    fn what_is_no_configuration_is_said_to_be_none() {
        for yaml in ["", "[]", "schema: 7", "schema: [{name: a, type: TEXT}]"] {
            assert!(TableConfig::from_yaml(yaml).is_err(), "{yaml}");
        }
    }
}
