//! Bringing the bytes of a package to their places, and learning what they hash to.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{FuturesOrdered, FuturesUnordered};
use quilt_package::hash::{Algorithm, MIN_CHUNK, chunk_size, combine};
use quilt_package::{Entry, LogicalKey, Object, ObjectHash};
use sha2::{Digest, Sha256};

use super::plan::physical_key;
use super::steps::parts;
use super::{Origin, Plan, Planned, PushService};
use crate::client::s3::{Attempt, Condition, KnownHash, Multipart, Original, Part, S3Client};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// How many objects are copied or read at a time.
const CONCURRENT_OBJECTS: usize = 8;
/// How many parts of one object are copied at a time.
const CONCURRENT_PARTS: usize = 4;
/// Which version a copy in parts was made of: its entity tag does not tell.
const COPIED_FROM: &str = "quilt-copied-from";

impl PushService<'_> {
    /// Copies, uploads or reads every object that comes in. What is in its place already is not copied again.
    pub(super) async fn transfer(
        &self,
        s3: &S3Client,
        plan: &Plan,
    ) -> Result<BTreeMap<LogicalKey, Entry>, ToolError> {
        let total = plan.entries.len();
        let mut entries = BTreeMap::new();
        let mut waiting = plan.entries.values();
        let mut moves = FuturesUnordered::new();
        loop {
            while moves.len() < CONCURRENT_OBJECTS
                && let Some(planned) = waiting.next()
            {
                moves.push(self.bring(s3, planned));
            }
            let Some(entry) = moves.next().await.transpose()? else { return Ok(entries) };
            entries.insert(entry.logical_key.clone(), entry);
            let done = entries.len();
            self.steps.add(1, || format!("{done} of {total} objects in place"));
        }
    }

    async fn bring(&self, s3: &S3Client, planned: &Planned) -> Result<Entry, ToolError> {
        let (at, hash) = match &planned.origin {
            Origin::Reference(original) => (original.uri.clone(), self.hash_of(s3, original).await?),
            Origin::Copy { original, to } => self.copy(s3, original, to).await?,
            Origin::Upload { content, media_type, to } => {
                let _turn = self.turns.next().await?;
                put(s3, content, media_type, to).await?
            }
        };
        Ok(Entry {
            logical_key: planned.logical_key.clone(),
            physical_key: physical_key(&at),
            size: planned.origin.size(),
            hash,
            meta: Object::new(),
        })
    }

    async fn copy(
        &self,
        s3: &S3Client,
        original: &Original,
        to: &S3Uri,
    ) -> Result<(S3Uri, ObjectHash), ToolError> {
        if let Some(there) = copied_before(s3, original, to).await? {
            let skipped = parts(original.size).saturating_sub(1);
            self.steps.add(skipped, || format!("`{to}` was there already"));
            return Ok(there);
        }
        let (version, hash) = if original.size < MIN_CHUNK {
            let _turn = self.turns.next().await?;
            let copied = s3.copy_whole(original, to).await?;
            (copied.version, known(original.size, copied.hash.as_ref()))
        } else {
            self.copy_in_parts(s3, original, to).await?
        };
        let at = with_version(to, version)?;
        let hash = match hash {
            Some(hash) => hash,
            // An S3 that computes no checksums.
            None => self.read_hash(s3, &at, original.size).await?,
        };
        if self.is_other_than(s3, &hash, original).await? {
            let message = format!("the copy of `{}` is not what was copied", original.uri);
            return Err(ToolError::new(ErrorCode::Unavailable, message).with_hint("send the call again"));
        }
        Ok((at, hash))
    }

    /// Whether a copy that hashes to `copy` is something else than its original, as far as S3 has a checksum of that.
    async fn is_other_than(
        &self,
        s3: &S3Client,
        copy: &ObjectHash,
        original: &Original,
    ) -> Result<bool, ToolError> {
        match &original.hash {
            // It was written in as many parts as it was copied in, but maybe in parts of other sizes: only its bytes tell.
            Some(KnownHash::Composite(digest, of))
                if original.size >= MIN_CHUNK
                    && *of == parts(original.size)
                    && composite(digest) != *copy =>
            {
                Ok(self.read_hash(s3, &original.uri, original.size).await? != *copy)
            }
            hash => Ok(known(original.size, hash.as_ref()).is_some_and(|expected| expected != *copy)),
        }
    }

    async fn copy_in_parts(
        &self,
        s3: &S3Client,
        original: &Original,
        to: &S3Uri,
    ) -> Result<(Option<String>, Option<ObjectHash>), ToolError> {
        let mut metadata = original.metadata.clone();
        metadata.insert(COPIED_FROM.to_owned(), mark(original));
        let multipart = s3.begin_parts(to, original.media_type.as_deref(), &metadata).await?;
        self.unfinished.begun(&multipart);
        let parts = self.copy_parts(s3, original, &multipart).await?;
        let attempt = s3.complete_parts(&multipart, &parts, Condition::Always).await?;
        self.unfinished.finished(&multipart);
        let digests: Option<Vec<[u8; 32]>> = parts.iter().map(Part::hash).collect();
        match attempt {
            Attempt::Written { version } => Ok((version, digests.map(|digests| combine(&digests)))),
            Attempt::Refused => {
                Err(ToolError::new(ErrorCode::Conflict, format!("`{to}` changed in the meantime"))
                    .with_hint("send the call again"))
            }
        }
    }

    async fn copy_parts(
        &self,
        s3: &S3Client,
        original: &Original,
        to: &Multipart,
    ) -> Result<Vec<Part>, ToolError> {
        let chunk = chunk_size(original.size);
        let starts = (0..original.size).step_by(usize::try_from(chunk).unwrap_or(usize::MAX));
        let mut ranges = (1..).zip(starts.map(|start| start..original.size.min(start + chunk)));
        let copy = async |number, range| {
            let _turn = self.turns.next().await?;
            s3.copy_part(to, number, original, range).await
        };
        let total = parts(original.size);
        let (mut copies, mut copied) = (FuturesOrdered::new(), Vec::new());
        loop {
            while copies.len() < CONCURRENT_PARTS
                && let Some((number, range)) = ranges.next()
            {
                copies.push_back(copy(number, range));
            }
            let Some(part) = copies.next().await.transpose()? else { return Ok(copied) };
            copied.push(part);
            // The last one is counted with its object.
            if (copied.len() as u64) < total {
                self.steps.add(1, || format!("{} of {total} parts of `{}`", copied.len(), original.uri));
            }
        }
    }

    async fn hash_of(&self, s3: &S3Client, original: &Original) -> Result<ObjectHash, ToolError> {
        match known(original.size, original.hash.as_ref()) {
            Some(hash) => Ok(hash),
            None => self.read_hash(s3, &original.uri, original.size).await,
        }
    }

    /// Reads all of an object.
    async fn read_hash(&self, s3: &S3Client, uri: &S3Uri, size: u64) -> Result<ObjectHash, ToolError> {
        let hash = self.threads.object(s3, &self.turns, uri, size, Algorithm::Sha256Chunked).await?;
        hash.map_err(|why| {
            ToolError::new(ErrorCode::Conflict, format!("`{uri}` changed in the meantime: {why}"))
                .with_hint("send the call again")
        })
    }
}

