//! Objects, as S3 speaks of them.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::domain::object::ObjectKey;

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPage {
    /// What is on it, in the order of S3.
    pub objects: Vec<ListedObject>,
    /// How to ask for the next page. `None`: this was the last.
    pub next: Option<String>,
}

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its storage class.
    pub storage_class: Option<String>,
}

/// What S3 says of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: Option<String>,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// Its storage class, if not the standard one.
    pub storage_class: Option<String>,
}

/// The beginning of an object's content, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether there is more.
    pub truncated: bool,
    /// The object's media type.
    pub content_type: Option<String>,
}

/// An object to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Under which key.
    pub key: ObjectKey,
    /// Its content.
    pub body: Bytes,
    /// Its media type.
    pub content_type: String,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
}
