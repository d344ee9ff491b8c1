//! Making an earlier revision the current one again.

use quilt_package::TopHash;

use super::head::Head;
use super::publish::move_head;
use super::remove::filed_as;
use super::{PushService, no_package};
use crate::domain::bucket::BucketName;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::package::pointers;

/// What a rollback did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// What `latest` pointed to.
    pub from: Option<TopHash>,
    /// What it points to now.
    pub to: TopHash,
}

impl PushService<'_> {
    /// Lets `latest` point to a revision of the package's own history, whose manifest is whole. History stays as it is.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such revision, its manifest is damaged, or somebody else changed the package in the
    /// meantime.
    pub async fn roll_back(
        &self,
        registry: &BucketName,
        name: &PackageName,
        wanted: &RevisionRef,
    ) -> Result<RolledBack, ToolError> {
        let s3 = self.auth.s3().await?;
        let head = Head::read(s3, registry, name).await?;
        let revision = self.packages.revision(registry, name, wanted).await?;
        let known = pointers(s3, registry, name).await?;
        if known.is_empty() {
            return Err(no_package(registry, name));
        }
        let to = revision.top_hash;
        if filed_as(s3, registry, name, known).await?.iter().all(|(_, hash)| *hash != Some(to)) {
            return Err(ToolError::not_found(format!("{to} is no revision of `{name}` in `{registry}`"))
                .with_hint("package_versions_list shows which there are"));
        }
        self.verified(&revision).await?;
        if head.top_hash != Some(to) {
            move_head(s3, registry, name, &head, to).await?;
        }
        Ok(RolledBack { from: head.top_hash, to })
    }
}
