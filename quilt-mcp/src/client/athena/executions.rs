//! Queries that were started: where they are, and what was asked.

use std::time::SystemTime;

use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionState, QueryExecutionStatistics, StatementType, UnprocessedQueryExecutionId,
};

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

    /// Those queries, at most 50. One that the caller may not look at, or that is not there, is left out. What Athena does not get
    /// done at once is asked for once more.
    ///
    /// # Errors
    ///
    /// The caller may not, Athena does not answer, or it does not get all done the second time either.
    pub async fn look_at(&self, ids: Vec<String>) -> Result<Vec<Execution>, ToolError> {
        let (mut found, left) = self.look_once(ids).await?;
        if left.is_empty() {
            return Ok(found);
        }
        let (rest, left) =
            self.look_once(left.into_iter().filter_map(|id| id.query_execution_id).collect()).await?;
        found.extend(rest);
        left.first().map_or(Ok(found), |first| {
            Err(failure::of_unprocessed(left.len(), first.error_code(), first.error_message()))
        })
    }

    /// Those that were found, and those that another look may find.
    async fn look_once(
        &self,
        ids: Vec<String>,
    ) -> Result<(Vec<Execution>, Vec<UnprocessedQueryExecutionId>), ToolError> {
        let asked = self.client.batch_get_query_execution().set_query_execution_ids(Some(ids));
        let answer = asked.send().await.map_err(|error| failure::of_athena("look at queries", &error))?;
        let found = answer.query_executions.unwrap_or_default().into_iter().map(Execution::from).collect();
        let mut left = answer.unprocessed_query_execution_ids.unwrap_or_default();
        left.retain(|id| {
            id.query_execution_id.is_some() && !failure::is_final(id.error_code(), id.error_message())
        });
        Ok((found, left))
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::{Value, json};

    use super::*;
    use crate::client::canned::Canned;
    use crate::domain::principal::Principal;
    use crate::error::ErrorCode;

    /// An Athena that gets all done but `later`, which it does not before it was asked so often, and `others`, never.
    fn athena(later: &'static str, often: usize, others: Value) -> Canned {
        let asked = AtomicUsize::new(0);
        Canned::answering(move |sent| {
            let body: Value = serde_json::from_str(&sent.body).expect("JSON");
            let ids = body["QueryExecutionIds"].as_array().expect("ids");
            let mut left = others.as_array().cloned().unwrap_or_default();
            left.retain(|other| ids.contains(&other["QueryExecutionId"]));
            if asked.fetch_add(1, Ordering::Relaxed) < often && ids.contains(&json!(later)) {
                left.push(json!({"QueryExecutionId": later, "ErrorCode": "INTERNAL_FAILURE"}));
            }
            let is_left = |id: &&Value| left.iter().any(|left| left["QueryExecutionId"] == **id);
            let found = ids.iter().filter(|id| !is_left(id)).map(|id| json!({"QueryExecutionId": id}));
            let found: Vec<Value> = found.collect();
            (200, json!({"QueryExecutions": found, "UnprocessedQueryExecutionIds": left}).to_string())
        })
    }

    async fn looked_at(canned: &Canned) -> Result<Vec<String>, ToolError> {
        let alice = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
        let client = canned.endpoints().athena(&Canned::credentials(&alice));
        let found = client.look_at(["a", "b", "c"].map(String::from).to_vec()).await?;
        Ok(found.into_iter().map(|query| query.id).collect())
    }

    #[tokio::test]
    async fn what_athena_does_not_get_done_is_asked_for_once_more() {
        let canned = athena("b", 1, Value::Null);
        assert_eq!(looked_at(&canned).await.expect("found"), ["a", "c", "b"]);
        let bodies: Vec<String> = canned.take().into_iter().map(|sent| sent.body).collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[1], json!({"QueryExecutionIds": ["b"]}).to_string());
    }

    #[tokio::test]
    async fn what_it_never_gets_done_is_no_gap_but_an_error() {
        let canned = athena("b", 9, Value::Null);
        let error = looked_at(&canned).await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::Unavailable, "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("send the call again")), "{error:?}");
        assert!(error.detail().is_some_and(|detail| detail.contains("INTERNAL_FAILURE")), "{error:?}");
        assert_eq!(canned.requests().len(), 2);
    }

    #[tokio::test]
    async fn what_is_not_there_or_not_allowed_is_left_out() {
        let others = json!([
            {"QueryExecutionId": "a", "ErrorCode": "INVALID_INPUT", "ErrorMessage": "QueryExecution a was not found"},
            {"QueryExecutionId": "c", "ErrorCode": "AccessDeniedException", "ErrorMessage": "You are not authorized"},
        ]);
        let canned = athena("", 0, others);
        assert_eq!(looked_at(&canned).await.expect("found"), ["b"]);
        assert_eq!(canned.requests().len(), 1);
    }
}
