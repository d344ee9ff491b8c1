//! Athena: its catalogs, workgroups and queries, in a caller's name.
//!
//! Databases and tables are asked of Athena too, which knows those of every data catalog; Glue only knows its own.

use std::fmt;
use std::time::SystemTime;

use aws_smithy_types::DateTime;

mod catalog;
mod executions;
mod query;
mod results;
mod workgroup;

pub use catalog::{Column, Database, Table};
pub use executions::Execution;
pub use query::{Query, Started};
pub use results::{ResultColumn, ResultPage};
pub use workgroup::Workgroup;

/// Athena in a caller's name.
pub struct AthenaClient {
    client: aws_sdk_athena::Client,
}

/// Some of what there is, and how to ask for more.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In Athena's order.
    pub items: Vec<T>,
    /// Gives the page that follows, if there is one.
    pub next: Option<String>,
}

impl AthenaClient {
    pub(super) fn new(client: aws_sdk_athena::Client) -> Self {
        Self { client }
    }
}

impl fmt::Debug for AthenaClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AthenaClient")
    }
}

fn time(at: Option<&DateTime>) -> Option<SystemTime> {
    at.and_then(|at| SystemTime::try_from(*at).ok())
}
