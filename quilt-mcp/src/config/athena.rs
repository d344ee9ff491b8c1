//! How Athena is asked.

use std::time::Duration;

use super::limits::duration;
use super::{Setting, Settings};
use crate::domain::athena::{DataCatalogName, WorkgroupName};

/// How Athena is asked. Where it is, and in whose name it is asked, is not decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AthenaConfig {
    /// The workgroup of queries that name none.
    pub workgroup: Option<WorkgroupName>,
    /// Whether statements may change something.
    pub may_write: bool,
    /// How long a query may run.
    pub time_limit: Duration,
    /// The data catalog of Quilt's Tabulator.
    pub tabulator_catalog: Option<DataCatalogName>,
}

impl AthenaConfig {
    pub(super) fn read(settings: &Settings) -> Self {
        let yes_or_no = |text: &str| text.parse().ok();
        Self {
            workgroup: settings.parsed(
                Setting::AthenaWorkgroup,
                "a workgroup: up to 128 letters, digits, `.`, `_` and `-`",
                |text| text.to_owned().try_into().ok(),
            ),
            may_write: settings
                .parsed(Setting::AthenaWrites, "`true` or `false`", yes_or_no)
                .unwrap_or_default(),
            time_limit: duration(settings, Setting::AthenaTimeLimit, 90, 1..=3_600),
            tabulator_catalog: settings.parsed(
                Setting::TabulatorCatalog,
                "the name of a data catalog, up to 256 characters",
                |text| text.to_owned().try_into().ok(),
            ),
        }
    }
}
