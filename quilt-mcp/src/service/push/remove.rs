//! Removing a package, or one revision of it, from a registry. Manifests and objects stay: others may use them.

use futures_util::{StreamExt, TryStreamExt, stream};
use quilt_package::TopHash;
use quilt_package::registry::Pointer;

use super::head::{Head, pointer, read_pointer};
use super::publish::move_head;
use super::{PushService, changed_meanwhile, no_package};
use crate::client::s3::{Attempt, Condition, S3Client};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::package::pointers;

/// How many pointers are read or deleted at a time.
const CONCURRENT_POINTERS: usize = 16;

/// What is to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The package with all of its history.
    Package,
    /// One revision, wherever it stands in the history.
    Revision(RevisionRef),
}

/// What a removal takes away. Nothing of it has been taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    registry: BucketName,
    name: PackageName,
    head: Head,
    seconds: Vec<Pointer>,
    /// The revision, if it is only one.
    pub top_hash: Option<TopHash>,
    /// What `latest` will point to. None if it goes too.
    pub latest_after: Option<TopHash>,
    /// Revisions that stay.
    pub remaining: usize,
    moves: Moves,
}

/// What happens to `latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moves {
    Stays,
    Back(TopHash),
    Goes,
}

impl Removal {
    /// The objects that go.
    ///
    /// # Errors
    ///
    /// The package's name is too long for S3.
    pub fn objects(&self) -> Result<Vec<S3Uri>, ToolError> {
        let latest = (self.moves == Moves::Goes && self.head.is_there()).then_some(Pointer::Latest);
        let pointers = latest.into_iter().chain(self.seconds.iter().copied());
        pointers.map(|which| pointer(&self.registry, &self.name, which)).collect()
    }
}

impl PushService<'_> {
    /// Finds out what a removal would take away.
    ///
    /// # Errors
    ///
    /// The caller may not look, or there is no such package or revision.
    pub async fn plan_removal(
        &self,
        registry: &BucketName,
        name: &PackageName,
        target: &Target,
    ) -> Result<Removal, ToolError> {
        let s3 = self.auth.s3().await?;
        let head = Head::read(s3, registry, name).await?;
        let mut known = pointers(s3, registry, name).await?;
        if known.is_empty() {
            return Err(no_package(registry, name));
        }
        known.retain(|which| *which != Pointer::Latest);
        known.sort_unstable();
        let (registry, name) = (registry.clone(), name.clone());
        let wanted = match target {
            Target::Package => {
                let (seconds, moves) = (known, Moves::Goes);
                return Ok(Removal {
                    registry,
                    name,
                    head,
                    seconds,
                    top_hash: None,
                    latest_after: None,
                    remaining: 0,
                    moves,
                });
            }
            Target::Revision(wanted) => self.packages.revision(&registry, &name, wanted).await?.top_hash,
        };
        let filed = filed_as(s3, &registry, &name, known).await?;
        let (going, staying): (Vec<_>, Vec<_>) =
            filed.into_iter().partition(|(_, hash)| *hash == Some(wanted));
        if going.is_empty() && head.top_hash != Some(wanted) {
            return Err(ToolError::not_found(format!("{wanted} is no revision of `{name}` in `{registry}`"))
                .with_hint("package_versions_list shows which there are"));
        }
        let before = staying.iter().rev().find_map(|(_, hash)| *hash);
        let moves = match (head.top_hash == Some(wanted), before) {
            (false, _) => Moves::Stays,
            (true, Some(before)) => Moves::Back(before),
            (true, None) => Moves::Goes,
        };
        let latest_after = match moves {
            Moves::Stays => head.top_hash,
            Moves::Back(before) => Some(before),
            Moves::Goes => None,
        };
        let seconds = going.into_iter().map(|(which, _)| which).collect();
        let (top_hash, remaining) = (Some(wanted), staying.len());
        Ok(Removal { registry, name, head, seconds, top_hash, latest_after, remaining, moves })
    }

    /// Removes what was planned: first from `latest`, so that nobody is led to what is going, then from history.
    ///
    /// # Errors
    ///
    /// The caller may not, or somebody else changed the package in the meantime.
    pub async fn remove(&self, removal: &Removal) -> Result<(), ToolError> {
        let s3 = self.auth.s3().await?;
        let Removal { registry, name, head, .. } = removal;
        match removal.moves {
            Moves::Stays => {}
            Moves::Back(before) => move_head(s3, registry, name, head, before).await?,
            Moves::Goes if !head.is_there() => {}
            Moves::Goes => {
                let latest = pointer(registry, name, Pointer::Latest)?;
                if s3.delete_if(&latest, head.condition()).await? == Attempt::Refused {
                    return Err(changed_meanwhile(registry, name));
                }
            }
        }
        let total = removal.seconds.len();
        self.steps.expect(total as u64);
        let deletions = removal.seconds.iter().copied().map(|which| async move {
            // A revision's pointer never changes, so there is nothing to be conditional on.
            s3.delete_if(&pointer(registry, name, which)?, Condition::Always).await
        });
        let mut deletions = stream::iter(deletions).buffer_unordered(CONCURRENT_POINTERS);
        let mut done = 0_usize;
        while deletions.try_next().await?.is_some() {
            done += 1;
            self.steps.add(1, || format!("{done} of {total} revisions removed"));
        }
        Ok(())
    }
}

/// The hashes that pointers hold, in their order.
pub(super) async fn filed_as(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
    known: Vec<Pointer>,
) -> Result<Vec<(Pointer, Option<TopHash>)>, ToolError> {
    let reads = known
        .into_iter()
        .map(|which| async move { read_pointer(s3, registry, name, which).await.map(|hash| (which, hash)) });
    stream::iter(reads).buffered(CONCURRENT_POINTERS).try_collect().await
}
