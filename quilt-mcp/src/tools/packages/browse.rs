//! What is in a package.

use std::collections::BTreeMap;

use quilt_package::Entry;
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{size, stored};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::ObjectService;
use crate::service::package::{PackageService, Row, Shape, Totals, file_type, object_of};

/// How many rows are shown if nothing is said.
const ROWS: usize = 1000;
/// How long links live, in seconds.
const LINK_SECONDS: u32 = 3600;

/// What is in a package.
#[derive(Serialize, JsonSchema)]
#[expect(missing_debug_implementations, reason = "its links are secrets of their caller")]
pub struct PackageContents {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision, which the manifest was verified against.
    pub top_hash: String,
    /// What its author said of the revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The package's metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "stored::schema")]
    pub metadata: Option<Value>,
    /// Which workflow the package passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "stored::schema")]
    pub workflow: Option<Value>,
    /// Entries of the whole package.
    pub total_entries: u64,
    /// Counts over the whole package.
    pub summary: Summary,
    /// Whether directories were opened.
    pub view_type: ViewType,
    /// Files, and directories that were not opened, in the order of the package.
    pub entries: Vec<BrowsedEntry>,
    /// The same as a tree, name to node. Absent in a flat view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_tree: Option<BTreeMap<String, TreeNode>>,
    /// Whether there are more rows than `entries` has.
    pub truncated: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Counts over a whole package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Bytes.
    pub total_size: u64,
    /// The same, for people.
    pub total_size_human: String,
    /// Files.
    pub total_files: u64,
    /// Directories, at any depth.
    pub total_directories: u64,
    /// The endings of file names, without the dot.
    pub file_types: Vec<String>,
}

/// How a package is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ViewType {
    /// Directories were opened.
    Recursive,
    /// Only the topmost level.
    Flat,
}

/// A file, or a directory that was not opened.
#[derive(Serialize, JsonSchema)]
#[expect(missing_debug_implementations, reason = "its link is a secret of its caller")]
pub struct BrowsedEntry {
    /// Where it stands in the package; a directory ends in `/`.
    pub logical_key: String,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Bytes; of a directory, of all that is in it.
    pub size: u64,
    /// The same, for people.
    pub size_human: String,
    /// Files in a directory, at any depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_count: Option<u64>,
    /// The object, as the package names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_key: Option<String>,
    /// The object as a URI to be given to other tools. Absent if it is a local file of the package's author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_uri: Option<S3Uri>,
    /// What the object hashes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// How.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_type: Option<String>,
    /// The ending of its name, without the dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<String>,
    /// Its metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "stored::schema")]
    pub metadata: Option<Value>,
    /// A link to download it with the caller's rights. Treat it as a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_url: Option<String>,
}

/// A file or directory in the tree.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct TreeNode {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: NodeKind,
    /// Bytes of the rows in it.
    pub size: u64,
    /// The same, for people.
    pub size_human: String,
    /// What is in a directory that was opened, name to node.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub children: BTreeMap<String, TreeNode>,
}

/// What a node of the tree is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum NodeKind {
    /// A file.
    File,
    /// A directory.
    #[default]
    Directory,
}