/// The copy that an earlier push made of the same version, if there is one. That makes a push that was stopped cheap to
/// repeat.
async fn copied_before(
    s3: &S3Client,
    original: &Original,
    to: &S3Uri,
) -> Result<Option<(S3Uri, ObjectHash)>, ToolError> {
    let found = match s3.original(to).await {
        Ok(found) => found,
        // Without the right to list, what is not there is refused.
        Err(error) if error.code() == ErrorCode::AccessDenied => None,
        Err(error) => return Err(error),
    };
    let Some(found) = found.filter(|found| found.size == original.size) else { return Ok(None) };
    let hash = match &found.hash {
        // The entity tag of what was written in one go is the MD5 of its bytes; of anything else it is unlike all others.
        Some(KnownHash::Whole(_)) if found.etag == original.etag && !found.etag.contains('-') => {
            known(found.size, found.hash.as_ref()).filter(|hash| {
                known(original.size, original.hash.as_ref()).is_none_or(|expected| expected == *hash)
            })
        }
        Some(KnownHash::Composite(digest, of))
            if *of == parts(original.size)
                && found.metadata.get(COPIED_FROM) == Some(&mark(original))
                // A copy that was found to be something else is there still, with its mark.
                && !differs(original.hash.as_ref(), digest, *of) =>
        {
            Some(composite(digest))
        }
        _ => None,
    };
    Ok(hash.map(|hash| (found.uri, hash)))
}

/// Whether what is known of an object in so many parts is another hash.
fn differs(known: Option<&KnownHash>, digest: &[u8; 32], parts: u64) -> bool {
    matches!(known, Some(KnownHash::Composite(other, of)) if *of == parts && other != digest)
}

async fn put(
    s3: &S3Client,
    content: &Bytes,
    media_type: &str,
    to: &S3Uri,
) -> Result<(S3Uri, ObjectHash), ToolError> {
    let size = content.len() as u64;
    let mut hasher = Algorithm::Sha256Chunked.hasher(size);
    hasher.update(content);
    let hash = hasher.finish().map_err(|why| ToolError::internal(why.to_string()))?;
    if let Ok(Some(found)) = s3.original(to).await
        && found.size == size
        && known(size, found.hash.as_ref()).as_ref() == Some(&hash)
    {
        return Ok((found.uri, hash));
    }
    match s3.put_if(to, content.clone(), Some(media_type), Condition::Always).await? {
        Attempt::Written { version } => Ok((with_version(to, version)?, hash)),
        Attempt::Refused => {
            Err(ToolError::new(ErrorCode::Conflict, format!("`{to}` changed in the meantime"))
                .with_hint("send the call again"))
        }
    }
}

/// The hash that follows from what S3 knows of an object. It is that of one chunk.
fn known(size: u64, hash: Option<&KnownHash>) -> Option<ObjectHash> {
    match hash {
        Some(KnownHash::Whole(_)) if size == 0 => Some(combine([])),
        Some(KnownHash::Whole(digest)) if size < MIN_CHUNK => Some(combine([digest])),
        _ => None,
    }
}

fn composite(digest: &[u8; 32]) -> ObjectHash {
    use base64::Engine;
    let value = base64::prelude::BASE64_STANDARD.encode(digest);
    ObjectHash::new(Algorithm::Sha256Chunked.name(), value)
}

/// Names a version in the metadata of its copy, in few bytes, as S3 keeps only few.
fn mark(original: &Original) -> String {
    let named = format!("{} {}", physical_key(&original.uri), original.etag);
    hex::encode(Sha256::digest(named))
}

fn with_version(uri: &S3Uri, version: Option<String>) -> Result<S3Uri, ToolError> {
    match version {
        Some(version) => {
            uri.clone().with_version(&version).map_err(|why| ToolError::internal(why.to_string()))
        }
        None => Ok(uri.clone()),
    }
}
