//! What can be asked about: databases, and tables with their columns.

use super::{AthenaService, page_of};
use crate::client::athena::{Database, Page, Table};
use crate::domain::athena::{DataCatalogName, DatabaseName, TableName, TablePattern};
use crate::error::ToolError;

/// How often Athena is asked in one call. A pattern that means few of many tables is looked for further in the next.
const MAX_PAGES: usize = 40;

impl AthenaService<'_> {
    /// The databases of `catalog`, at most `most`, and how to go on.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such catalog, or Athena does not answer.
    pub async fn databases(
        &self,
        catalog: &DataCatalogName,
        most: usize,
        after: Option<String>,
    ) -> Result<Page<Database>, ToolError> {
        let athena = self.auth.athena().await?;
        let mut all = Page { items: Vec::new(), next: after };
        for _ in 0..MAX_PAGES {
            let page = athena.databases(catalog, page_of(most - all.items.len()), all.next.take()).await?;
            all.items.extend(page.items);
            all.next = page.next;
            if all.next.is_none() || all.items.len() >= most {
                break;
            }
        }
        Ok(all)
    }

    /// The tables of `database` that `pattern` means, at most `most`, and how to go on.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such database, or Athena does not answer.
    pub async fn tables(
        &self,
        catalog: &DataCatalogName,
        database: &DatabaseName,
        pattern: Option<&TablePattern>,
        most: usize,
        after: Option<String>,
    ) -> Result<Page<Table>, ToolError> {
        let athena = self.auth.athena().await?;
        let mut all = Page { items: Vec::new(), next: after };
        for _ in 0..MAX_PAGES {
            let most_here = page_of(most - all.items.len());
            let expression = pattern.map(TablePattern::as_regex);
            let page = athena.tables(catalog, database, expression, most_here, all.next.take()).await?;
            // Athena's expression finds also what only contains the pattern.
            let meant = |table: &Table| pattern.is_none_or(|pattern| pattern.matches(&table.name));
            all.items.extend(page.items.into_iter().filter(meant));
            all.next = page.next;
            if all.next.is_none() || all.items.len() >= most {
                break;
            }
        }
        Ok(all)
    }

    /// One table with its columns.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such table, or Athena does not answer.
    pub async fn table(
        &self,
        catalog: &DataCatalogName,
        database: &DatabaseName,
        table: &TableName,
    ) -> Result<Table, ToolError> {
        self.auth.athena().await?.table(catalog, database, table).await
    }
}
