//! What a package holds, and what comes in, as one list in order.

use std::collections::btree_map;
use std::iter::Peekable;

use quilt_package::{Entry, LogicalKey};

use crate::error::ToolError;
use crate::service::package::ManifestStream;

/// The entries of a package, with changes in their places. The entries stream by, so only the changes are in memory.
pub(super) struct Merge<T> {
    current: Option<ManifestStream>,
    ahead: Option<Entry>,
    changes: Peekable<btree_map::IntoIter<LogicalKey, T>>,
}

/// One place in the package.
pub(super) enum Place<T> {
    /// As it was.
    Kept(Entry),
    /// New, or in the place of another.
    Set { value: T, replaced: bool },
}

impl<T> Merge<T> {
    pub(super) fn new(current: Option<ManifestStream>, changes: btree_map::BTreeMap<LogicalKey, T>) -> Self {
        Self { current, ahead: None, changes: changes.into_iter().peekable() }
    }

    /// The next place. When there is none, what the package held has been verified against its hash.
    pub(super) async fn next(&mut self) -> Result<Option<Place<T>>, ToolError> {
        if self.ahead.is_none()
            && let Some(current) = &mut self.current
        {
            self.ahead = current.next().await?;
            if self.ahead.is_none() {
                self.current = None;
            }
        }
        // Changes are at hand, however many: others get their turns in between.
        tokio::task::coop::consume_budget().await;
        let change_is_next = match (&self.ahead, self.changes.peek()) {
            (Some(entry), Some((key, _))) => *key <= entry.logical_key,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if !change_is_next {
            return Ok(self.ahead.take().map(Place::Kept));
        }
        let Some((key, value)) = self.changes.next() else { return Ok(None) };
        let replaced = self.ahead.take_if(|entry| entry.logical_key == key).is_some();
        Ok(Some(Place::Set { value, replaced }))
    }
}
