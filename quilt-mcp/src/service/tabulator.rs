//! Tables that the tabulator makes of files in packages: what the registry keeps of them.

use quilt_scope::service;

use crate::client::registry::RegistryClient;
use crate::client::registry::operations::{
    ChangesTable, TabulatorOpenQuery, TabulatorOpenQuerySet, TabulatorTableRename, TabulatorTableSet,
    TabulatorTables, tabulator_open_query, tabulator_open_query_set, tabulator_table_rename,
    tabulator_table_set, tabulator_tables,
};
use crate::domain::bucket::BucketName;
use crate::domain::tabulator::TableConfig;
use crate::error::{ErrorCode, ToolError};

/// The tabulator's tables. Whether the caller may change them is for the registry to say, each time.
#[derive(Debug)]
pub struct TabulatorService<'req> {
    client: &'req RegistryClient<'req>,
}

#[service]
impl<'req> TabulatorService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(client: &'req RegistryClient<'req>) -> Self {
        Self { client }
    }
}

/// A table, as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTable {
    /// Its name.
    pub name: String,
    /// Its configuration: YAML that somebody wrote.
    pub yaml: String,
}

impl TabulatorService<'_> {
    /// The tables of a bucket.
    ///
    /// # Errors
    ///
    /// `not_found`: there is no such bucket for this caller; otherwise as every query of [`RegistryClient`].
    pub async fn tables(&self, bucket: &BucketName) -> Result<Vec<StoredTable>, ToolError> {
        let variables = tabulator_tables::Variables { bucket: bucket.to_string() };
        let found =
            self.client.query::<TabulatorTables>(variables).await?.bucket_config.ok_or_else(|| {
                ToolError::not_found(format!("the Quilt registry shows you no bucket `{bucket}`"))
                    .with_hint("call bucket_list to see which there are")
            })?;
        let table = |table: tabulator_tables::TabulatorTablesBucketConfigTabulatorTables| StoredTable {
            name: table.name,
            yaml: table.config,
        };
        Ok(found.tabulator_tables.into_iter().map(table).collect())
    }

    /// One table of a bucket.
    ///
    /// # Errors
    ///
    /// As [`tables`](Self::tables); `not_found` also if there is no such table.
    pub async fn table(&self, bucket: &BucketName, name: &str) -> Result<StoredTable, ToolError> {
        let found = self.tables(bucket).await?.into_iter().find(|table| table.name == name);
        found.ok_or_else(|| {
            ToolError::not_found(format!("the bucket `{bucket}` has no table `{name}`"))
                .with_hint("call tabulator_tables_list to see which there are")
        })
    }

    /// Makes a table. One of that name is replaced only if `replace` says so. Returns its configuration as YAML.
    ///
    /// # Errors
    ///
    /// As [`tables`](Self::tables); `conflict`: there is a table of that name; `invalid_input`: the registry finds the
    /// configuration wrong.
    pub async fn create(
        &self,
        bucket: &BucketName,
        name: &str,
        config: &TableConfig,
        replace: bool,
    ) -> Result<String, ToolError> {
        if !replace && self.tables(bucket).await?.iter().any(|table| table.name == name) {
            return Err(ToolError::new(
                ErrorCode::Conflict,
                format!("the bucket `{bucket}` has a table `{name}` already"),
            )
            .with_hint("choose another name, or set `overwrite` to replace it"));
        }
        let yaml = config.to_yaml();
        self.set(bucket, name, Some(yaml.clone())).await?;
        Ok(yaml)
    }

    /// Takes a table away.
    ///
    /// # Errors
    ///
    /// As [`table`](Self::table), or the registry refuses.
    pub async fn delete(&self, bucket: &BucketName, name: &str) -> Result<(), ToolError> {
        // The registry would take a table that is not there for one that is gone.
        self.table(bucket, name).await?;
        self.set(bucket, name, None).await
    }

    /// Gives a table another name.
    ///
    /// # Errors
    ///
    /// As [`table`](Self::table), or the registry refuses.
    pub async fn rename(&self, bucket: &BucketName, name: &str, new_name: &str) -> Result<(), ToolError> {
        self.table(bucket, name).await?;
        let (bucket, table) = (bucket.to_string(), name.to_owned());
        let variables = tabulator_table_rename::Variables { bucket, table, new_name: new_name.to_owned() };
        self.change::<TabulatorTableRename>(variables).await
    }

    /// Whether whoever may use Athena may query all tables.
    ///
    /// # Errors
    ///
    /// As every query of [`RegistryClient`].
    pub async fn open_query(&self) -> Result<bool, ToolError> {
        let found = self.client.query::<TabulatorOpenQuery>(tabulator_open_query::Variables).await?;
        Ok(found.admin.tabulator_open_query)
    }

    /// Says whether whoever may use Athena may query all tables. Returns what counts now.
    ///
    /// # Errors
    ///
    /// As every query of [`RegistryClient`].
    pub async fn set_open_query(&self, enabled: bool) -> Result<bool, ToolError> {
        let variables = tabulator_open_query_set::Variables { enabled };
        let counts = |data: tabulator_open_query_set::ResponseData| {
            Ok(data.admin.set_tabulator_open_query.tabulator_open_query)
        };
        self.client.mutate::<TabulatorOpenQuerySet, _>(variables, counts).await
    }

    async fn set(&self, bucket: &BucketName, name: &str, config: Option<String>) -> Result<(), ToolError> {
        let (bucket, table) = (bucket.to_string(), name.to_owned());
        self.change::<TabulatorTableSet>(tabulator_table_set::Variables { bucket, table, config }).await
    }

    async fn change<Q: ChangesTable>(&self, variables: Q::Variables) -> Result<(), ToolError> {
        self.client.mutate::<Q, _>(variables, Q::changed).await
    }
}
