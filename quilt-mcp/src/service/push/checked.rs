//! The entries that a workflow's schema wants to see, all at once.

use quilt_package::workflow::described;
use quilt_package::{Entry, Json};
use serde_json::Value;

use crate::error::{ErrorCode, ToolError};

/// About the most bytes that they take: small objects within metadata take more than is counted.
const MAX_HELD: usize = 16 << 20;
/// What one takes besides its key and metadata: three members and their values.
const EACH: usize = 640;

/// What is held of the entries, if somebody wants to see them.
pub(super) struct Collected {
    wanted: bool,
    held: usize,
    entries: Vec<Value>,
}

impl Collected {
    /// Of nothing yet; and it stays so if nobody wants to see them.
    pub(super) fn for_rules(wanted: bool) -> Self {
        Self { wanted, held: 0, entries: Vec::new() }
    }

    /// Adds the next one.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), ToolError> {
        if !self.wanted {
            return Ok(());
        }
        self.held += EACH + entry.logical_key.as_str().len() + entry.user_meta().map_or(0, Json::held);
        if self.held > MAX_HELD {
            let message = format!(
                "the workflow checks entries, for which all of them have to be in memory: the first {} take more than {} MiB",
                self.entries.len(),
                MAX_HELD >> 20
            );
            return Err(ToolError::new(ErrorCode::LimitExceeded, message).with_hint(
                "nothing was written; make several packages of it, or choose a workflow without `entries_schema`",
            ));
        }
        self.entries.push(described(entry));
        Ok(())
    }

    /// All of them, as a list.
    pub(super) fn all(self) -> Value {
        self.entries.into()
    }
}

#[cfg(test)]
mod tests {
    use quilt_package::hash::Algorithm;
    use quilt_package::{Object, ObjectHash};

    use super::*;

    fn entry(number: usize, note: usize) -> Entry {
        let mut entry = Entry {
            logical_key: format!("{number}").parse().expect("a key"),
            physical_key: format!("s3://abc/{number}").parse().expect("an address"),
            size: 1,
            hash: ObjectHash::new(Algorithm::Sha256Chunked.name(), ""),
            meta: Object::new(),
        };
        entry.set_user_meta(Some([("note".to_owned(), "n".repeat(note).into())].into_iter().collect()));
        entry
    }

    /// How many are taken before it is refused.
    fn taken(note: usize) -> (usize, ToolError) {
        let mut collected = Collected::for_rules(true);
        let refused = (0..).find_map(|number| collected.add(&entry(number, note)).err());
        (collected.entries.len(), refused.expect("they take room"))
    }

    #[test]
    fn what_is_held_ends_by_bytes_and_says_so() {
        let (small, refused) = taken(0);
        assert_eq!(refused.code(), ErrorCode::LimitExceeded);
        assert!(refused.message().contains(&format!("the first {small} take")), "{}", refused.message());
        let (large, _) = taken(100_000);
        assert!((10_000..30_000).contains(&small) && (150..170).contains(&large), "{small}, {large}");
    }

    #[test]
    fn what_nobody_wants_to_see_is_not_held() -> Result<(), ToolError> {
        let mut collected = Collected::for_rules(false);
        for number in 0..200 {
            collected.add(&entry(number, 100_000))?;
        }
        assert_eq!(collected.all(), serde_json::json!([]));
        Ok(())
    }
}
