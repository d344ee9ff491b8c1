//! The results of a query, a page at a time.

use super::AthenaClient;
use crate::client::failure;
use crate::domain::athena::QueryId;
use crate::error::ToolError;

/// Some rows of a result.
#[derive(Clone, Debug)]
pub struct ResultPage {
    /// The columns.
    pub columns: Vec<ResultColumn>,
    /// The rows, as texts. Nothing is a null; an empty text is one.
    pub rows: Vec<Vec<Option<String>>>,
    /// Gives the page that follows, if there is one.
    pub next: Option<String>,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// Its type, in Athena's words.
    pub kind: String,
}

impl AthenaClient {
    /// Rows of the result of a query that has succeeded. `most` is at most 1000.
    ///
    /// # Errors
    ///
    /// The caller may not, the query has no result, or Athena does not answer.
    pub async fn results(
        &self,
        id: &QueryId,
        most: i32,
        after: Option<String>,
    ) -> Result<ResultPage, ToolError> {
        let asked = self.client.get_query_results().query_execution_id(id.as_str()).max_results(most);
        let answer = asked
            .set_next_token(after)
            .send()
            .await
            .map_err(|error| failure::of_athena("read the result of the query", &error))?;
        let Some(set) = answer.result_set else {
            return Ok(ResultPage { columns: Vec::new(), rows: Vec::new(), next: None });
        };
        let columns = set.result_set_metadata.and_then(|about| about.column_info).unwrap_or_default();
        let rows = set.rows.unwrap_or_default().into_iter();
        let cells = |row: aws_sdk_athena::types::Row| {
            row.data.unwrap_or_default().into_iter().map(|datum| datum.var_char_value).collect()
        };
        Ok(ResultPage {
            columns: columns
                .into_iter()
                .map(|column| ResultColumn { name: column.name, kind: column.r#type })
                .collect(),
            rows: rows.map(cells).collect(),
            next: answer.next_token,
        })
    }
}
