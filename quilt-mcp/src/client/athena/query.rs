//! Starting and stopping queries.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use aws_sdk_athena::types::QueryExecutionContext;

use super::AthenaClient;
use crate::client::failure;
use crate::domain::athena::{DataCatalogName, DatabaseName, QueryId, WorkgroupName};
use crate::error::ToolError;

/// What is to be run, and where.
#[derive(Clone, Debug)]
pub struct Query {
    /// The statement.
    pub sql: String,
    /// Where names are looked up.
    pub catalog: DataCatalogName,
    /// Where names without a database are looked up.
    pub database: Option<DatabaseName>,
    /// In whose name and with whose limits.
    pub workgroup: WorkgroupName,
}

/// A query on its way: what it will be called.
pub type Started = BoxFuture<'static, Result<QueryId, ToolError>>;

impl AthenaClient {
    /// Starts a query. The future borrows nothing, so that whoever gives up waiting can still learn what was started. Sent
    /// again by a retry, it is the same query: the SDK gives it a token.
    ///
    /// Its errors: the caller may not, Athena refuses the query, or does not answer.
    pub fn start(&self, query: &Query) -> Started {
        let context = QueryExecutionContext::builder()
            .catalog(query.catalog.as_str())
            .set_database(query.database.as_ref().map(|name| name.as_str().to_owned()))
            .build();
        let asked = self
            .client
            .start_query_execution()
            .query_string(&query.sql)
            .query_execution_context(context)
            .work_group(query.workgroup.as_str());
        let doing = format!("start a query in workgroup `{}`", query.workgroup);
        async move {
            let answer = asked.send().await.map_err(|error| failure::of_athena(&doing, &error))?;
            let id = answer.query_execution_id.and_then(|id| id.try_into().ok());
            id.ok_or_else(|| ToolError::internal("Athena did not say what the query is called"))
        }
        .boxed()
    }

    /// Stops a query. Stopping one that has ended changes nothing.
    ///
    /// # Errors
    ///
    /// The caller may not, or Athena does not answer.
    pub async fn stop(&self, id: &QueryId) -> Result<(), ToolError> {
        let asked = self.client.stop_query_execution().query_execution_id(id.as_str());
        asked.send().await.map(drop).map_err(|error| failure::of_athena("stop the query", &error))
    }
}
