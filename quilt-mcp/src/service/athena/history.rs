//! What was asked before, in the workgroups that the caller may look at.

use std::time::SystemTime;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::AthenaService;
use super::workgroups::MAX_LOOKED_AT as MAX_WORKGROUPS;
use crate::client::athena::{AthenaClient, Execution};
use crate::domain::athena::{QueryState, WorkgroupName};
use crate::error::{ErrorCode, ToolError};

/// The most queries of one workgroup that are looked at.
const MAX_LOOKED_AT: usize = 1_000;

/// How many workgroups are looked at together.
const CONCURRENT: usize = 4;

/// Which queries are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this workgroup; of every workgroup that the caller may look at if none is named.
    pub workgroup: Option<WorkgroupName>,
    /// In this state.
    pub state: Option<QueryState>,
    /// Sent from then on.
    pub from: SystemTime,
    /// Sent until then.
    pub until: SystemTime,
    /// So many at most, the newest.
    pub most: usize,
}

impl Wanted {
    fn wants(&self, query: &Execution) -> bool {
        self.state.is_none_or(|state| state == query.state)
            && query.submitted.is_some_and(|at| self.from <= at && at <= self.until)
    }
}

/// Queries that were sent before.
#[derive(Debug, Default)]
pub struct History {
    /// The newest first.
    pub queries: Vec<Execution>,
    /// Whether there are more of them that are wanted, or may be.
    pub is_cut: bool,
}

impl AthenaService<'_> {
    /// Queries that were sent before, by whomever, in workgroups that the caller may look at.
    ///
    /// # Errors
    ///
    /// The caller may not look at the workgroup that is named, or Athena does not answer.
    pub async fn history(&self, wanted: &Wanted) -> Result<History, ToolError> {
        let athena = self.auth.athena().await?;
        let (names, mut is_cut) = match &wanted.workgroup {
            Some(named) => (vec![named.clone()], false),
            None => {
                let all = self.workgroups(MAX_WORKGROUPS, None).await?;
                (all.items.into_iter().map(|group| group.name).collect(), all.next.is_some())
            }
        };
        let looks =
            stream::iter(names).map(|name| of_workgroup(&athena, name, wanted)).buffer_unordered(CONCURRENT);
        let all: Vec<History> = looks.try_collect().await?;
        let mut queries = Vec::new();
        for of_one in all {
            is_cut |= of_one.is_cut;
            queries.extend(of_one.queries);
        }
        queries.sort_by_key(|query| std::cmp::Reverse(query.submitted));
        is_cut |= queries.len() > wanted.most;
        queries.truncate(wanted.most);
        Ok(History { queries, is_cut })
    }
}

async fn of_workgroup(
    athena: &AthenaClient,
    workgroup: WorkgroupName,
    wanted: &Wanted,
) -> Result<History, ToolError> {
    let mut history = History::default();
    let (mut looked_at, mut next) = (0, None);
    // To see a workgroup, to list its queries and to look at them are three rights.
    let hidden = |error: &ToolError| wanted.workgroup.is_none() && error.code() == ErrorCode::AccessDenied;
    loop {
        let page = match athena.executions(&workgroup, next).await {
            Ok(page) => page,
            Err(error) if hidden(&error) => return Ok(history),
            Err(error) => return Err(error),
        };
        if page.items.is_empty() {
            return Ok(history);
        }
        looked_at += page.items.len();
        let queries = match athena.look_at(page.items).await {
            Ok(queries) => queries,
            Err(error) if hidden(&error) => return Ok(history),
            Err(error) => return Err(error),
        };
        // The newest come first: behind a page that is too old there is nothing.
        let too_old = !queries.is_empty()
            && queries.iter().all(|query| query.submitted.is_some_and(|at| at < wanted.from));
        history.queries.extend(queries.into_iter().filter(|query| wanted.wants(query)));
        next = page.next;
        if next.is_none() || too_old {
            return Ok(history);
        }
        if history.queries.len() > wanted.most || looked_at >= MAX_LOOKED_AT {
            history.is_cut = true;
            return Ok(history);
        }
    }
}
