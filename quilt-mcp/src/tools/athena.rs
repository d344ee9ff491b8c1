//! Athena: what there is to ask about, queries, and what was asked before.

mod catalogs;
mod history;
mod query;
mod tabulator;
mod validate;

use std::time::SystemTime;

use super::buckets::rfc3339;

pub use catalogs::{
    ColumnEntry, DatabaseEntry, DatabaseList, TableEntry, TableList, TableSchema, WorkgroupEntry,
    WorkgroupList, athena_databases_list, athena_table_schema, athena_tables_list, athena_workgroups_list,
};
pub use history::{HistoryEntry, QueryHistory, athena_query_history};
pub use query::{
    Cut, FormattedData, QueryFormat, QueryResult, ResultColumn, athena_query_execute, athena_query_results,
};
pub use tabulator::{TabulatorBuckets, tabulator_bucket_query, tabulator_buckets_list};
pub use validate::{StatementEffect, Validation, athena_query_validate};

fn moment(time: Option<SystemTime>) -> Option<String> {
    time.map(rfc3339)
}
