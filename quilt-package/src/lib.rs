//! Quilt's package format, byte for byte, without Quilt.
//!
//! A package is a list of objects: what each is called there, where its bytes are, their size, hash and metadata. The list is
//! a **manifest**, one JSON object a line. What it says has a **top hash**, which names the revision. A bucket is a
//! **registry**: it keeps manifests under their hashes, and under each package's name pointers to its revisions.
//!
//! This crate reads and writes all of that, and touches no network and no file. What it writes, quilt3 reads, and computes
//! the same top hash of; what quilt3 writes, it reads. Where quilt3 is lenient and that is dangerous, it is not: keys that climb
//! out of a directory are refused, and so are lines and nestings without end.
//!
//! ```
//! use quilt_package::hash::Algorithm;
//! use quilt_package::{Entry, Header, Manifest, Object, PhysicalKey, S3Object};
//!
//! let content = b"hello\n";
//! let mut hasher = Algorithm::Sha256Chunked.hasher(content.len() as u64);
//! hasher.update(content);
//!
//! let mut manifest = Manifest::new(Header::new(None));
//! manifest.set(Entry {
//!     logical_key: "hello.txt".parse()?,
//!     physical_key: PhysicalKey::S3(S3Object {
//!         bucket: "golden".to_owned(),
//!         key: "test/pkg/hello.txt".to_owned(),
//!         version: None,
//!     }),
//!     size: content.len() as u64,
//!     hash: hasher.finish()?,
//!     meta: Object::new(),
//! })?;
//!
//! let (bytes, top_hash) = manifest.to_bytes()?;
//! assert_eq!(top_hash.to_string(), "ead09da9c80dc7a4bac1cac41e2f48df6c5160368c7856da00a4157b677c415e");
//! assert_eq!(Manifest::read(&*bytes)?, manifest);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! | for | see |
//! |---|---|
//! | a manifest as a stream | [`manifest::Reader`], [`manifest::Decoder`], [`manifest::Writer`] |
//! | a manifest in memory | [`Manifest`] |
//! | its hash | [`TopHasher`] |
//! | hashes of objects | [`hash`] |
//! | where a registry keeps what | [`registry`] |
//! | what changed | [`diff`] |
//! | the rules of a registry | [`workflow`] |
//! | links | [`QuiltUri`] |

pub mod canonical;
pub mod diff;
pub mod hash;
pub mod json;
mod logical_key;
pub mod manifest;
mod name;
mod order;
mod physical_key;
pub mod registry;
mod top_hash;
mod uri;
pub mod workflow;

pub use hash::ObjectHash;
pub use json::{Json, Object};
pub use logical_key::{InvalidLogicalKey, LogicalKey};
pub use manifest::{Entry, Header, Manifest};
pub use name::{InvalidName, PackageName};
pub use order::{KeyOrder, OrderError};
pub use physical_key::{InvalidPhysicalKey, PhysicalKey, S3Object};
pub use top_hash::{HashPrefix, InvalidTopHash, TopHash, TopHasher};
pub use uri::{InvalidUri, QuiltUri, Revision, UriPackage};