/// Browse what is in a package.
///
/// Returns the package's message, metadata, counts and sizes, and its files with sizes, hashes and by default download
/// links. The manifest is verified against the top hash. Use `recursive` false or `max_depth` to see the layout of a large
/// package first, and `top` to see only the first rows.
#[scoped_tool(read_only, idempotent, open_world, title = "Browse package")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_browse(
    packages: &PackageService<'_>,
    objects: &ObjectService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// Whether to open directories. If not, each is one row with the number and size of its files.
    #[default(true)]
    recursive: bool,
    /// Whether to add hash, file type and metadata to each file. They are in the package; no object is asked for them.
    #[default(true)]
    include_file_info: bool,
    /// How many levels to show; deeper directories are one row each. 0 for all.
    #[default(0)]
    #[range(0..=1000)]
    max_depth: u32,
    /// The most rows to return, with 1 MiB of metadata and 4 MiB of keys in all; 0 for 1,000. Counts are of the whole package in any case.
    #[default(0)]
    #[range(0..=10000)]
    top: u32,
    /// Whether to add a download link to each file. Links live an hour, or as long as your credentials.
    #[default(true)]
    include_signed_urls: bool,
    /// Which revision: `latest`, or a top hash or its first 6 or more digits.
    #[default(RevisionRef::Latest)]
    top_hash: RevisionRef,
) -> Result<PackageContents, ToolError> {
    let revision = packages.revision(&registry, &package_name, &top_hash).await?;
    let depth = match (recursive, max_depth) {
        (false, _) => Some(1),
        (true, 0) => None,
        (true, depth) => Some(depth as usize),
    };
    let rows = if top == 0 { ROWS } else { top as usize };
    let shown = packages.browse(&revision, Shape { depth, rows, metadata: include_file_info }).await?;
    let file_tree = recursive.then(|| tree(&shown.rows));
    let mut entries = Vec::with_capacity(shown.rows.len());
    for row in shown.rows {
        let mut entry = row_of(row, include_file_info);
        if let Some(uri) = entry.s3_uri.as_ref().filter(|_| include_signed_urls) {
            entry.download_url = Some(objects.link(uri, LINK_SECONDS).await?.url);
        }
        entries.push(entry);
    }
    Ok(PackageContents {
        success: true,
        package_name,
        registry,
        top_hash: revision.top_hash.to_string(),
        message: shown.header.message().map(str::to_owned),
        metadata: stored::value(shown.header.user_meta()),
        workflow: stored::value(shown.header.workflow()),
        total_entries: shown.totals.entries,
        summary: summary(shown.totals),
        view_type: if recursive { ViewType::Recursive } else { ViewType::Flat },
        entries,
        file_tree,
        truncated: shown.truncated,
        auth_type: packages.auth_type(),
    })
}

fn summary(totals: Totals) -> Summary {
    Summary {
        total_size: totals.size,
        total_size_human: size::for_people(totals.size),
        total_files: totals.entries,
        total_directories: totals.directories,
        file_types: totals.file_types.into_iter().collect(),
    }
}

fn row_of(row: Row, with_info: bool) -> BrowsedEntry {
    match row {
        Row::File(entry) => file(&entry, with_info),
        Row::Directory { path, entries, size } => BrowsedEntry {
            logical_key: format!("{path}/"),
            is_directory: true,
            size,
            size_human: size::for_people(size),
            file_count: Some(entries),
            physical_key: None,
            s3_uri: None,
            hash: None,
            hash_type: None,
            file_type: None,
            metadata: None,
            download_url: None,
        },
    }
}

fn file(entry: &Entry, with_info: bool) -> BrowsedEntry {
    BrowsedEntry {
        logical_key: entry.logical_key.to_string(),
        is_directory: false,
        size: entry.size,
        size_human: size::for_people(entry.size),
        file_count: None,
        physical_key: Some(entry.physical_key.to_string()),
        s3_uri: object_of(&entry.physical_key).ok(),
        hash: with_info.then(|| entry.hash.value().to_owned()),
        hash_type: with_info.then(|| entry.hash.kind().to_owned()),
        file_type: file_type(&entry.logical_key).filter(|_| with_info),
        metadata: stored::value(entry.user_meta().filter(|_| with_info)),
        download_url: None,
    }
}

fn tree(rows: &[Row]) -> BTreeMap<String, TreeNode> {
    let mut root = TreeNode::default();
    for row in rows {
        let (path, size, kind) = match row {
            Row::File(entry) => (entry.logical_key.as_str(), entry.size, NodeKind::File),
            Row::Directory { path, size, .. } => (path.as_str(), *size, NodeKind::Directory),
        };
        let mut node = &mut root;
        for name in path.split('/') {
            node = node.children.entry(name.to_owned()).or_default();
            node.size = node.size.saturating_add(size);
            node.size_human = size::for_people(node.size);
        }
        node.kind = kind;
    }
    root.children
}
