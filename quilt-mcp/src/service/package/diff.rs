//! What changed between two revisions.

use quilt_package::diff::Step;
use quilt_package::{Entry, LogicalKey};

use super::{PackageService, Revision};
use crate::error::ToolError;

/// The most bytes of keys that are shown: entries themselves, with what is said of them, are not kept.
const MAX_SHOWN: usize = 4 << 20;

/// What changed, from the one revision to the other.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Only the other has it.
    pub added: Side<Only>,
    /// Only the one has it.
    pub deleted: Side<Only>,
    /// Both have it, and differ.
    pub modified: Side<Modified>,
    /// How many entries say the same in both.
    pub unchanged: u64,
    /// Whether the packages' own metadata differs.
    pub metadata_changed: bool,
}

/// One kind of change: the first of them, and how many there are.
#[derive(Clone, Debug)]
pub struct Side<T> {
    /// The first, in the order of the package.
    pub shown: Vec<T>,
    /// How many there are.
    pub count: u64,
}

/// An entry that only one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// Where it stands in the package.
    pub logical_key: LogicalKey,
    /// In bytes.
    pub size: u64,
}

/// An entry that both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modified {
    /// Where it stands in both.
    pub logical_key: LogicalKey,
    /// In bytes, in the one.
    pub size_before: u64,
    /// In bytes, in the other.
    pub size_after: u64,
    /// Whether size or hash differ.
    pub content_changed: bool,
    /// Whether metadata differs.
    pub metadata_changed: bool,
}

impl<T> Default for Side<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), count: 0 }
    }
}

impl<T> Side<T> {
    /// Whether there are more than are shown.
    pub fn is_cut(&self) -> bool {
        self.count > self.shown.len() as u64
    }
}

/// How much more is shown.
struct Room {
    /// Changes of each kind.
    changes: usize,
    /// Bytes of keys, of all kinds together.
    bytes: usize,
}

impl Room {
    fn add<T>(&mut self, side: &mut Side<T>, key: &LogicalKey, change: impl FnOnce() -> T) {
        // Once one was left out, so are those after it: what is shown are the first.
        let fits = !side.is_cut() && side.shown.len() < self.changes && key.as_str().len() <= self.bytes;
        side.count += 1;
        if fits {
            self.bytes -= key.as_str().len();
            side.shown.push(change());
        }
    }
}

impl PackageService<'_> {
    /// Compares two revisions, of any packages in any registries, and shows at most `most` changes of each kind.
    ///
    /// # Errors
    ///
    /// The caller may not read one of them, there is none, or a manifest is damaged.
    pub async fn diff(
        &self,
        before: &Revision,
        after: &Revision,
        most: usize,
    ) -> Result<Compared, ToolError> {
        let (mut left, mut right) = futures_util::try_join!(self.manifest(before), self.manifest(after))?;
        let mut found = Compared {
            metadata_changed: left.header().user_meta() != right.header().user_meta(),
            ..Compared::default()
        };
        let mut room = Room { changes: most, bytes: MAX_SHOWN };
        let (mut one, mut other) = (left.next().await?, right.next().await?);
        loop {
            let step = Step::between(one.as_ref(), other.as_ref());
            found.add(step, one.as_ref(), other.as_ref(), &mut room);
            if step == Step::End {
                return Ok(found);
            }
            if step != Step::Added {
                one = left.next().await?;
            }
            if step != Step::Deleted {
                other = right.next().await?;
            }
        }
    }
}

impl Compared {
    fn add(&mut self, step: Step, before: Option<&Entry>, after: Option<&Entry>, room: &mut Room) {
        match (step, before, after) {
            (Step::Deleted, Some(entry), _) => {
                room.add(&mut self.deleted, &entry.logical_key, || only(entry));
            }
            (Step::Added, _, Some(entry)) => {
                room.add(&mut self.added, &entry.logical_key, || only(entry));
            }
            (Step::Modified, Some(before), Some(after)) => {
                room.add(&mut self.modified, &after.logical_key, || modified(before, after));
            }
            (Step::Same, ..) => self.unchanged += 1,
            _ => {}
        }
    }
}

fn only(entry: &Entry) -> Only {
    Only { logical_key: entry.logical_key.clone(), size: entry.size }
}

fn modified(before: &Entry, after: &Entry) -> Modified {
    Modified {
        logical_key: after.logical_key.clone(),
        size_before: before.size,
        size_after: after.size,
        content_changed: before.size != after.size || before.hash != after.hash,
        metadata_changed: before.meta != after.meta,
    }
}
