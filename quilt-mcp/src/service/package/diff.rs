//! What changed between two revisions.

use quilt_package::Entry;
use quilt_package::diff::Step;

use super::{PackageService, Revision};
use crate::error::ToolError;

/// What changed, from the one revision to the other.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Only the other has it.
    pub added: Side<Entry>,
    /// Only the one has it.
    pub deleted: Side<Entry>,
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

/// An entry that both have.
#[derive(Clone, Debug)]
pub struct Modified {
    /// In the one.
    pub before: Entry,
    /// In the other.
    pub after: Entry,
}

impl<T> Default for Side<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), count: 0 }
    }
}

impl<T> Side<T> {
    fn add(&mut self, change: T, most: usize) {
        self.count += 1;
        if self.shown.len() < most {
            self.shown.push(change);
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
        let (mut one, mut other) = (left.next().await?, right.next().await?);
        loop {
            let step = Step::between(one.as_ref(), other.as_ref());
            match step {
                Step::End => return Ok(found),
                Step::Deleted => found.deleted.add(taken(&mut one), most),
                Step::Added => found.added.add(taken(&mut other), most),
                Step::Same => found.unchanged += 1,
                Step::Modified => {
                    let (before, after) = (taken(&mut one), taken(&mut other));
                    found.modified.add(Modified { before, after }, most);
                }
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

fn taken(entry: &mut Option<Entry>) -> Entry {
    entry.take().expect("a step names what is there")
}
