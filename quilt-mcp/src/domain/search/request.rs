//! What the index is asked.

use serde_json::{Value, json};

use super::clause;
use super::index::Indices;
use super::question::Question;
use super::{SearchOrder, SearchScope};

/// The last hit that can be reached by paging: the index goes no further.
pub const MOST_REACHED: usize = 10_000;

/// Which of the hits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many come before.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

impl Page {
    /// None of them: only their number.
    pub const COUNT: Self = Self { offset: 0, limit: 0 };

    /// Those from `offset` on, at most `limit`, as far as the index goes.
    pub fn within_reach(offset: usize, limit: usize) -> Self {
        Self { offset, limit: limit.min(MOST_REACHED.saturating_sub(offset)) }
    }

    /// Where the next page begins if there are `total`: `None` if there is none, or none that can be reached.
    pub fn after(self, total: u64) -> Option<usize> {
        let next = self.offset + self.limit;
        let there =
            self.limit > 0 && next < MOST_REACHED && u64::try_from(next).is_ok_and(|next| next < total);
        there.then_some(next)
    }
}

/// One request to the search endpoint: which indices, and the body.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchRequest {
    /// Which indices.
    pub indices: Indices,
    /// The body, as the index wants it.
    pub body: Value,
}

impl SearchRequest {
    /// What is sent for `question`.
    pub fn new(
        question: &Question,
        scope: SearchScope,
        indices: Indices,
        order: SearchOrder,
        page: Page,
    ) -> Self {
        let clauses: Vec<Value> = scope.kinds().iter().map(|kind| clause::of_kind(*kind, question)).collect();
        let query = match <[Value; 1]>::try_from(clauses) {
            Ok([only]) => only,
            Err(several) => json!({"bool": {"should": several, "minimum_should_match": 1}}),
        };
        let mut body = json!({
            "query": query,
            "from": page.offset,
            "size": page.limit,
            "track_total_hits": true,
            // Whole texts of files, and the metadata of packages a second time.
            "_source": {"excludes": ["content", "mnfst_metadata_fields"]},
        });
        if page.limit > 0 {
            body["sort"] = sort(order);
        }
        Self { indices, body }
    }
}

/// Relevance breaks ties; what has no such field comes last.
fn sort(order: SearchOrder) -> Value {
    let by = |fields: [&str; 2], kind: &str, direction: &str| {
        let one =
            |field: &str| json!({field: {"order": direction, "missing": "_last", "unmapped_type": kind}});
        json!([one(fields[0]), one(fields[1]), "_score"])
    };
    match order {
        SearchOrder::Relevance => json!(["_score"]),
        SearchOrder::Newest => by(["last_modified", "ptr_last_modified"], "date", "desc"),
        SearchOrder::Oldest => by(["last_modified", "ptr_last_modified"], "date", "asc"),
        SearchOrder::Largest => by(["size", "entry_size"], "long", "desc"),
        SearchOrder::Smallest => by(["size", "entry_size"], "long", "asc"),
    }
}
