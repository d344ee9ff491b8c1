//! Which revisions a package has, and which one is meant.

use std::time::{Duration, SystemTime};

use futures_util::{StreamExt, TryStreamExt, stream};
use quilt_package::registry::{self, MANIFESTS, Pointer};
use quilt_package::{HashPrefix, TopHash};

use super::{PackageService, registry_object};
use crate::client::s3::S3Client;
use crate::domain::bucket::BucketName;
use crate::domain::object::KeyPrefix;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::{ErrorCode, ToolError};

/// How many pointers are read at a time.
const CONCURRENT_READS: usize = 16;
/// A pointer is 64 bytes.
const POINTER_BYTES: usize = 256;
/// The most revisions one listing gives.
const MAX_VERSIONS: usize = 1000;

/// One revision of a package in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The bucket that is its registry.
    pub registry: BucketName,
    /// What the package is called there.
    pub name: PackageName,
    /// What it says, in one hash.
    pub top_hash: TopHash,
}

/// A revision in the history of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// When it was pushed.
    pub pushed_at: SystemTime,
    /// Its top hash. The same content pushed again has the same.
    pub top_hash: TopHash,
}

/// The history of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The revisions, newest first.
    pub versions: Vec<Version>,
    /// What `latest` points to, if it does.
    pub latest: Option<TopHash>,
    /// Whether there are older ones.
    pub truncated: bool,
}

impl PackageService<'_> {
    /// Finds the revision that is meant.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such package or revision, or the beginning of a hash fits several.
    pub async fn revision(
        &self,
        registry: &BucketName,
        name: &PackageName,
        wanted: &RevisionRef,
    ) -> Result<Revision, ToolError> {
        let s3 = self.auth.s3().await?;
        let top_hash = match wanted {
            RevisionRef::Latest => pointed_to(s3, registry, name, Pointer::Latest).await?,
            RevisionRef::Hash(hash) => match hash.whole() {
                Some(hash) => hash,
                None => beginning_with(s3, registry, hash).await?,
            },
        };
        Ok(Revision { registry: registry.clone(), name: name.clone(), top_hash })
    }

    /// The history of a package.
    ///
    /// # Errors
    ///
    /// The caller may not, or there is no such package.
    pub async fn versions(&self, registry: &BucketName, name: &PackageName) -> Result<Versions, ToolError> {
        let s3 = self.auth.s3().await?;
        let mut pointers = pointers(s3, registry, name).await?;
        if pointers.is_empty() {
            return Err(no_package(registry, name));
        }
        pointers.sort_unstable_by(|one, other| other.cmp(one));
        // `latest` is greater than every second, and comes on top of the limit.
        let truncated = pointers.len() > MAX_VERSIONS + 1;
        pointers.truncate(MAX_VERSIONS + 1);
        let reads = pointers.into_iter().map(|pointer| async move {
            pointed_to(s3, registry, name, pointer).await.map(|hash| (pointer, hash))
        });
        let read: Vec<(Pointer, TopHash)> =
            stream::iter(reads).buffered(CONCURRENT_READS).try_collect().await?;
        let mut found = Versions { versions: Vec::with_capacity(read.len()), latest: None, truncated };
        for (pointer, top_hash) in read {
            match pointer {
                Pointer::Latest => found.latest = Some(top_hash),
                Pointer::At(second) => {
                    let pushed_at = SystemTime::UNIX_EPOCH + Duration::from_secs(second.seconds());
                    found.versions.push(Version { pushed_at, top_hash });
                }
            }
        }
        Ok(found)
    }
}

impl PackageService<'_> {
    /// The top hashes of the newest `most` revisions, newest first, each once, and whether there are older ones.
    ///
    /// # Errors
    ///
    /// The caller may not.
    pub(in crate::service) async fn newest(
        &self,
        registry: &BucketName,
        name: &PackageName,
        most: usize,
    ) -> Result<(Vec<TopHash>, bool), ToolError> {
        let s3 = self.auth.s3().await?;
        let mut pointers = pointers(s3, registry, name).await?;
        pointers.retain(|pointer| *pointer != Pointer::Latest);
        pointers.sort_unstable_by(|one, other| other.cmp(one));
        let older = pointers.len() > most;
        let reads = pointers.into_iter().take(most).map(|at| pointed_to(s3, registry, name, at));
        let (mut hashes, mut reads) = (Vec::new(), stream::iter(reads).buffered(CONCURRENT_READS));
        while let Some(read) = reads.next().await {
            match read {
                Ok(hash) if hashes.contains(&hash) => {}
                Ok(hash) => hashes.push(hash),
                // A pointer that holds nothing of use, or is gone by now, hides the others from nobody.
                Err(error) if matches!(error.code(), ErrorCode::InvalidState | ErrorCode::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((hashes, older))
    }
}

/// Every pointer of a package, in no order. None if there is no such package.
pub(in crate::service) async fn pointers(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
) -> Result<Vec<Pointer>, ToolError> {
    let prefix = prefix_of(registry::pointers_prefix(name.in_format()))?;
    let (mut pointers, mut next) = (Vec::new(), None);
    loop {
        let page = s3.list(registry, &prefix, 1000, next.as_deref()).await?;
        let found = page.objects.iter().filter_map(|object| registry::pointer_of(object.key.as_str()));
        pointers.extend(found.map(|(_, pointer)| pointer));
        if page.next.is_none() || page.next == next {
            return Ok(pointers);
        }
        next = page.next;
    }
}

/// The hash that a pointer holds.
async fn pointed_to(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
    pointer: Pointer,
) -> Result<TopHash, ToolError> {
    let uri = registry_object(registry, registry::pointer_key(name.in_format(), pointer));
    let content = s3.get(&uri, POINTER_BYTES).await.map_err(|error| match error.code() {
        ErrorCode::NotFound if !error.message().contains("bucket") => no_package(registry, name),
        _ => error,
    })?;
    Pointer::read(&content.bytes).ok_or_else(|| {
        ToolError::new(ErrorCode::InvalidState, format!("`{uri}` holds no top hash"))
            .with_hint("push the package again, or roll it back to a revision that is whole")
    })
}

/// The one manifest of the registry whose hash begins so.
async fn beginning_with(
    s3: &S3Client,
    registry: &BucketName,
    hash: &HashPrefix,
) -> Result<TopHash, ToolError> {
    let page = s3.list(registry, &prefix_of(format!("{MANIFESTS}{hash}"))?, 2, None).await?;
    let found: Vec<TopHash> =
        page.objects.iter().filter_map(|object| registry::manifest_of(object.key.as_str())).collect();
    match found[..] {
        [only] => Ok(only),
        [] => Err(ToolError::not_found(format!(
            "no revision in `{registry}` has a top hash that begins with `{hash}`"
        ))
        .with_hint("list the package's versions to see its hashes")),
        _ => Err(ToolError::invalid_input(format!("several top hashes in `{registry}` begin with `{hash}`"))
            .with_hint("give more digits")),
    }
}

fn no_package(registry: &BucketName, name: &PackageName) -> ToolError {
    ToolError::not_found(format!("there is no package `{name}` in `{registry}`"))
        .with_hint("packages_list shows which there are")
}

pub(super) fn prefix_of(prefix: String) -> Result<KeyPrefix, ToolError> {
    KeyPrefix::try_from(prefix).map_err(|why| ToolError::invalid_input(why.to_string()))
}
