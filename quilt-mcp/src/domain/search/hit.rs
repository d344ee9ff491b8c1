//! What the index answers, read strictly: what is no hit of an index that was asked is left out and counted.

use quilt_package::{HashPrefix, QuiltUri, Revision, TopHash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::extension::Extension;
use super::index::Indices;
use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::domain::package::PackageName;

/// What a hit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum HitKind {
    /// An object in a bucket.
    File,
    /// An entry of a revision of a package.
    PackageEntry,
    /// A package.
    Package,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Hit {
    /// Its name in the index.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: HitKind,
    /// The bucket in whose index it stands.
    pub bucket: BucketName,
    /// Its whole name: a key, a logical key, or a package's name.
    pub name: String,
    /// The last part of its name.
    pub title: String,
    /// How well it fits; only to be compared within one answer. Absent when the order is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The ending of its name, without a dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// The object, or the object that an entry points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_uri: Option<S3Uri>,
    /// The package, or the entry in its package, for other Quilt programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quilt_uri: Option<String>,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<PackageName>,
    /// The hash of the revision that an entry is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_hash: Option<String>,
    /// The path in the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_key: Option<String>,
    /// All that the index knows, but the text of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// An answer of the index.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Of the page that was asked for.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Whether there are no more than that.
    pub exact: bool,
    /// How many of the page could not be read, or are of no index that was asked.
    pub unreadable: usize,
}

#[derive(Deserialize)]
struct Answer {
    hits: Hits,
}

#[derive(Deserialize)]
struct Hits {
    total: Total,
    #[serde(default)]
    hits: Vec<Document>,
}

/// A number, or since version 7 of the index with whether it is all of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Total {
    Number(u64),
    Counted { value: u64, relation: String },
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "_index")]
    index: String,
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_score", default)]
    score: Option<f64>,
    #[serde(rename = "_source", default)]
    source: Map<String, Value>,
}

impl Found {
    /// Reads an answer to a question that was put to `indices`. `None`: it is no answer.
    pub fn read(answer: Value, indices: &Indices, with_metadata: bool) -> Option<Self> {
        let Answer { hits } = serde_json::from_value(answer).ok()?;
        let (total, exact) = match hits.total {
            Total::Number(total) => (total, true),
            Total::Counted { value, relation } => (value, relation == "eq"),
        };
        let documents = hits.hits.len();
        let hits: Vec<Hit> =
            hits.hits.into_iter().filter_map(|document| document.hit(indices, with_metadata)).collect();
        Some(Self { total, exact, unreadable: documents - hits.len(), hits })
    }
}

impl Document {
    fn hit(self, indices: &Indices, with_metadata: bool) -> Option<Hit> {
        let bucket = indices.bucket_of(&self.index)?.clone();
        let mut hit = if self.text("ptr_name").is_some() {
            self.package(bucket)?
        } else if self.text("entry_lk").is_some() {
            self.entry(bucket)?
        } else {
            self.file(bucket)?
        };
        hit.score = self.score.filter(|score| score.is_finite());
        hit.metadata = with_metadata.then_some(self.source);
        Some(hit)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.source.get(field)?.as_str().filter(|text| !text.is_empty())
    }

    fn number(&self, field: &str) -> Option<u64> {
        self.source.get(field)?.as_u64()
    }

    fn bare(&self, kind: HitKind, bucket: BucketName, name: &str) -> Hit {
        Hit {
            id: self.id.clone(),
            kind,
            bucket,
            name: name.to_owned(),
            title: name.rsplit('/').next().unwrap_or(name).to_owned(),
            score: None,
            size: None,
            last_modified: None,
            extension: None,
            s3_uri: None,
            quilt_uri: None,
            package_name: None,
            top_hash: None,
            logical_key: None,
            metadata: None,
        }
    }

    fn file(&self, bucket: BucketName) -> Option<Hit> {
        let key = self.text("key")?;
        // What has no versions is indexed as of version `null`.
        let version = self.text("version_id").filter(|version| *version != "null");
        let uri = S3Uri::new(bucket.clone(), ObjectKey::try_from(key.to_owned()).ok()?);
        let uri = match version {
            Some(version) => uri.with_version(version).ok()?,
            None => uri,
        };
        Some(Hit {
            size: self.number("size"),
            last_modified: self.text("last_modified").map(str::to_owned),
            extension: Extension::of(key),
            s3_uri: Some(uri),
            ..self.bare(HitKind::File, bucket, key)
        })
    }

    fn package(&self, bucket: BucketName) -> Option<Hit> {
        let name: PackageName = self.text("ptr_name")?.parse().ok()?;
        let uri = QuiltUri::of_package(bucket.as_str(), name.in_format().clone());
        Some(Hit {
            last_modified: self.text("ptr_last_modified").map(str::to_owned),
            quilt_uri: Some(uri.to_string()),
            package_name: Some(name.clone()),
            ..self.bare(HitKind::Package, bucket, name.as_str())
        })
    }

    fn entry(&self, bucket: BucketName) -> Option<Hit> {
        let key = self.text("entry_lk")?;
        let physical = self.text("entry_pk").unwrap_or_default();
        // Indices of old hold `namespace/name@hash` here, newer ones the object that the entry points to.
        let old = physical.split_once('@').filter(|_| !physical.contains("://"));
        let package_name = old.and_then(|(name, _)| name.parse::<PackageName>().ok());
        let hash = old.map(|(_, hash)| hash).or_else(|| self.hash_in_id());
        let hash = hash.and_then(|hash| hash.parse::<HashPrefix>().ok());
        let quilt_uri = package_name.as_ref().and_then(|name| {
            let mut uri = QuiltUri::of_package(bucket.as_str(), name.in_format().clone());
            let package = uri.package.as_mut()?;
            package.revision = hash.clone().map(Revision::Hash);
            package.path = Some(key.parse().ok()?);
            Some(uri.to_string())
        });
        Some(Hit {
            size: self.number("entry_size"),
            extension: Extension::of(key),
            s3_uri: physical.parse().ok(),
            quilt_uri,
            package_name,
            top_hash: hash.map(|hash| hash.as_str().to_owned()),
            logical_key: Some(key.to_owned()),
            ..self.bare(HitKind::PackageEntry, bucket, key)
        })
    }

    /// The name of an entry in the index is `entry:<top hash>:<hash of its key>`.
    fn hash_in_id(&self) -> Option<&str> {
        let hash = self.id.strip_prefix("entry:")?.split(':').next()?;
        hash.parse::<TopHash>().ok().map(|_| hash)
    }
}
