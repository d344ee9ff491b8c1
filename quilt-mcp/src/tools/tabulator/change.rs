//! Making, renaming and removing tables. For administrators of the registry.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::bucket::BucketName;
use crate::domain::tabulator::{Column, Format, InvalidTable, Parser, Source, SourceType, TableConfig};
use crate::error::ToolError;
use crate::service::tabulator::TabulatorService;
use crate::tools::admin::OpenQuery;

/// What files are. The tabulator knows TSV as CSV with tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum FileFormat {
    /// Values with commas between, or another delimiter.
    Csv,
    /// Values with tabs between.
    Tsv,
    /// Apache Parquet.
    Parquet,
}

/// A table that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedTable {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// The table.
    pub table_name: String,
    /// Its configuration.
    pub config: TableConfig,
    /// The same as the registry keeps it: YAML.
    pub config_yaml: String,
    /// What was done, in a sentence.
    pub message: String,
}

/// A table that is no more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeletedTable {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// The table.
    pub table_name: String,
    /// What was done, in a sentence.
    pub message: String,
}

/// A table with another name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RenamedTable {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// What it was called.
    pub old_table_name: String,
    /// What it is called now.
    pub new_table_name: String,
    /// What was done, in a sentence.
    pub message: String,
}

/// Make a tabulator table of files in the packages of a bucket.
///
/// Returns the configuration that the registry keeps. Columns, patterns and format are checked before anything is sent, and all
/// that is wrong is told at once. No data is copied: queries read the files. For administrators of the registry.
#[scoped_tool(destructive, open_world, title = "Create a tabulator table")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn tabulator_table_create(
    tabulator: &TabulatorService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket_name: BucketName,
    /// The new table's name.
    #[pattern(r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")]
    table_name: String,
    /// The columns, in the order in which CSV files have them.
    #[length(1..=1000)]
    schema: Vec<Column>,
    /// A regular expression for names of packages. Named groups, as in `(?<study>[^/]+)`, become columns.
    package_pattern: String,
    /// A regular expression for logical keys in them. Named groups become columns.
    logical_key_pattern: String,
    /// What the files are.
    #[default(FileFormat::Csv)]
    parser_format: FileFormat,
    /// What is between two values of a line in CSV. Left out: a comma.
    parser_delimiter: Option<char>,
    /// Whether the first line of a CSV or TSV file has the names of the columns.
    #[default(true)]
    parser_header: bool,
    /// Whether a table of that name is replaced.
    #[default(false)]
    overwrite: bool,
) -> Result<CreatedTable, ToolError> {
    let parser = match (parser_format, parser_delimiter) {
        (FileFormat::Csv, delimiter) => {
            Parser { format: Format::Csv, delimiter, header: Some(parser_header) }
        }
        (FileFormat::Tsv, None | Some('\t')) => {
            Parser { format: Format::Csv, delimiter: Some('\t'), header: Some(parser_header) }
        }
        (FileFormat::Tsv, Some(_)) => {
            return Err(ToolError::invalid_input("`parser_delimiter`: in TSV a tab is between two values")
                .with_hint("leave it out, or give `csv` as `parser_format`"));
        }
        // Parquet has its own names and no header line, whatever the default says.
        (FileFormat::Parquet, delimiter) => Parser { format: Format::Parquet, delimiter, header: None },
    };
    let source = Source {
        kind: SourceType::QuiltPackages,
        package_name: package_pattern,
        logical_key: logical_key_pattern,
    };
    let config = TableConfig { schema, source, parser };
    config.check().map_err(|InvalidTable(problems)| ToolError::invalid_input(problems.join("; ")))?;
    let config_yaml = tabulator.create(&bucket_name, &table_name, &config, overwrite).await?;
    let message = format!("{bucket_name} has the table {table_name}");
    Ok(CreatedTable { success: true, bucket_name, table_name, config, config_yaml, message })
}

/// Remove a tabulator table.
///
/// Returns which. The files that it was made of stay. For administrators of the registry.
#[scoped_tool(destructive, open_world, title = "Delete a tabulator table")]
pub async fn tabulator_table_delete(
    tabulator: &TabulatorService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket_name: BucketName,
    /// The table's name.
    table_name: String,
) -> Result<DeletedTable, ToolError> {
    tabulator.delete(&bucket_name, &table_name).await?;
    let message = format!("{bucket_name} no longer has the table {table_name}");
    Ok(DeletedTable { success: true, bucket_name, table_name, message })
}

/// Give a tabulator table another name.
///
/// Returns both names. Queries that name the old one fail from then on. For administrators of the registry.
#[scoped_tool(destructive, open_world, title = "Rename a tabulator table")]
pub async fn tabulator_table_rename(
    tabulator: &TabulatorService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket_name: BucketName,
    /// The table's name.
    table_name: String,
    /// Its name from now on.
    #[pattern(r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")]
    new_table_name: String,
) -> Result<RenamedTable, ToolError> {
    tabulator.rename(&bucket_name, &table_name, &new_table_name).await?;
    let message = format!("the table {table_name} of {bucket_name} is now {new_table_name}");
    Ok(RenamedTable { success: true, bucket_name, old_table_name: table_name, new_table_name, message })
}

/// Say whether whoever may use Athena may query all tabulator tables.
///
/// Returns what counts now, as admin_tabulator_open_query_set does. For administrators of the registry.
#[scoped_tool(destructive, idempotent, open_world, title = "Open queries: switch")]
pub async fn tabulator_open_query_toggle(
    tabulator: &TabulatorService<'_>,
    /// Whether it is to be so.
    enabled: bool,
) -> Result<OpenQuery, ToolError> {
    Ok(OpenQuery::of(tabulator.set_open_query(enabled).await?))
}
