//! Queries that were started: where they are, and what was asked.

use std::time::SystemTime;

use aws_sdk_athena::types::{QueryExecution, QueryExecutionState, QueryExecutionStatistics, StatementType};

use super::{AthenaClient, Page, time};
use crate::client::failure;
use crate::domain::athena::{QueryId, QueryState, WorkgroupName};
use crate::error::ToolError;

/// A query that was started.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What it is called.
    pub id: String,
    /// The statement.
    pub sql: String,
    /// Where it is.
    pub state: QueryState,
    /// Why it is there, if Athena says.
    pub reason: Option<String>,
    /// Whether it defines things, as `SHOW` and `CREATE` do, rather than selecting data.
    pub is_definition: bool,
    /// When it was sent.
    pub submitted: Option<SystemTime>,
    /// When it ended.
    pub completed: Option<SystemTime>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<i64>,
    /// How much it read.
    pub scanned_bytes: Option<i64>,
    /// Where its result is.
    pub result_location: Option<String>,
    /// The workgroup it ran in.
    pub workgroup: Option<String>,
    /// The data catalog it ran against.
    pub catalog: Option<String>,
    /// The database it ran against.
    pub database: Option<String>,
}

impl Execution {
    /// Why it failed.
    pub fn failure(&self) -> ToolError {
        failure::of_query(self.reason.as_deref().unwrap_or("Athena gives no reason"))
    }
}

impl AthenaClient {
    /// One query.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such query, or Athena does not answer.
    pub async fn execution(&self, id: &QueryId) -> Result<Execution, ToolError> {
        let asked = self.client.get_query_execution().query_execution_id(id.as_str());
        let answer = asked.send().await.map_err(|error| failure::of_athena("look at the query", &error))?;
        answer
            .query_execution
            .map(Execution::from)
            .ok_or_else(|| ToolError::internal("Athena named no query"))
    }

    /// What the queries of a workgroup are called, the newest first, 50 at a time.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such workgroup, or Athena does not answer.
    pub async fn executions(
        &self,
        workgroup: &WorkgroupName,
        after: Option<String>,
    ) -> Result<Page<String>, ToolError> {
        let asked = self.client.list_query_executions().work_group(workgroup.as_str()).max_results(50);
        let answer = asked.set_next_token(after).send().await.map_err(|error| {
            failure::of_athena(&format!("list the queries of workgroup `{workgroup}`"), &error)
        })?;
        Ok(Page { items: answer.query_execution_ids.unwrap_or_default(), next: answer.next_token })
    }

    /// Those queries, at most 50. One that the caller may not look at is left out.
    ///
    /// # Errors
    ///
    /// The caller may not, or Athena does not answer.
    pub async fn look_at(&self, ids: Vec<String>) -> Result<Vec<Execution>, ToolError> {
        let asked = self.client.batch_get_query_execution().set_query_execution_ids(Some(ids));
        let answer = asked.send().await.map_err(|error| failure::of_athena("look at queries", &error))?;
        Ok(answer.query_executions.unwrap_or_default().into_iter().map(Execution::from).collect())
    }
}

impl From<QueryExecution> for Execution {
    fn from(query: QueryExecution) -> Self {
        let status = query.status.as_ref();
        let statistics = query.statistics.as_ref();
        let context = query.query_execution_context;
        Self {
            state: state(status.and_then(|status| status.state())),
            reason: status.and_then(|status| status.state_change_reason()).map(ToOwned::to_owned),
            submitted: time(status.and_then(|status| status.submission_date_time())),
            completed: time(status.and_then(|status| status.completion_date_time())),
            is_definition: query.statement_type == Some(StatementType::Ddl),
            took_ms: statistics.and_then(QueryExecutionStatistics::total_execution_time_in_millis),
            scanned_bytes: statistics.and_then(QueryExecutionStatistics::data_scanned_in_bytes),
            id: query.query_execution_id.unwrap_or_default(),
            sql: query.query.unwrap_or_default(),
            result_location: query.result_configuration.and_then(|result| result.output_location),
            workgroup: query.work_group,
            catalog: context.as_ref().and_then(|context| context.catalog.clone()),
            database: context.and_then(|context| context.database),
        }
    }
}

/// A state that a later Athena may have is one in which there is no result yet.
fn state(state: Option<&QueryExecutionState>) -> QueryState {
    match state {
        Some(QueryExecutionState::Queued) => QueryState::Queued,
        Some(QueryExecutionState::Succeeded) => QueryState::Succeeded,
        Some(QueryExecutionState::Failed) => QueryState::Failed,
        Some(QueryExecutionState::Cancelled) => QueryState::Cancelled,
        _ => QueryState::Running,
    }
}
