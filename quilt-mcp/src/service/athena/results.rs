//! The rows of a result, as many as are wanted.

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
        id: &QueryId,
        selects: bool,
        limits: Limits,
    ) -> Result<Self, ToolError> {
        let mut all = Self { columns: Vec::new(), rows: Vec::new(), cut_by: None };
        let (mut bytes, mut next, mut first) = (0, None, true);
        loop {
            // One more than is wanted shows whether there are more.
            let left = (limits.rows + 1).saturating_sub(all.rows.len()) + usize::from(first && selects);
            let most = left.min(fitting(all.rows.len(), bytes));
            let page = athena.results(id, i32::try_from(most).unwrap_or(1), next).await?;
            let mut rows = page.rows;
            if first {
                if selects && is_head(&page.columns, rows.first()) {
                    rows.remove(0);
                }
                all.columns = with_names_of_their_own(page.columns);
                first = false;
            }
            for mut row in rows {
                row.resize(all.columns.len(), None);
                bytes += row.iter().flatten().map(String::len).sum::<usize>();
                if all.rows.len() == limits.rows || bytes > limits.bytes {
                    let cut_by = if bytes > limits.bytes { CutBy::Bytes } else { CutBy::Rows };
                    return Ok(Self { cut_by: Some(cut_by), ..all });
                }
                all.rows.push(row);
            }
            next = page.next;
            if next.is_none() {
                return Ok(all);
            }
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
    fn pages_of_long_rows_are_short() {
        assert_eq!(fitting(0, 0), FIRST_PAGE);
        assert_eq!(fitting(100, 100), PAGE);
        assert_eq!(fitting(10, 10 * PAGE_BYTES), 1);
        assert_eq!(fitting(10, PAGE_BYTES), 10);
    }
}
