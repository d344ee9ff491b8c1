//! What tables there are.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::tabulator::TableConfig;
use crate::error::ToolError;
use crate::service::tabulator::{StoredTable, TabulatorService};
use crate::tools::admin::OpenQuery;

/// The tables of a bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// The tables, as the registry orders them.
    pub tables: Vec<Table>,
    /// How many there are.
    pub count: usize,
}

/// One table.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneTable {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket_name: BucketName,
    /// The table.
    pub table: Table,
}

/// A table, as the registry keeps it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its configuration: YAML.
    pub config_yaml: String,
    /// The same, read. Absent if it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<TableConfig>,
    /// How many columns its schema has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column_count: Option<usize>,
    /// Why the configuration cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_error: Option<String>,
}

impl From<StoredTable> for Table {
    fn from(table: StoredTable) -> Self {
        let (config, config_error) = match TableConfig::from_yaml(&table.yaml) {
            Ok(config) => (Some(config), None),
            Err(why) => (None, Some(why.to_string())),
        };
        let column_count = config.as_ref().map(|config| config.schema.len());
        Self { name: table.name, config_yaml: table.yaml, config, column_count, config_error }
    }
}

/// List the tabulator tables of a bucket.
///
/// Returns their names, columns, and which files of which packages they are made of. Use it before querying one.
#[scoped_tool(read_only, idempotent, open_world, title = "List tabulator tables")]
pub async fn tabulator_tables_list(
    tabulator: &TabulatorService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket: BucketName,
) -> Result<TableList, ToolError> {
    let tables: Vec<Table> = tabulator.tables(&bucket).await?.into_iter().map(Into::into).collect();
    Ok(TableList { success: true, bucket_name: bucket, count: tables.len(), tables })
}

/// Show one tabulator table.
///
/// Returns its columns, and which files of which packages it is made of.
#[scoped_tool(read_only, idempotent, open_world, title = "Show a tabulator table")]
pub async fn tabulator_table_get(
    tabulator: &TabulatorService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket_name: BucketName,
    /// The table's name.
    table_name: String,
) -> Result<OneTable, ToolError> {
    let table = tabulator.table(&bucket_name, &table_name).await?.into();
    Ok(OneTable { success: true, bucket_name, table })
}

/// Show whether whoever may use Athena may query all tabulator tables.
///
/// Returns yes or no, as admin_tabulator_open_query_get does. For administrators of the registry.
#[scoped_tool(read_only, idempotent, open_world, title = "Open queries: status")]
pub async fn tabulator_open_query_status(tabulator: &TabulatorService<'_>) -> Result<OpenQuery, ToolError> {
    Ok(OpenQuery::of(tabulator.open_query().await?))
}
