//! Where a history ended: the question, and what of its answer was given.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Wanted;
use crate::client::athena::Execution;
use crate::domain::athena::{QueryState, WorkgroupName};
use crate::error::ToolError;
use crate::service::athena::continuation;

/// In microseconds.
const A_SECOND: u64 = 1_000_000;

/// The end of the year 9999: what is later has no form in an answer, and nobody was asked for it.
const LATEST: u64 = 253_402_300_800 * A_SECOND;

/// The most workgroups of which a place remembers where in them it is.
const MAX_PAGES: usize = 32;

/// Where an answer ended. The next one has what is older; what was sent in the meantime is newer, and moves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    workgroup: Option<WorkgroupName>,
    state: Option<QueryState>,
    /// Microseconds since 1970, as are all times here.
    from: u64,
    until: u64,
    /// All that were sent later than this were given.
    pub(super) below: u64,
    /// Of those that were sent at that moment, these were given.
    pub(super) given: BTreeSet<String>,
    /// Where Athena's list goes on, of workgroups of which whole pages were given; nothing if all of one was.
    pub(super) pages: BTreeMap<WorkgroupName, Option<String>>,
}

impl Place {
    /// Nothing was given yet.
    pub(super) fn before_all(wanted: &Wanted) -> Self {
        Self {
            workgroup: wanted.workgroup.clone(),
            state: wanted.state,
            from: micros(wanted.from),
            until: micros(wanted.until),
            below: micros(wanted.until),
            given: BTreeSet::new(),
            pages: BTreeMap::new(),
        }
    }

    /// From the `next_token` of an answer.
    ///
    /// # Errors
    ///
    /// It is none, or not of this question: another workgroup, another state.
    pub fn read(
        token: &str,
        workgroup: Option<&WorkgroupName>,
        state: Option<QueryState>,
    ) -> Result<Self, ToolError> {
        let place: Self = continuation::read(token)?;
        if place.from >= LATEST || place.until >= LATEST {
            return Err(continuation::not_ours());
        }
        if place.workgroup.as_ref() != workgroup {
            return Err(place.of_another(&format!("`workgroup_name` {}", said(place.workgroup.as_ref()))));
        }
        if place.state != state {
            let state = place.state.map(|state| format!("{state:?}").to_uppercase());
            return Err(place.of_another(&format!("`status_filter` {}", said(state.as_ref()))));
        }
        Ok(place)
    }

    /// From when on, and until when, queries are wanted.
    ///
    /// # Errors
    ///
    /// What the caller says of it, to the second, is not what was asked then.
    pub fn window(
        &self,
        from: Option<SystemTime>,
        until: Option<SystemTime>,
    ) -> Result<(SystemTime, SystemTime), ToolError> {
        let of_another =
            |at: Option<SystemTime>, own: u64| at.is_some_and(|at| micros(at).abs_diff(own) >= A_SECOND);
        if of_another(from, self.from) || of_another(until, self.until) {
            return Err(self.of_another("the `start_time` and `end_time` of the answer before, or none"));
        }
        Ok((at(self.from), at(self.until)))
    }

    /// `None` if it remembers too much to be brought back.
    pub(super) fn write(&self) -> Result<Option<String>, ToolError> {
        if self.pages.len() > MAX_PAGES {
            return Ok(None);
        }
        continuation::write(self).map(Some)
    }

    /// Whether all of a workgroup was given.
    pub(super) fn is_done(&self, workgroup: &WorkgroupName) -> bool {
        self.pages.get(workgroup).is_some_and(Option::is_none)
    }

    /// Where Athena's list of a workgroup goes on. Without a word of it at its beginning.
    pub(super) fn page_of(&self, workgroup: &WorkgroupName) -> Option<String> {
        self.pages.get(workgroup).cloned().flatten()
    }

    /// Whether a query is still to be given.
    pub(super) fn leaves(&self, query: &Execution) -> bool {
        query
            .submitted
            .map(micros)
            .is_some_and(|at| at < self.below || at == self.below && !self.given.contains(&query.id))
    }

    fn of_another(&self, right: &str) -> ToolError {
        ToolError::invalid_input(format!("`next_token` is of another question: it was asked with {right}"))
            .with_hint("ask the same as in the call before, or leave `next_token` out to begin")
    }
}

fn said(name: Option<&impl ToString>) -> String {
    name.map_or_else(|| "left out".to_owned(), |name| format!("`{}`", name.to_string()))
}

/// What comes before 1970 is at its beginning.
pub(super) fn micros(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn at(micros: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_micros(micros)).unwrap_or(UNIX_EPOCH)
}
