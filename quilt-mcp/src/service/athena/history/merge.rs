//! From what was seen of each workgroup to the newest of all, and where that ends.

use std::collections::BTreeMap;

use super::newest::{Newest, PageOf, sent};
use super::place::Place;
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
    /// How many on it are wanted, and were not given.
    pub(super) found: usize,
    /// When the oldest of all was sent, wanted or not.
    pub(super) oldest: Option<u64>,
}

impl Look {
    /// One page more: those on it that are wanted and were not given, and when the oldest of all was sent, wanted or not.
    pub(super) fn add(&mut self, queries: Vec<Execution>, oldest: Option<u64>, newest: &mut Newest) {
        let number = self.pages.len();
        self.pages.push(Page { from: self.rest.take(), found: queries.len(), oldest });
        for query in queries {
            newest.add(query, (self.workgroup.clone(), number));
        }
    }

    /// How many queries can be given.
    pub(super) fn found(&self) -> usize {
        self.pages.iter().map(|page| page.found).sum()
    }

    /// How far back all is known.
    fn edge(&self) -> Option<u64> {
        self.rest.as_ref()?;
        Some(self.pages.iter().filter_map(|page| page.oldest).min().unwrap_or(u64::MAX))
    }

    /// The first page of which something was not given, or what was not read. Nothing if there is neither.
    fn place(&self, given: &BTreeMap<PageOf, usize>) -> Option<Option<&String>> {
        let of = |number| given.get(&(self.workgroup.clone(), number)).copied().unwrap_or_default();
        let open = self.pages.iter().enumerate().find(|(number, page)| page.found > of(*number));
        open.map(|(_, page)| page.from.as_ref()).or(self.rest.as_ref().map(Some))
    }
}

/// The newest of all, no more than are wanted, and where the next answer begins if there are more, or may be. Nothing is given
/// that is older than what was not read of another workgroup.
pub(super) fn merged(looks: Vec<Look>, newest: Newest, place: Place) -> (Vec<Execution>, Option<Place>) {
    let edge = looks.iter().filter_map(Look::edge).max().map(|edge| edge.min(place.below));
    let most = newest.most();
    let (mut queries, mut pages): (Vec<Execution>, Vec<PageOf>) =
        newest.into_sorted().filter(|(query, _)| edge.is_none_or(|edge| sent(query) >= edge)).unzip();
    let is_full = queries.len() > most;
    queries.truncate(most);
    pages.truncate(most);
    let below = match queries.last() {
        Some(last) if is_full => sent(last),
        _ => match edge {
            Some(edge) => edge,
            None => return (queries, None),
        },
    };
    let mut given: BTreeMap<PageOf, usize> = BTreeMap::new();
    for page in pages {
        *given.entry(page).or_default() += 1;
    }
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
pub(super) mod tests;
