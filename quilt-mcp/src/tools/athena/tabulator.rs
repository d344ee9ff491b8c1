//! What the Tabulator shows at Athena: a data catalog of the stack's own, in which each bucket is a database.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::catalogs::given;
use super::query::{QueryFormat, QueryResult, limits, result};
use crate::domain::athena::{DataCatalogName, DatabaseName, WorkgroupName};
use crate::domain::bucket::BucketName;
use crate::error::{ErrorCode, ToolError};
use crate::service::athena::{Ask, AthenaService};
use crate::service::registry::RegistryService;
use crate::service::threads::TenantThreads;

/// The buckets whose packages can be queried as tables.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TabulatorBuckets {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The data catalog that they are in, for athena_tables_list and athena_table_schema.
    pub data_catalog_name: DataCatalogName,
    /// Their names.
    pub buckets: Vec<String>,
    /// How many this answer has.
    pub count: usize,
    /// Give it as `next_token` to get more. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// List the buckets whose packages can be queried as tables, by Quilt's Tabulator.
///
/// Returns their names. Each is a database of the Tabulator's data catalog: query it with tabulator_bucket_query. Which tables a
/// registry keeps for a bucket is told by tabulator_tables_list.
#[scoped_tool(read_only, idempotent, open_world, title = "List Tabulator buckets")]
pub async fn tabulator_buckets_list(
    athena: &AthenaService<'_>,
    registry: &RegistryService<'_>,
    /// The most buckets to return.
    #[default(200)]
    #[range(1..=1000)]
    max_results: u32,
    /// `next_token` of the answer before; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<TabulatorBuckets, ToolError> {
    let catalog = data_catalog(athena, registry).await?;
    let page = athena.databases(&catalog, max_results as usize, given(next_token)).await?;
    let buckets: Vec<String> = page.items.into_iter().map(|database| database.name).collect();
    let count = buckets.len();
    Ok(TabulatorBuckets { success: true, data_catalog_name: catalog, buckets, count, next_token: page.next })
}

/// Query the packages of a bucket as tables, as Quilt's Tabulator shows them.
///
/// Runs a statement at Athena with your rights, in the Tabulator's data catalog, where each bucket is a database. Returns rows
/// as athena_query_execute does.
#[scoped_tool(open_world, title = "Query a bucket's Tabulator tables")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn tabulator_bucket_query(
    athena: &AthenaService<'_>,
    threads: &TenantThreads<'_>,
    registry: &RegistryService<'_>,
    /// The bucket whose tables are asked.
    bucket_name: BucketName,
    /// The statement.
    query: String,
    /// The workgroup. If not given, as in athena_query_execute.
    workgroup_name: Option<WorkgroupName>,
    /// The most rows to return.
    #[default(1000)]
    #[range(1..=10000)]
    max_results: u32,
    /// How the rows are written down.
    #[default(QueryFormat::default())]
    output_format: QueryFormat,
) -> Result<QueryResult, ToolError> {
    let catalog = data_catalog(athena, registry).await?;
    let database = DatabaseName::try_from(String::from(bucket_name))
        .map_err(|error| ToolError::invalid_input(error.to_string()))?;
    let ask = Ask {
        sql: query,
        catalog,
        database: Some(database),
        workgroup: workgroup_name,
        limits: limits(max_results),
    };
    result(threads, athena.query(ask).await?, output_format).await
}

/// What the operator named, or else what the Quilt catalog says of its stack.
async fn data_catalog(
    athena: &AthenaService<'_>,
    registry: &RegistryService<'_>,
) -> Result<DataCatalogName, ToolError> {
    if let Some(named) = &athena.rules().tabulator_catalog {
        return Ok(named.clone());
    }
    let published = registry.catalog_config().await?.and_then(|config| config.tabulator_data_catalog());
    let published = published.and_then(|name| DataCatalogName::try_from(name).ok());
    published.ok_or_else(|| {
        ToolError::new(ErrorCode::Unsupported, "this server knows of no Tabulator").with_hint(
            "the operator configures the Quilt catalog, or names the data catalog in QUILT_MCP_TABULATOR_CATALOG",
        )
    })
}
