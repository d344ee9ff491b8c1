//! The rows of a result, as many as are wanted.

use serde::{Deserialize, Serialize};

use super::continuation;
use crate::client::athena::{AthenaClient, ResultColumn};
use crate::domain::athena::QueryId;
use crate::error::ToolError;

/// How much of a result is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most rows.
    pub rows: usize,
    /// The most bytes of all values together.
    pub bytes: usize,
}

/// Which limit left rows out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutBy {
    /// There are more rows than were asked for.
    Rows,
    /// The rows are too long.
    Bytes,
}

/// Rows of a result.
#[derive(Debug)]
pub struct Rows {
    /// The columns. No two have one name.
    pub columns: Vec<ResultColumn>,
    /// The rows, each as long as the columns are many. Nothing is a null; an empty text is one.
    pub rows: Vec<Vec<Option<String>>>,
    /// Why there are not all, if there are more.
    pub cut_by: Option<CutBy>,
    /// Gives the rows that follow. Without one, and cut: the next row alone is longer than all may be.
    pub next: Option<String>,
}

/// The rows of a result from one of them on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    query: QueryId,
    /// How Athena gives the page on which they begin; the first without a word.
    page: Option<String>,
    /// So many rows of that page come before them.
    skip: usize,
}

impl Rest {
    /// All rows.
    pub fn all(query: QueryId) -> Self {
        Self { query, page: None, skip: 0 }
    }

    /// From the `next_token` of an answer.
    ///
    /// # Errors
    ///
    /// It is none, or not of this query's result.
    pub fn read(token: &str, query: &QueryId) -> Result<Self, ToolError> {
        let rest: Self = continuation::read(token)?;
        if rest.skip > PAGE {
            return Err(continuation::not_ours());
        }
        if rest.query != *query {
            let message = format!("`next_token` is of another query's result: of `{}`", rest.query);
            return Err(ToolError::invalid_input(message)
                .with_hint("give the `query_execution_id` and the `next_token` of one answer"));
        }
        Ok(rest)
    }

    /// The query whose result it is.
    pub fn query(&self) -> &QueryId {
        &self.query
    }
}

/// The most rows that Athena gives at a time.
const PAGE: usize = 1_000;

/// How many are asked for while it is not known how long they are.
const FIRST_PAGE: usize = 100;

/// How many bytes a page should have, at most.
const PAGE_BYTES: usize = 1024 * 1024;

impl Rows {
    /// Reads the result of a query. Of a statement that selects, the first row holds the names of the columns.
    pub(super) async fn read(
        athena: &AthenaClient,
        mut rest: Rest,
        selects: bool,
        limits: Limits,
    ) -> Result<Self, ToolError> {
        let mut all = Self { columns: Vec::new(), rows: Vec::new(), cut_by: None, next: None };
        let (mut bytes, mut first) = (0, true);
        loop {
            let has_head = selects && rest.page.is_none();
            // One more than is wanted shows whether there are more.
            let left = (limits.rows + 1).saturating_sub(all.rows.len()) + usize::from(has_head) + rest.skip;
            let most = left.min(fitting(all.rows.len(), bytes) + rest.skip).min(PAGE);
            let page =
                athena.results(&rest.query, i32::try_from(most).unwrap_or(1), rest.page.clone()).await?;
            let mut rows = page.rows;
            if has_head && is_head(&page.columns, rows.first()) {
                rows.remove(0);
            }
            if first {
                all.columns = with_names_of_their_own(page.columns);
                first = false;
            }
            let before = rest.skip.min(rows.len());
            for (number, mut row) in rows.into_iter().enumerate().skip(before) {
                row.resize(all.columns.len(), None);
                bytes += row.iter().flatten().map(String::len).sum::<usize>();
                if all.rows.len() == limits.rows || bytes > limits.bytes {
                    all.cut_by = Some(if bytes > limits.bytes { CutBy::Bytes } else { CutBy::Rows });
                    if !all.rows.is_empty() {
                        all.next = Some(continuation::write(&Rest { skip: number, ..rest })?);
                    }
                    return Ok(all);
                }
                all.rows.push(row);
            }
            if page.next.is_none() {
                return Ok(all);
            }
            // A page may be shorter than it was when something of it was given.
            rest = Rest { page: page.next, skip: rest.skip - before, ..rest };
        }
    }
}

/// How many rows make a page that is not too long, by those that were read.
fn fitting(rows: usize, bytes: usize) -> usize {
    if rows == 0 {
        return FIRST_PAGE;
    }
    let each = (bytes / rows).max(1);
    (PAGE_BYTES / each).clamp(1, PAGE)
}

fn is_head(columns: &[ResultColumn], row: Option<&Vec<Option<String>>>) -> bool {
    row.is_some_and(|row| {
        row.len() == columns.len()
            && columns.iter().zip(row).all(|(column, cell)| cell.as_deref() == Some(&column.name))
    })
}

/// `a`, `a` become `a`, `a_2`: a row as an object would lose one.
fn with_names_of_their_own(mut columns: Vec<ResultColumn>) -> Vec<ResultColumn> {
    let mut taken: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    for column in &mut columns {
        let plain = column.name.clone();
        for number in 2.. {
            if taken.insert(column.name.clone()) {
                break;
            }
            column.name = format!("{plain}_{number}");
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<ResultColumn> {
        names.iter().map(|name| ResultColumn { name: (*name).into(), kind: "varchar".into() }).collect()
    }

    #[test]
    fn each_column_has_a_name_of_its_own() {
        let named = with_names_of_their_own(columns(&["a", "a_2", "a", "a"]));
        let names: Vec<&str> = named.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a", "a_2", "a_3", "a_4"]);
    }

    #[test]
    fn the_head_is_told_from_a_row() {
        let row = |cells: &[&str]| cells.iter().map(|cell| Some((*cell).to_owned())).collect::<Vec<_>>();
        assert!(is_head(&columns(&["a", "b"]), Some(&row(&["a", "b"]))));
        assert!(!is_head(&columns(&["a", "b"]), Some(&row(&["a", "c"]))));
        assert!(!is_head(&columns(&["a"]), Some(&vec![None])));
        assert!(!is_head(&columns(&["a"]), None));
    }

    #[test]
    fn a_token_is_of_its_query_and_of_a_row_on_a_page() {
        let query = |name: &str| QueryId::try_from(name.to_owned()).expect("a name");
        let rest = Rest { query: query("q"), page: Some("p".into()), skip: PAGE };
        let token = |rest: &Rest| continuation::write(rest).expect("a token");
        assert_eq!(Rest::read(&token(&rest), &query("q")).expect("its own"), rest);
        let error = Rest::read(&token(&rest), &query("another")).expect_err("refused");
        assert!(error.message().contains("of `q`"), "{error}");
        for skip in [PAGE + 1, usize::MAX] {
            assert!(Rest::read(&token(&Rest { skip, ..rest.clone() }), &query("q")).is_err(), "{skip}");
        }
    }

    #[test]
    fn pages_of_long_rows_are_short() {
        assert_eq!(fitting(0, 0), FIRST_PAGE);
        assert_eq!(fitting(100, 100), PAGE);
        assert_eq!(fitting(10, 10 * PAGE_BYTES), 1);
        assert_eq!(fitting(10, PAGE_BYTES), 10);
    }
}
