//! What there is to ask about, and where queries can run.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::moment;
use crate::domain::athena::{DataCatalogName, DatabaseName, TableName, TablePattern};
use crate::error::ToolError;
use crate::service::athena::{AthenaService, Column};

/// Databases of a data catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatabaseList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The data catalog.
    pub data_catalog_name: DataCatalogName,
    /// The databases.
    pub databases: Vec<DatabaseEntry>,
    /// How many this answer has.
    pub count: usize,
    /// Give it as `next_token` to get more. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A database.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatabaseEntry {
    /// Its name.
    pub name: String,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What else the catalog knows of it.
    pub parameters: BTreeMap<String, String>,
}

/// List the databases that Athena can query.
///
/// Returns their names and descriptions. Use it to find a `database` for athena_tables_list and queries.
#[scoped_tool(read_only, idempotent, open_world, title = "List Athena databases")]
pub async fn athena_databases_list(
    athena: &AthenaService<'_>,
    /// The data catalog.
    #[default(DataCatalogName::of_aws())]
    data_catalog_name: DataCatalogName,
    /// The most databases to return.
    #[default(200)]
    #[range(1..=1000)]
    max_results: u32,
    /// `next_token` of the answer before; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<DatabaseList, ToolError> {
    let page = athena.databases(&data_catalog_name, max_results as usize, given(next_token)).await?;
    let databases: Vec<DatabaseEntry> = page
        .items
        .into_iter()
        .map(|database| DatabaseEntry {
            name: database.name,
            description: database.description,
            parameters: database.parameters,
        })
        .collect();
    let count = databases.len();
    Ok(DatabaseList { success: true, data_catalog_name, databases, count, next_token: page.next })
}

/// Tables of a database.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The data catalog.
    pub data_catalog_name: DataCatalogName,
    /// The database.
    pub database_name: DatabaseName,
    /// The tables and views.
    pub tables: Vec<TableEntry>,
    /// How many this answer has.
    pub count: usize,
    /// Give it as `next_token` to get more. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A table or view.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableEntry {
    /// Its name.
    pub name: String,
    /// The database it is in.
    pub database_name: DatabaseName,
    /// `EXTERNAL_TABLE`, `VIRTUAL_VIEW` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_type: Option<String>,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The S3 location of its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// When it was defined, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<String>,
    /// How many columns it has, those by which it is partitioned included.
    pub column_count: usize,
    /// The names of the columns by which it is partitioned: restrict them in WHERE to read less.
    pub partition_keys: Vec<String>,
}

/// List the tables and views of a database at Athena.
///
/// Returns names, types, locations and partition columns. Use athena_table_schema for all columns of one.
#[scoped_tool(read_only, idempotent, open_world, title = "List Athena tables")]
pub async fn athena_tables_list(
    athena: &AthenaService<'_>,
    /// The database.
    database: DatabaseName,
    /// The data catalog.
    #[default(DataCatalogName::of_aws())]
    data_catalog_name: DataCatalogName,
    /// Only tables of such names: `*` stands for any characters, `|` between alternatives.
    table_pattern: Option<TablePattern>,
    /// The most tables to return.
    #[default(200)]
    #[range(1..=1000)]
    max_results: u32,
    /// `next_token` of the answer before; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<TableList, ToolError> {
    let (most, after) = (max_results as usize, given(next_token));
    let page = athena.tables(&data_catalog_name, &database, table_pattern.as_ref(), most, after).await?;
    let tables: Vec<TableEntry> = page
        .items
        .into_iter()
        .map(|mut table| TableEntry {
            name: table.name,
            database_name: database.clone(),
            table_type: table.kind,
            description: table.parameters.remove("comment"),
            location: table.parameters.remove("location"),
            create_time: moment(table.created),
            column_count: table.columns.len() + table.partition_keys.len(),
            partition_keys: table.partition_keys.into_iter().map(|column| column.name).collect(),
        })
        .collect();
    let count = tables.len();
    Ok(TableList {
        success: true,
        data_catalog_name,
        database_name: database,
        tables,
        count,
        next_token: page.next,
    })
}

