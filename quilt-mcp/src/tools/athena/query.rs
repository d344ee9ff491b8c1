//! Running queries.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::catalogs::given;
use crate::domain::athena::{DataCatalogName, DatabaseName, QueryId, WorkgroupName};
use crate::error::ToolError;
use crate::service::athena::{
    Answer, Ask, AthenaService, CutBy, Limits, Rest, Rows, as_text_table, json_rows, to_csv, to_parquet,
};
use crate::service::threads::TenantThreads;

/// The most bytes of values of one answer.
const MAX_RESULT_BYTES: usize = 4 * 1024 * 1024;

/// How a result is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum QueryFormat {
    /// A list of objects, one a row, with numbers and truth values as such.
    #[default]
    Json,
    /// Comma-separated values, each in quotes; a null is nothing.
    Csv,
    /// A Parquet file in base64, with a type for each column.
    Parquet,
    /// A table for people to read. Long texts are cut.
    Table,
}

/// The result of a query.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueryResult {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The statement that ran.
    pub query: String,
    /// What Athena calls it.
    pub query_execution_id: String,
    /// The workgroup it ran in.
    pub workgroup: WorkgroupName,
    /// How many rows this answer has.
    pub row_count: usize,
    /// Whether there are more rows.
    pub truncated: bool,
    /// Which limit left them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated_by: Option<Cut>,
    /// Give it as `next_token`, with `query_execution_id`, to athena_query_results to get more rows. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// The columns. Of several with one name all but the first got a number.
    pub columns: Vec<ResultColumn>,
    /// The type of each column by its name.
    pub dtypes: BTreeMap<String, String>,
    /// How `formatted_data` is written.
    pub format: QueryFormat,
    /// The rows.
    pub formatted_data: FormattedData,
    /// How many bytes Athena read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_scanned_bytes: Option<i64>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<i64>,
    /// The S3 location of the whole result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_location: Option<String>,
}

/// A column of a result.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// Its type, in Athena's words.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What left rows out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Cut {
    /// There are more rows than `max_results`.
    MaxResults,
    /// The rows together are longer than an answer may be, 4 MiB.
    Size,
}

/// Rows: objects for `json`, text for the other formats.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum FormattedData {
    /// An object for each row.
    Rows(Vec<Map<String, Value>>),
    /// All of them as text.
    Text(String),
}

/// Run a query at Amazon Athena and return its result.
///
/// The query runs with your rights, and a query that you cancel is stopped. Unless the operator allows more, a query may only
/// read: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN. One statement a call. It costs by the bytes it scans, and Athena writes the
/// result into the workgroup's S3 location. Look at athena_table_schema first. More rows than one answer has are given by
/// athena_query_results, without running the query again.
#[scoped_tool(destructive, open_world, title = "Run an Athena query")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn athena_query_execute(
    athena: &AthenaService<'_>,
    threads: &TenantThreads<'_>,
    /// The statement.
    query: String,
    /// Where names without a database are looked up.
    database_name: Option<DatabaseName>,
    /// The workgroup. If not given, the operator's choice, or else the first that you may use.
    workgroup_name: Option<WorkgroupName>,
    /// The data catalog.
    #[default(DataCatalogName::of_aws())]
    data_catalog_name: DataCatalogName,
    /// The most rows to return.
    #[default(1000)]
    #[range(1..=10000)]
    max_results: u32,
    /// How the rows are written down.
    #[default(QueryFormat::default())]
    output_format: QueryFormat,
) -> Result<QueryResult, ToolError> {
    let ask = Ask {
        sql: query,
        catalog: data_catalog_name,
        database: database_name,
        workgroup: workgroup_name,
        limits: limits(max_results),
    };
    result(threads, athena.query(ask).await?, output_format).await
}

/// Read the result of an Athena query that has ended, without running it again.
///
/// Returns rows as athena_query_execute does: those that follow an answer whose `next_token` you give, or all from the first.
/// Nothing is scanned again. athena_query_history shows queries that were sent before.
#[scoped_tool(read_only, idempotent, open_world, title = "Result of an Athena query")]
pub async fn athena_query_results(
    athena: &AthenaService<'_>,
    threads: &TenantThreads<'_>,
    /// The `query_execution_id` of an answer or of the history.
    query_execution_id: QueryId,
    /// The most rows to return.
    #[default(1000)]
    #[range(1..=10000)]
    max_results: u32,
    /// How the rows are written down.
    #[default(QueryFormat::default())]
    output_format: QueryFormat,
    /// `next_token` of the answer before; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<QueryResult, ToolError> {
    let rest = match given(next_token) {
        Some(token) => Rest::read(&token, &query_execution_id)?,
        None => Rest::all(query_execution_id),
    };
    result(threads, athena.results(rest, limits(max_results)).await?, output_format).await
}

pub(super) fn limits(max_results: u32) -> Limits {
    Limits { rows: max_results as usize, bytes: MAX_RESULT_BYTES }
}

pub(super) async fn result(
    threads: &TenantThreads<'_>,
    answer: Answer,
    format: QueryFormat,
) -> Result<QueryResult, ToolError> {
    let Answer { execution, workgroup, rows } = answer;
    let columns = rows.columns.iter().map(|column| (column.name.clone(), column.kind.clone()));
    let columns: Vec<(String, String)> = columns.collect();
    let (row_count, cut_by, next_token) = (rows.rows.len(), rows.cut_by, rows.next.clone());
    let formatted_data = threads.run(move || written(&rows, format)).await?;
    Ok(QueryResult {
        success: true,
        query: execution.sql,
        query_execution_id: execution.id,
        workgroup,
        row_count,
        truncated: cut_by.is_some(),
        truncated_by: cut_by.map(|by| match by {
            CutBy::Rows => Cut::MaxResults,
            CutBy::Bytes => Cut::Size,
        }),
        next_token,
        dtypes: columns.iter().cloned().collect(),
        columns: columns.into_iter().map(|(name, kind)| ResultColumn { name, kind }).collect(),
        format,
        formatted_data,
        data_scanned_bytes: execution.scanned_bytes,
        execution_time_ms: execution.took_ms,
        result_location: execution.result_location,
    })
}

fn written(rows: &Rows, format: QueryFormat) -> Result<FormattedData, ToolError> {
    Ok(match format {
        QueryFormat::Json => FormattedData::Rows(json_rows(rows)),
        QueryFormat::Csv => FormattedData::Text(to_csv(rows)),
        QueryFormat::Parquet => FormattedData::Text(BASE64_STANDARD.encode(to_parquet(rows)?)),
        QueryFormat::Table => FormattedData::Text(as_text_table(rows)),
    })
}
