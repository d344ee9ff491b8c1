//! Making a planned revision visible: its manifest, its place in history, and at last `latest`.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use quilt_package::registry::{self, Pointer, Timestamp};
use quilt_package::{Entry, TopHash};

use super::draft::Draft;
use super::head::{Head, newest, pointer, read_pointer};
use super::unfinished::{of_parts_left, told_with};
use super::{Plan, Planned, PushService, changed_meanwhile, object};
use crate::client::s3::{Attempt, Condition, S3Client};
use crate::domain::bucket::BucketName;
use crate::domain::package::PackageName;
use crate::error::{ErrorCode, ToolError};
use crate::service::package::Revision;

/// How many seconds after its own a revision may be filed under, because others were pushed at the same time.
const SECONDS_TRIED: usize = 60;

/// The steps after the objects: the manifest, its place in the history, `latest`.
const PUBLISHING: u64 = 3;

/// What a push did.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// What the package says, in one hash.
    pub top_hash: TopHash,
    /// When the revision was filed. None if the package said the same before, so that there is no new revision.
    pub pushed_at: Option<SystemTime>,
    /// What became of the manifest.
    pub manifest: ManifestOutcome,
    /// The entries that came in, as they stand in the manifest that was made.
    pub entries: Vec<Entry>,
    /// What should be known of what the push left behind.
    pub left_behind: Option<String>,
}

/// What became of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestOutcome {
    /// It was written.
    Written,
    /// It was there already, byte for byte.
    Same,
    /// One of the same content that names other objects was there already, and stays.
    OtherObjects,
}

impl PushService<'_> {
    /// Performs a plan. Whatever stops it, what is visible is whole; sent again, it goes on.
    ///
    /// # Errors
    ///
    /// The caller may not, somebody else changed the package in the meantime, or S3 does not answer.
    pub async fn perform(&self, plan: &Plan) -> Result<Pushed, ToolError> {
        let s3 = self.auth.s3().await?;
        let performed = self.perform_all(s3, plan).await;
        // Now, while somebody can be told.
        let left = self.unfinished.throw_away(s3).await;
        match performed {
            Ok(pushed) => Ok(Pushed { left_behind: of_parts_left(&left), ..pushed }),
            Err(error) => Err(told_with(error, &left)),
        }
    }

    async fn perform_all(&self, s3: &S3Client, plan: &Plan) -> Result<Pushed, ToolError> {
        self.steps.expect(plan.entries.values().map(Planned::steps).sum::<u64>() + PUBLISHING);
        let entries = self.transfer(s3, plan).await?;
        let brought = entries.values().cloned().collect();
        let mut draft = self.draft(plan, entries).await?;
        let manifest = self.put_manifest(s3, plan, &mut draft).await?;
        let top_hash = draft.top_hash;
        self.steps.add(1, || "the manifest is written".to_owned());
        let pushed_at = if plan.head.top_hash == Some(top_hash) {
            None
        } else {
            let second = file(s3, plan, top_hash).await?;
            self.steps.add(1, || "the revision is in the history".to_owned());
            move_head(s3, &plan.push.registry, &plan.push.name, &plan.head, top_hash).await?;
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(second.seconds()))
        };
        self.steps.finish(|| format!("{top_hash} is the current revision"));
        Ok(Pushed { top_hash, pushed_at, manifest, entries: brought, left_behind: None })
    }

    async fn put_manifest(
        &self,
        s3: &S3Client,
        plan: &Plan,
        draft: &mut Draft,
    ) -> Result<ManifestOutcome, ToolError> {
        let push = &plan.push;
        let uri = object(&push.registry, registry::manifest_key(&draft.top_hash))?;
        let condition = if push.replace_manifest { Condition::Always } else { Condition::Absent };
        if let Attempt::Written { .. } = self.store(s3, draft, &uri, condition).await? {
            return Ok(ManifestOutcome::Written);
        }
        if draft.is_at(s3, &uri).await? {
            return Ok(ManifestOutcome::Same);
        }
        let (registry, name) = (push.registry.clone(), push.name.clone());
        self.verified(&Revision { registry, name, top_hash: draft.top_hash }).await.map_err(|error| {
            match error.code() {
                ErrorCode::InvalidState => error.with_hint("set `replace_manifest` to put it right"),
                _ => error,
            }
        })?;
        Ok(ManifestOutcome::OtherObjects)
    }

    /// Reads the manifest of a revision to its end, which is when it is known to be what it is called.
    pub(super) async fn verified(&self, revision: &Revision) -> Result<(), ToolError> {
        let mut manifest = self.packages.manifest(revision).await?;
        while manifest.next().await?.is_some() {}
        Ok(())
    }
}

/// Enters a revision into the history of its package, under a second that is nobody else's and after all others.
async fn file(s3: &S3Client, plan: &Plan, top_hash: TopHash) -> Result<Timestamp, ToolError> {
    let (registry, name) = (&plan.push.registry, &plan.push.name);
    let mut second = now()?;
    match newest(s3, registry, name).await? {
        // A push that was stopped before it moved `latest`.
        Some((filed, Some(hash))) if hash == top_hash => return Ok(filed),
        Some((newest, _)) => second = newest.next().map_or(second, |after| second.max(after)),
        None => {}
    }
    for _ in 0..SECONDS_TRIED {
        let place = pointer(registry, name, Pointer::At(second))?;
        let content = Bytes::from(Pointer::content(&top_hash));
        if let Attempt::Written { .. } = s3.put_if(&place, content, None, Condition::Absent).await? {
            return Ok(second);
        }
        // Taken: by this very write if its first answer was lost, else by another push.
        if read_pointer(s3, registry, name, Pointer::At(second)).await? == Some(top_hash) {
            return Ok(second);
        }
        second = second.next().ok_or_else(|| changed_meanwhile(registry, name))?;
    }
    Err(changed_meanwhile(registry, name))
}

/// Lets `latest` point to a revision, if it still is as it was.
pub(super) async fn move_head(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
    head: &Head,
    top_hash: TopHash,
) -> Result<(), ToolError> {
    let place = pointer(registry, name, Pointer::Latest)?;
    let content = Bytes::from(Pointer::content(&top_hash));
    match s3.put_if(&place, content, None, head.condition()).await? {
        Attempt::Written { .. } => Ok(()),
        Attempt::Refused if Head::read(s3, registry, name).await?.top_hash == Some(top_hash) => Ok(()),
        Attempt::Refused => Err(changed_meanwhile(registry, name)),
    }
}

fn now() -> Result<Timestamp, ToolError> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| Timestamp::new(since.as_secs()))
        .ok_or_else(|| ToolError::internal("the clock of this machine is wrong"))
}
