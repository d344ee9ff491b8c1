//! From what was seen of each workgroup to the newest of all, and where that ends.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::place::{Place, micros};
use crate::client::athena::Execution;
use crate::domain::athena::WorkgroupName;

/// What was seen of a workgroup in one call.
pub(super) struct Look {
    pub(super) workgroup: WorkgroupName,
    /// The newest first.
    pub(super) pages: Vec<Page>,
    /// How Athena's list goes on, if it was not read to its end.
    pub(super) rest: Option<String>,
}

/// Some queries of a workgroup.
pub(super) struct Page {
    /// How Athena gives this page; the first of all without a word.
    pub(super) from: Option<String>,
    /// Those that are wanted, and were not given.
    pub(super) queries: Vec<Execution>,
    /// When the oldest of all was sent, wanted or not.
    pub(super) oldest: Option<u64>,
}

impl Look {
    /// How many queries can be given.
    pub(super) fn found(&self) -> usize {
        self.pages.iter().map(|page| page.queries.len()).sum()
    }

    /// How far back all is known.
    fn edge(&self) -> Option<u64> {
        self.rest.as_ref()?;
        Some(self.pages.iter().filter_map(|page| page.oldest).min().unwrap_or(u64::MAX))
    }

    /// The first page of which something was not given, or what was not read. Nothing if there is neither.
    fn place(&self, given: &BTreeSet<String>) -> Option<Option<&String>> {
        let open = |page: &&Page| page.queries.iter().any(|query| !given.contains(&query.id));
        self.pages.iter().find(open).map(|page| page.from.as_ref()).or(self.rest.as_ref().map(Some))
    }
}

fn sent(query: &Execution) -> u64 {
    query.submitted.map(micros).unwrap_or_default()
}

/// The newest of all, at most `most`, and where the next answer begins if there are more, or may be. Nothing is given that is
/// older than what was not read of another workgroup.
pub(super) fn merged(looks: Vec<Look>, place: Place, most: usize) -> (Vec<Execution>, Option<Place>) {
    let edge = looks.iter().filter_map(Look::edge).max().map(|edge| edge.min(place.below));
    let all = looks.iter().flat_map(|look| &look.pages).flat_map(|page| &page.queries);
    let mut queries: Vec<Execution> =
        all.filter(|query| edge.is_none_or(|edge| sent(query) >= edge)).cloned().collect();
    queries.sort_by_key(|query| Reverse(sent(query)));
    let is_full = queries.len() > most;
    queries.truncate(most);
    let below = match queries.last() {
        Some(last) if is_full => sent(last),
        _ => match edge {
            Some(edge) => edge,
            None => return (queries, None),
        },
    };
    let given: BTreeSet<String> = queries.iter().map(|query| query.id.clone()).collect();
    let mut next = place;
    if below != next.below {
        next.below = below;
        next.given.clear();
    }
    next.given.extend(queries.iter().filter(|query| sent(query) == below).map(|query| query.id.clone()));
    for look in looks {
        let from = match look.place(&given) {
            // That there is nothing left is found again with one look.
            None if look.pages.len() <= 1 && !next.pages.contains_key(&look.workgroup) => continue,
            None => None,
            // Its first page, as without a word of it.
            Some(None) => continue,
            Some(Some(from)) => Some(from.clone()),
        };
        next.pages.insert(look.workgroup, from);
    }
    (queries, Some(next))
}

#[cfg(test)]
mod tests;
