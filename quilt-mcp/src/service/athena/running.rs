//! One query, from its text to its rows.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::statement::Statement;
use super::{AthenaService, Limits, Rest, Rows};
use crate::client::athena::{AthenaClient, Execution, Query, Started};
use crate::domain::athena::{DataCatalogName, DatabaseName, QueryId, QueryState, WorkgroupName};
use crate::error::{ErrorCode, ToolError};

/// How long to wait between two looks at a query: at first, and at most.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How long stopping a query may take.
const STOPPING: Duration = Duration::from_secs(10);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The statement.
    pub sql: String,
    /// Where names are looked up.
    pub catalog: DataCatalogName,
    /// Where names without a database are looked up.
    pub database: Option<DatabaseName>,
    /// Where it is to run, if the caller says.
    pub workgroup: Option<WorkgroupName>,
    /// How much of the result is wanted.
    pub limits: Limits,
}

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    /// The query as it ended.
    pub execution: Execution,
    /// Where it ran.
    pub workgroup: WorkgroupName,
    /// Its result.
    pub rows: Rows,
}

/// How far the query of a request is.
#[derive(Default)]
pub(super) enum Sent {
    /// There is none that could run.
    #[default]
    Nothing,
    /// It is on its way to Athena.
    Starting(Started),
    /// Athena has it.
    Running(QueryId),
}

impl Sent {
    /// Waits until it is known what the query is called. Whoever stops waiting leaves the rest to who waits next.
    async fn id(&mut self) -> Result<Option<QueryId>, ToolError> {
        if let Self::Starting(started) = self {
            let id = started.await;
            *self = match &id {
                Ok(id) => Self::Running(id.clone()),
                Err(_) => Self::Nothing,
            };
            id?;
        }
        match self {
            Self::Running(id) => Ok(Some(id.clone())),
            _ => Ok(None),
        }
    }
}

impl AthenaService<'_> {
    /// Runs a statement and reads its result.
    ///
    /// # Errors
    ///
    /// The statement is none, or does what this server does not do; the caller may not; it fails, or takes too long.
    pub async fn query(&self, ask: Ask) -> Result<Answer, ToolError> {
        let statement = Statement::read(&ask.sql)?;
        if !self.rules.may_write {
            statement.must_read()?;
        }
        let athena = self.auth.athena().await?;
        let workgroup = self.workgroup_or_default(ask.workgroup).await?;
        let query = Query {
            sql: statement.sql().to_owned(),
            catalog: ask.catalog,
            database: ask.database,
            workgroup: workgroup.clone(),
        };
        let until = Instant::now() + self.rules.time_limit;
        let id = self.send(&athena, &query).await?;
        let execution = self.settled(&athena, &id, until).await?;
        let rows = Rows::read(&athena, Rest::all(id), !execution.is_definition, ask.limits).await?;
        Ok(Answer { execution, workgroup, rows })
    }

    /// Reads the result of a query that has ended, whoever sent it, or what follows of it.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such query, it has no result or none yet, or Athena does not answer.
    pub async fn results(&self, rest: Rest, limits: Limits) -> Result<Answer, ToolError> {
        let athena = self.auth.athena().await?;
        let execution = athena.execution(rest.query()).await.map_err(|error| match error.code() {
            ErrorCode::NotFound => error.with_hint("athena_query_history shows queries that were sent"),
            _ => error,
        })?;
        match execution.state {
            QueryState::Succeeded => {}
            QueryState::Failed => return Err(execution.failure()),
            QueryState::Cancelled => return Err(stopped()),
            QueryState::Queued | QueryState::Running => {
                return Err(ToolError::new(ErrorCode::InvalidState, "the query has not ended yet")
                    .with_hint("ask again later; athena_query_history shows where it is"));
            }
        }
        let ran_in = execution.workgroup.clone().and_then(|name| name.try_into().ok());
        let workgroup =
            ran_in.ok_or_else(|| ToolError::internal("Athena did not say where the query ran"))?;
        let rows = Rows::read(&athena, rest, !execution.is_definition, limits).await?;
        if rows.rows.is_empty() && rows.cut_by.is_some() {
            let message = "the next row alone is longer than an answer may be";
            return Err(ToolError::new(ErrorCode::LimitExceeded, message)
                .with_hint("select fewer columns, or read the file at the query's `result_location`"));
        }
        Ok(Answer { execution, workgroup, rows })
    }

    async fn send(&self, athena: &AthenaClient, query: &Query) -> Result<QueryId, ToolError> {
        let mut sent = self.sent.lock().await;
        *sent = Sent::Starting(athena.start(query));
        sent.id().await?.ok_or_else(|| ToolError::internal("a query that was sent has no name"))
    }

    /// The query when it has succeeded.
    async fn settled(
        &self,
        athena: &AthenaClient,
        id: &QueryId,
        until: Instant,
    ) -> Result<Execution, ToolError> {
        let began = Instant::now();
        let mut pause = LOOK_AGAIN.0;
        loop {
            let execution = athena.execution(id).await?;
            if execution.state.is_settled() {
                *self.sent.lock().await = Sent::Nothing;
            }
            match execution.state {
                QueryState::Succeeded => return Ok(execution),
                QueryState::Failed => return Err(execution.failure()),
                QueryState::Cancelled => return Err(stopped()),
                QueryState::Queued | QueryState::Running => {}
            }
            if Instant::now() + pause > until {
                self.stop_query().await;
                return Err(too_slow(self.rules.time_limit));
            }
            let seconds = began.elapsed().as_secs();
            self.progress.report(seconds + 1, None, || match execution.state {
                QueryState::Queued => format!("waiting in the queue for {seconds} s"),
                _ => format!("running for {seconds} s"),
            });
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LOOK_AGAIN.1);
        }
    }

    /// Stops the query if there is one that may still run. One that is only being sent is waited for: nobody else knows of
    /// it.
    pub(super) async fn stop_query(&self) {
        let stop = async {
            let mut sent = self.sent.lock().await;
            if let Ok(Some(id)) = sent.id().await {
                let stopped = async { self.auth.athena().await?.stop(&id).await };
                if let Err(error) = stopped.await {
                    tracing::warn!(%error, detail = error.detail(), "a query could not be stopped");
                }
            }
            *sent = Sent::Nothing;
        };
        if tokio::time::timeout(STOPPING, stop).await.is_err() {
            tracing::warn!("a query could not be stopped in time");
        }
    }
}

fn stopped() -> ToolError {
    ToolError::new(ErrorCode::Cancelled, "somebody stopped the query at Athena")
}

fn too_slow(limit: Duration) -> ToolError {
    let message = format!("the query took longer than {} s and was stopped", limit.as_secs());
    ToolError::new(ErrorCode::LimitExceeded, message)
        .with_hint("select fewer columns, restrict partition columns in WHERE, or try it with a LIMIT first")
}

#[cfg(test)]
mod tests;
