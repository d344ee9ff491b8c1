//! What a push is to do.

use bytes::Bytes;
use quilt_package::{LogicalKey, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::PackageName;

/// A push.
#[derive(Clone, Debug)]
pub struct Push {
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// What the package is called there.
    pub name: PackageName,
    /// What it builds on.
    pub base: Base,
    /// Objects that come in, or take the place of others.
    pub objects: Vec<Source>,
    /// Files that are made here and come in.
    pub texts: Vec<Text>,
    /// What becomes of the package's metadata.
    pub metadata: MetadataChange,
    /// What is said of the revision.
    pub message: String,
    /// The workflow that the package is held to.
    pub workflow: WorkflowChoice,
    /// Which objects are copied.
    pub copy: CopyMode,
    /// Whether a manifest of the same content that names other objects is replaced.
    pub replace_manifest: bool,
}

/// What a push builds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing: there may be no such package.
    Nothing,
    /// Nothing: what there is becomes history.
    Anything,
    /// The current revision, which has to be there.
    Current,
}

/// An object that comes into a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is to stand.
    pub logical_key: LogicalKey,
    /// Where it is.
    pub uri: S3Uri,
}

/// A file that is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Where it is to stand.
    pub logical_key: LogicalKey,
    /// What it holds.
    pub content: Bytes,
    /// Its media type.
    pub media_type: &'static str,
}

/// What becomes of the metadata of a package.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataChange {
    /// It stays as it is.
    Keep,
    /// These members are set, the others stay.
    Merge(Object),
    /// This is all of it.
    Replace(Object),
}

/// The workflow that a package is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkflowChoice {
    /// The registry's default.
    Default,
    /// None.
    None,
    /// This one.
    Named(String),
}

/// Which objects a push copies below the package's own prefix in the registry. The others stay where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CopyMode {
    /// All of them.
    #[default]
    All,
    /// Those of other buckets. What is in the registry's bucket already stays where it is.
    SameBucket,
    /// None.
    None,
}