/// A table with its columns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableSchema {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The table.
    pub table_name: String,
    /// The database it is in.
    pub database_name: DatabaseName,
    /// The data catalog.
    pub data_catalog_name: DataCatalogName,
    /// The columns in the data.
    pub columns: Vec<ColumnEntry>,
    /// The columns by which the data is divided: restrict them in WHERE to read less.
    pub partitions: Vec<ColumnEntry>,
    /// `EXTERNAL_TABLE`, `VIRTUAL_VIEW` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_type: Option<String>,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was defined, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<String>,
    /// When it was last used, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_access_time: Option<String>,
    /// Location, format, and what else the catalog knows.
    pub parameters: BTreeMap<String, String>,
}

/// A column.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// Its type, in Athena's words.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl From<Column> for ColumnEntry {
    fn from(column: Column) -> Self {
        Self { name: column.name, kind: column.kind, comment: column.comment }
    }
}

/// Show the columns of a table at Athena.
///
/// Returns columns and partition columns with their types, and where and how the data is kept. Use it before writing a
/// query.
#[scoped_tool(read_only, idempotent, open_world, title = "Schema of an Athena table")]
pub async fn athena_table_schema(
    athena: &AthenaService<'_>,
    /// The database.
    database: DatabaseName,
    /// The table.
    table: TableName,
    /// The data catalog.
    #[default(DataCatalogName::of_aws())]
    data_catalog_name: DataCatalogName,
) -> Result<TableSchema, ToolError> {
    let mut found = athena.table(&data_catalog_name, &database, &table).await?;
    Ok(TableSchema {
        success: true,
        table_name: found.name,
        database_name: database,
        data_catalog_name,
        columns: found.columns.into_iter().map(ColumnEntry::from).collect(),
        partitions: found.partition_keys.into_iter().map(ColumnEntry::from).collect(),
        table_type: found.kind,
        description: found.parameters.remove("comment"),
        create_time: moment(found.created),
        last_access_time: moment(found.accessed),
        parameters: found.parameters,
    })
}

/// Workgroups.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkgroupList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The workgroups, those of this answer with `quilt` in their names first.
    pub workgroups: Vec<WorkgroupEntry>,
    /// The region they are in.
    pub region: String,
    /// How many this answer has.
    pub count: usize,
    /// Whether the account has more workgroups than were looked at.
    pub is_truncated: bool,
    /// Give it as `next_token` to athena_workgroups_list to get more. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A workgroup.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkgroupEntry {
    /// Its name.
    pub name: String,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<String>,
    /// The S3 location of results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_location: Option<String>,
    /// Whether a query that says nothing about its result can run there.
    pub has_place_for_results: bool,
    /// Whether its settings count more than those of a query.
    pub enforce_workgroup_config: bool,
    /// How many bytes a query may scan before Athena stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_scanned_cutoff: Option<i64>,
}

/// List the Athena workgroups that you may use.
///
/// Returns names, descriptions and where results go; only enabled ones, and only those that you may look at. Up to 500 are looked
/// at in one call, so an answer can be short, or empty, and there are more all the same: `next_token` says so.
#[scoped_tool(read_only, idempotent, open_world, title = "List Athena workgroups")]
pub async fn athena_workgroups_list(
    athena: &AthenaService<'_>,
    /// The most workgroups to return.
    #[default(500)]
    #[range(1..=500)]
    max_results: u32,
    /// `next_token` of the answer before; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<WorkgroupList, ToolError> {
    let page = athena.workgroups(max_results as usize, given(next_token)).await?;
    let workgroups: Vec<WorkgroupEntry> = page
        .items
        .into_iter()
        .map(|group| WorkgroupEntry {
            has_place_for_results: group.is_usable(),
            name: group.name.into(),
            description: group.description,
            creation_time: moment(group.created),
            output_location: group.output_location,
            enforce_workgroup_config: group.enforced,
            bytes_scanned_cutoff: group.scan_limit,
        })
        .collect();
    Ok(WorkgroupList {
        success: true,
        region: athena.region().to_owned(),
        count: workgroups.len(),
        workgroups,
        is_truncated: page.next.is_some(),
        next_token: page.next,
    })
}

pub(super) fn given(token: String) -> Option<String> {
    (!token.is_empty()).then_some(token)
}
