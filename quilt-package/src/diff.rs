//! What changed between two packages.
//!
//! Both are read side by side in their order, so two packages of any size are compared with memory for two entries.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::manifest::Entry;

/// One difference, from the one package to the other.
///
/// Where bytes are is no difference, nor is metadata of directories.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Only the other has it.
    Added(Box<Entry>),
    /// Only the one has it.
    Deleted(Box<Entry>),
    /// Size, hash or metadata differ.
    Modified {
        /// In the one.
        before: Box<Entry>,
        /// In the other.
        after: Box<Entry>,
    },
}

/// Which of two next entries comes first, and what it means. For callers that stream both packages themselves; others use
/// [`changes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Only the one has this key: deleted.
    Deleted,
    /// Only the other has this key: added.
    Added,
    /// Both have it, and differ: modified.
    Modified,
    /// Both have it, and say the same.
    Same,
    /// Both are at their end.
    End,
}

impl Step {
    /// Compares the next entry of the one package with that of the other; none at its end.
    pub fn between(before: Option<&Entry>, after: Option<&Entry>) -> Self {
        match (before, after) {
            (None, None) => Self::End,
            (Some(_), None) => Self::Deleted,
            (None, Some(_)) => Self::Added,
            (Some(before), Some(after)) => match before.logical_key.cmp(&after.logical_key) {
                Ordering::Less => Self::Deleted,
                Ordering::Greater => Self::Added,
                Ordering::Equal if before.says_the_same_as(after) => Self::Same,
                Ordering::Equal => Self::Modified,
            },
        }
    }
}

/// The differences between two packages whose entries come in order, in that order.
///
/// ```
/// use quilt_package::diff::{Change, changes};
/// use quilt_package::{Entry, Object, PhysicalKey, hash::Algorithm};
///
/// let entry = |key: &str, content: &[u8]| -> Result<Entry, Box<dyn std::error::Error>> {
///     let mut hasher = Algorithm::Sha256Chunked.hasher(content.len() as u64);
///     hasher.update(content);
///     Ok(Entry {
///         logical_key: key.parse()?,
///         physical_key: format!("s3://data/{key}").parse()?,
///         size: content.len() as u64,
///         hash: hasher.finish()?,
///         meta: Object::new(),
///     })
/// };
/// let before = [entry("a", b"1")?, entry("b", b"1")?];
/// let after = [entry("b", b"2")?, entry("c", b"1")?];
/// let found: Vec<Change> = changes(before, after).collect();
/// assert!(matches!(&found[..], [Change::Deleted(a), Change::Modified { .. }, Change::Added(c)]
///     if a.logical_key.as_str() == "a" && c.logical_key.as_str() == "c"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn changes(
    before: impl IntoIterator<Item = Entry>,
    after: impl IntoIterator<Item = Entry>,
) -> impl Iterator<Item = Change> {
    Changes { before: before.into_iter().peekable(), after: after.into_iter().peekable() }
}

struct Changes<B: Iterator<Item = Entry>, A: Iterator<Item = Entry>> {
    before: Peekable<B>,
    after: Peekable<A>,
}

impl<B: Iterator<Item = Entry>, A: Iterator<Item = Entry>> Iterator for Changes<B, A> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        loop {
            match Step::between(self.before.peek(), self.after.peek()) {
                Step::End => return None,
                Step::Deleted => return self.before.next().map(|entry| Change::Deleted(Box::new(entry))),
                Step::Added => return self.after.next().map(|entry| Change::Added(Box::new(entry))),
                Step::Same => {
                    self.before.next();
                    self.after.next();
                }
                Step::Modified => {
                    let (before, after) = self.before.next().zip(self.after.next())?;
                    return Some(Change::Modified { before: Box::new(before), after: Box::new(after) });
                }
            }
        }
    }
}
