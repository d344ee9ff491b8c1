//! What can be asked about: databases, and tables with their columns.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sdk_athena::types;

use super::{AthenaClient, Page, time};
use crate::client::failure;
use crate::domain::athena::{DataCatalogName, DatabaseName, TableName};
use crate::error::ToolError;

/// A database.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// What else is known of it.
    pub parameters: BTreeMap<String, String>,
}

/// A table or view.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// `EXTERNAL_TABLE`, `VIRTUAL_VIEW` and the like.
    pub kind: Option<String>,
    /// When it was defined.
    pub created: Option<SystemTime>,
    /// When it was last used.
    pub accessed: Option<SystemTime>,
    /// The columns that are in the data.
    pub columns: Vec<Column>,
    /// The columns by which the data is divided.
    pub partition_keys: Vec<Column>,
    /// Where and how the data is kept, and what else is known.
    pub parameters: BTreeMap<String, String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, in Athena's words.
    pub kind: Option<String>,
    /// What somebody wrote about it.
    pub comment: Option<String>,
}

impl AthenaClient {
    /// The databases of a data catalog. `most` is at most 50.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such catalog, or Athena does not answer.
    pub async fn databases(
        &self,
        catalog: &DataCatalogName,
        most: i32,
        after: Option<String>,
    ) -> Result<Page<Database>, ToolError> {
        let asked = self.client.list_databases().catalog_name(catalog.as_str()).max_results(most);
        let answer = asked.set_next_token(after).send().await.map_err(|error| {
            failure::of_athena(&format!("list the databases of data catalog `{catalog}`"), &error)
        })?;
        let items = answer.database_list.unwrap_or_default().into_iter().map(Database::from).collect();
        Ok(Page { items, next: answer.next_token })
    }

    /// The tables of a database. `expression` is a regular expression for their names; `most` is at most 50.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such database, or Athena does not answer.
    pub async fn tables(
        &self,
        catalog: &DataCatalogName,
        database: &DatabaseName,
        expression: Option<String>,
        most: i32,
        after: Option<String>,
    ) -> Result<Page<Table>, ToolError> {
        let asked = self
            .client
            .list_table_metadata()
            .catalog_name(catalog.as_str())
            .database_name(database.as_str())
            .set_expression(expression)
            .max_results(most);
        let answer = asked.set_next_token(after).send().await.map_err(|error| {
            failure::of_athena(&format!("list the tables of database `{database}`"), &error)
        })?;
        let items = answer.table_metadata_list.unwrap_or_default().into_iter().map(Table::from).collect();
        Ok(Page { items, next: answer.next_token })
    }

    /// One table.
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
        let asked = self
            .client
            .get_table_metadata()
            .catalog_name(catalog.as_str())
            .database_name(database.as_str())
            .table_name(table.as_str());
        let answer = asked.send().await.map_err(|error| {
            failure::of_athena(&format!("read the schema of `{database}`.`{table}`"), &error)
        })?;
        answer.table_metadata.map(Table::from).ok_or_else(|| ToolError::internal("Athena named no table"))
    }
}

impl From<types::Database> for Database {
    fn from(database: types::Database) -> Self {
        Self {
            name: database.name,
            description: database.description.filter(|text| !text.is_empty()),
            parameters: database.parameters.into_iter().flatten().collect(),
        }
    }
}

impl From<types::TableMetadata> for Table {
    fn from(table: types::TableMetadata) -> Self {
        Self {
            name: table.name,
            kind: table.table_type,
            created: time(table.create_time.as_ref()),
            accessed: time(table.last_access_time.as_ref()),
            columns: table.columns.unwrap_or_default().into_iter().map(Column::from).collect(),
            partition_keys: table.partition_keys.unwrap_or_default().into_iter().map(Column::from).collect(),
            parameters: table.parameters.into_iter().flatten().collect(),
        }
    }
}

impl From<types::Column> for Column {
    fn from(column: types::Column) -> Self {
        let comment = column.comment.filter(|text| !text.is_empty());
        Self { name: column.name, kind: column.r#type, comment }
    }
}
