//! What is held of a history while it is looked for: no more than can be in the answer.
//!
//! There may be some 500 workgroups with some 550 queries each, and a statement may have 256 KiB.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::place::micros;
use crate::client::athena::Execution;
use crate::domain::athena::WorkgroupName;

/// How much of a statement is held, in characters. Nobody is shown more.
const MAX_SQL: usize = 4_000;

/// A page of a workgroup, by its number among those that were looked at.
pub(super) type PageOf = (WorkgroupName, usize);

/// The newest queries, one more of them than are wanted: so it is known whether there are more.
#[derive(Debug)]
pub(super) struct Newest {
    most: usize,
    /// The newest first.
    held: BTreeMap<(Reverse<u64>, String), (Execution, PageOf)>,
}

impl Newest {
    /// So many are wanted.
    pub(super) fn of(most: usize) -> Self {
        Self { most, held: BTreeMap::new() }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Holds it, if it is among the newest so far.
    pub(super) fn add(&mut self, mut query: Execution, page: PageOf) {
        if let Some((end, _)) = query.sql.char_indices().nth(MAX_SQL) {
            query.sql.truncate(end);
            query.sql.shrink_to_fit();
        }
        self.held.insert((Reverse(sent(&query)), query.id.clone()), (query, page));
        if self.held.len() > self.most + 1 {
            self.held.pop_last();
        }
    }

    /// The newest first, each with the page that it is on.
    pub(super) fn into_sorted(self) -> impl Iterator<Item = (Execution, PageOf)> {
        self.held.into_values()
    }
}

/// When a query was sent, in microseconds since 1970.
pub(super) fn sent(query: &Execution) -> u64 {
    query.submitted.map(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::merge::tests::query;
    use super::*;

    fn workgroup() -> WorkgroupName {
        WorkgroupName::try_from("busy".to_owned()).expect("a name")
    }

    #[test]
    fn however_many_there_are_only_the_newest_are_held_and_of_each_the_beginning() {
        let mut newest = Newest::of(50);
        // The oldest last, the newest last, and in no order; each comes three times and counts once.
        for at in (0..2_000).rev().chain(0..2_000).chain((0..2_000).map(|n| n * 7_919 % 2_000)) {
            let sql = "é".repeat(MAX_SQL + 1_000);
            newest.add(Execution { sql, ..query(&format!("q{at}"), at) }, (workgroup(), 0));
            assert!(newest.held.len() <= 51);
            let bytes: usize = newest.held.values().map(|(query, _)| query.sql.capacity()).sum();
            assert!(bytes <= 51 * MAX_SQL * "é".len(), "{bytes}");
        }
        let times: Vec<u64> = newest.into_sorted().map(|(query, _)| sent(&query)).collect();
        assert_eq!(times, (1_949..2_000).rev().collect::<Vec<_>>());
    }

    #[test]
    fn a_short_statement_is_held_as_it_is() {
        let mut newest = Newest::of(1);
        let sql = "é".repeat(MAX_SQL);
        newest.add(Execution { sql: sql.clone(), ..query("q", 1) }, (workgroup(), 0));
        assert_eq!(newest.into_sorted().map(|(query, _)| query.sql).collect::<Vec<_>>(), [sql]);
    }
}
