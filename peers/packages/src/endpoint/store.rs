//! What is where.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use s3s::dto::{ETag, Timestamp};
use s3s::{S3Result, s3_error};

use super::content::Content;

/// An object.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) content: Content,
    pub(super) etag: String,
    /// Of the whole, or of its parts.
    pub(super) checksum: Option<String>,
    pub(super) written: Timestamp,
    pub(super) metadata: Option<s3s::dto::Metadata>,
}

impl Object {
    pub(super) fn e_tag(&self) -> Option<ETag> {
        Some(ETag::Strong(self.etag.clone()))
    }
}

/// An object of which parts are being written.
#[derive(Default)]
pub(super) struct Upload {
    pub(super) parts: BTreeMap<i32, (Content, [u8; 32])>,
    pub(super) metadata: Option<s3s::dto::Metadata>,
}

type Bucket = BTreeMap<String, Object>;

/// All buckets, each made by what is first written into it.
#[derive(Default)]
pub(super) struct Store {
    buckets: Mutex<BTreeMap<String, Bucket>>,
    uploads: Mutex<BTreeMap<String, Upload>>,
    count: AtomicU64,
}

impl Store {
    pub(super) fn buckets(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn uploads(&self) -> MutexGuard<'_, BTreeMap<String, Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something that was never given out before: an entity tag, the id of an upload.
    pub(super) fn unique(&self) -> String {
        format!("{:032x}", self.count.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> S3Result<Object> {
        let found = self.buckets().get(bucket).and_then(|bucket| bucket.get(key)).cloned();
        found.ok_or_else(|| s3_error!(NoSuchKey))
    }

    pub(super) fn put(
        &self,
        bucket: &str,
        key: &str,
        content: Content,
        checksum: Option<String>,
        metadata: Option<s3s::dto::Metadata>,
    ) -> Object {
        let written = Timestamp::from(std::time::SystemTime::now());
        let object = Object { content, etag: self.unique(), checksum, written, metadata };
        self.buckets().entry(bucket.to_owned()).or_default().insert(key.to_owned(), object.clone());
        object
    }
}
