//! What was asked before, in the workgroups that the caller may look at.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::AthenaService;
use super::workgroups::MAX_LOOKED_AT as MAX_WORKGROUPS;
use crate::client::athena::{AthenaClient, Execution};
use crate::domain::athena::{QueryState, WorkgroupName};
use crate::error::{ErrorCode, ToolError};

mod merge;
mod newest;
mod place;

use merge::{Look, merged};
use newest::Newest;
pub use place::Place;
use place::micros;

/// How often a workgroup is asked for queries in one call, 50 at a time. Of more, the answer says how to go on.
const MAX_PAGES: usize = 20;

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
#[derive(Debug)]
pub struct History {
    /// The newest first.
    pub queries: Vec<Execution>,
    /// Whether there are more of them that are wanted, or may be.
    pub is_cut: bool,
    /// Gives those that follow. Without one, and cut: there are more workgroups than are looked at together, or queries are left in
    /// more of them than a token can name.
    pub next: Option<String>,
}

impl AthenaService<'_> {
    /// Queries that were sent before, by whomever, in workgroups that the caller may look at; those that follow `after` if an
    /// answer ended there. Of a long statement there is the beginning.
    ///
    /// # Errors
    ///
    /// The caller may not look at the workgroup that is named, or Athena does not answer.
    pub async fn history(&self, wanted: &Wanted, after: Option<Place>) -> Result<History, ToolError> {
        let athena = self.auth.athena().await?;
        let (names, too_many) = match &wanted.workgroup {
            Some(named) => (vec![named.clone()], false),
            None => {
                let all = self.workgroups(MAX_WORKGROUPS, None).await?;
                (all.items.into_iter().map(|group| group.name).collect(), all.next.is_some())
            }
        };
        let place = after.unwrap_or_else(|| Place::before_all(wanted));
        let newest = Mutex::new(Newest::of(wanted.most));
        let looks = stream::iter(names)
            .filter(|name| std::future::ready(!place.is_done(name)))
            .map(|name| look(&athena, name, wanted, &place, &newest))
            .buffer_unordered(CONCURRENT);
        let looks: Vec<Look> = looks.try_collect().await?;
        let newest = newest.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (queries, next) = merged(looks, newest, place);
        let is_cut = too_many || next.is_some();
        let next = next.map(|place| place.write()).transpose()?.flatten();
        Ok(History { queries, is_cut, next })
    }
}

/// Looks at one workgroup from `place` on, until there is enough to answer with. What it finds is held among the `newest` of all.
async fn look(
    athena: &AthenaClient,
    workgroup: WorkgroupName,
    wanted: &Wanted,
    place: &Place,
    newest: &Mutex<Newest>,
) -> Result<Look, ToolError> {
    // To see a workgroup, to list its queries and to look at them are three rights.
    let hidden = |error: &ToolError| wanted.workgroup.is_none() && error.code() == ErrorCode::AccessDenied;
    let mut look = Look { rest: place.page_of(&workgroup), workgroup, pages: Vec::new() };
    for _ in 0..MAX_PAGES {
        let (queries, next) = match page(athena, &look.workgroup, look.rest.clone()).await {
            Ok(page) => page,
            Err(error) if hidden(&error) => return Ok(Look { rest: None, ..look }),
            Err(error) => return Err(error),
        };
        let oldest = queries.iter().filter_map(|query| query.submitted).map(micros).min();
        // The newest come first: behind a page that is too old there is nothing.
        let too_old = !queries.is_empty()
            && queries.iter().all(|query| query.submitted.is_some_and(|at| at < wanted.from));
        let queries =
            queries.into_iter().filter(|query| wanted.wants(query) && place.leaves(query)).collect();
        look.add(queries, oldest, &mut newest.lock().unwrap_or_else(PoisonError::into_inner));
        look.rest = next.filter(|_| !too_old);
        if look.rest.is_none() || look.found() > wanted.most {
            break;
        }
    }
    Ok(look)
}

/// Up to fifty queries, and how to get those before them.
async fn page(
    athena: &AthenaClient,
    workgroup: &WorkgroupName,
    from: Option<String>,
) -> Result<(Vec<Execution>, Option<String>), ToolError> {
    let ids = athena.executions(workgroup, from).await?;
    let queries = if ids.items.is_empty() { Vec::new() } else { athena.look_at(ids.items).await? };
    Ok((queries, ids.next))
}
