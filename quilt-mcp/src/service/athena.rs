//! Asking Athena, with the caller's rights: what there is to ask about, queries, and what was asked before.
//!
//! A query that nobody waits for any more is stopped when the request's scope closes: it would go on reading at somebody's
//! cost.

use std::fmt;
use std::time::Duration;

use quilt_scope::service;
use tokio::sync::Mutex;

use super::auth::AuthService;
use crate::domain::athena::DataCatalogName;
use crate::domain::request::Progress;

mod catalogs;
mod continuation;
mod history;
mod output;
mod results;
mod running;
pub mod statement;
mod workgroups;

pub use crate::client::athena::Column;
pub use history::{History, Place, Wanted};
pub use output::{as_text_table, json_rows, to_csv, to_parquet};
pub use results::{CutBy, Limits, Rest, Rows};
pub use running::{Answer, Ask};
pub use workgroups::{ByListing, Configured, DefaultWorkgroup};

use running::Sent;

/// How many of a list Athena gives at a time.
const PAGE: usize = 50;

/// What the operator decided about queries. The same for all callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryRules {
    /// Whether statements may change things.
    pub may_write: bool,
    /// How long a query may run.
    pub time_limit: Duration,
    /// The data catalog in which Quilt's Tabulator shows packages as tables, if there is one.
    pub tabulator_catalog: Option<DataCatalogName>,
}

/// Asks Athena, with the caller's rights.
pub struct AthenaService<'req> {
    auth: &'req AuthService<'req>,
    workgroups: &'req dyn DefaultWorkgroup,
    rules: &'req QueryRules,
    progress: &'req Progress,
    /// The query of this request.
    sent: Mutex<Sent>,
}

#[service(close = stop)]
impl<'req> AthenaService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(
        auth: &'req AuthService<'req>,
        workgroups: &'req dyn DefaultWorkgroup,
        rules: &'req QueryRules,
        progress: &'req Progress,
    ) -> Self {
        Self { auth, workgroups, rules, progress, sent: Mutex::default() }
    }

    /// Stops the query that still runs, because the caller cancelled or it took too long.
    async fn stop(&self) {
        self.stop_query().await;
    }
}

impl AthenaService<'_> {
    /// The region that is asked.
    pub fn region(&self) -> &str {
        self.auth.region()
    }

    /// What the operator decided about queries.
    pub fn rules(&self) -> &QueryRules {
        self.rules
    }
}

/// How many to ask for, of so many that are still wanted.
fn page_of(left: usize) -> i32 {
    i32::try_from(left.clamp(1, PAGE)).expect("a page is small")
}

impl fmt::Debug for AthenaService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AthenaService").field("auth", &self.auth).finish_non_exhaustive()
    }
}
