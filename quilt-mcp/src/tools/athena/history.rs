//! What was asked before.

use std::time::{Duration, SystemTime};

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::catalogs::given;
use super::moment;
use crate::domain::athena::{QueryState, WorkgroupName};
use crate::error::ToolError;
use crate::service::athena::{AthenaService, Place, Wanted};

/// How far back the history goes if nothing is said.
const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Queries that were sent before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueryHistory {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The queries, the newest first.
    pub query_history: Vec<HistoryEntry>,
    /// How many this answer has.
    pub count: usize,
    /// Whether there are, or may be, more. Without a `next_token` there are more workgroups than are looked at together, or
    /// queries are left in more of them than a token can name: give one `workgroup_name`.
    pub is_truncated: bool,
    /// Give it as `next_token`, and otherwise the same, to get older ones. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// From when on, RFC 3339.
    pub start_time: String,
    /// Until when, RFC 3339.
    pub end_time: String,
}

/// A query that was sent before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// What Athena calls it.
    pub query_execution_id: String,
    /// The statement; cut if it is very long.
    pub query: String,
    /// Where it is.
    pub status: QueryState,
    /// When it was sent, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission_time: Option<String>,
    /// When it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<i64>,
    /// How many bytes Athena read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_scanned_bytes: Option<i64>,
    /// The S3 location of its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_location: Option<String>,
    /// The workgroup it ran in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_group: Option<String>,
    /// The data catalog it ran against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_catalog: Option<String>,
    /// The database it ran against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Why it failed or was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// List queries that were sent to Athena before.
///
/// Returns statements, states, times and costs, the newest first: all that ran in workgroups that you may look at, also those
/// of colleagues who share them. Of the last 24 hours unless you say otherwise. Up to 1,000 of each workgroup are looked at in
/// one call, so an answer can be short, or empty, and there are more all the same: `next_token` says so.
#[scoped_tool(read_only, idempotent, open_world, title = "Athena query history")]
pub async fn athena_query_history(
    athena: &AthenaService<'_>,
    /// The most queries to return.
    #[default(50)]
    #[range(1..=500)]
    max_results: u32,
    /// Only queries in this state.
    status_filter: Option<QueryState>,
    /// From when on, RFC 3339 such as `2026-01-31T00:00:00Z`. If not given, a day before `end_time`.
    start_time: Option<String>,
    /// Until when, RFC 3339. If not given, now.
    end_time: Option<String>,
    /// Only queries of this workgroup.
    workgroup_name: Option<WorkgroupName>,
    /// `next_token` of the answer before, with otherwise the same arguments; empty to begin.
    #[default(String::new())]
    next_token: String,
) -> Result<QueryHistory, ToolError> {
    let (from, until) = (time_of(start_time, "start_time")?, time_of(end_time, "end_time")?);
    let place = given(next_token).map(|token| Place::read(&token, workgroup_name.as_ref(), status_filter));
    let place = place.transpose()?;
    let (from, until) = match &place {
        Some(place) => place.window(from, until)?,
        None => window(from, until)?,
    };
    let most = max_results as usize;
    let wanted = Wanted { workgroup: workgroup_name, state: status_filter, from, until, most };
    let history = athena.history(&wanted, place).await?;
    let entries: Vec<HistoryEntry> = history
        .queries
        .into_iter()
        .map(|query| HistoryEntry {
            query_execution_id: query.id,
            query: query.sql,
            status: query.state,
            submission_time: moment(query.submitted),
            completion_time: moment(query.completed),
            execution_time_ms: query.took_ms,
            data_scanned_bytes: query.scanned_bytes,
            result_location: query.result_location,
            work_group: query.workgroup,
            data_catalog: query.catalog,
            database: query.database,
            error_message: query.reason,
        })
        .collect();
    Ok(QueryHistory {
        success: true,
        count: entries.len(),
        query_history: entries,
        is_truncated: history.is_cut,
        next_token: history.next,
        start_time: moment(Some(from)).unwrap_or_default(),
        end_time: moment(Some(until)).unwrap_or_default(),
    })
}

/// The last day, unless something else is said.
fn window(
    from: Option<SystemTime>,
    until: Option<SystemTime>,
) -> Result<(SystemTime, SystemTime), ToolError> {
    let until = until.unwrap_or_else(SystemTime::now);
    let from = from.unwrap_or_else(|| until.checked_sub(ONE_DAY).unwrap_or(SystemTime::UNIX_EPOCH));
    if from > until {
        return Err(ToolError::invalid_input("`start_time` is later than `end_time`"));
    }
    Ok((from, until))
}

fn time_of(text: Option<String>, name: &str) -> Result<Option<SystemTime>, ToolError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    // The last hours of the year 9999 may be of the next one in UTC, which has no place in a year of four digits.
    let moment =
        OffsetDateTime::parse(&text, &Rfc3339).ok().and_then(|at| at.checked_to_offset(UtcOffset::UTC));
    let moment = moment.ok_or_else(|| {
        ToolError::invalid_input(format!("`{name}` must be a time in RFC 3339, such as 2026-01-31T00:00:00Z"))
    })?;
    // Before 1970 there is no history, and not every system has a time there.
    Ok(Some(SystemTime::from(moment).max(SystemTime::UNIX_EPOCH)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_one_that_can_be_said_again() {
        let at = |text: &str| time_of(Some(text.to_owned()), "end_time");
        assert_eq!(at("1969-01-01T00:00:00Z").expect("a time"), Some(SystemTime::UNIX_EPOCH));
        let latest = at("9999-12-31T23:59:59Z").expect("a time");
        assert_eq!(moment(latest).as_deref(), Some("9999-12-31T23:59:59Z"));
        for wrong in ["9999-12-31T23:59:59-01:00", "yesterday"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        assert_eq!(at("").expect("none"), None);
    }
}
