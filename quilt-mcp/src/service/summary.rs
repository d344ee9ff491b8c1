//! What a package holds, summed up: for people, for the catalog, and as pictures. Needs no service and no rights.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::metadata::MetadataTemplate;
use crate::domain::package::PackageName;
use crate::error::{ErrorCode, ToolError};

mod catalog_page;
mod pictures;
mod report;

pub use catalog_page::{CatalogEntry, catalog_page};
pub use pictures::{Dashboard, Picture, Widget, dashboard_of, file_types_of, pictures};
pub use report::{
    Access, DataSummary, Documentation, FileTypeCount, FolderSummary, Organization, PackageInfo, Report,
    SourceSummary, Structure, report,
};

/// The most files one summary is made of.
pub const MAX_FILES: usize = 50_000;

/// The files of a package, by folder.
pub type Folders = BTreeMap<String, Vec<FileEntry>>;

/// A file that is to be in a package. Fields of S3's listings are understood; what else there is, is left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct FileEntry {
    /// Its key, or its path in the package.
    #[serde(rename = "Key", alias = "key", alias = "logical_key")]
    pub key: String,
    /// Its size in bytes.
    #[serde(default, rename = "Size", alias = "size")]
    pub size: u64,
}

/// Where a package's files come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct SourceInfo {
    /// The kind of source, such as `s3_bucket`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The bucket.
    #[serde(default)]
    pub bucket: Option<String>,
    /// What the keys in it begin with.
    #[serde(default)]
    pub prefix: Option<String>,
    /// The source in a sentence.
    #[serde(default)]
    pub source_description: Option<String>,
}

/// A package that is to be summed up.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Its name.
    pub name: &'a PackageName,
    /// Its metadata.
    pub metadata: &'a Map<String, Value>,
    /// Its files.
    pub folders: &'a Folders,
    /// The text of its README.
    pub readme: &'a str,
    /// Where it comes from.
    pub source: &'a SourceInfo,
    /// Its kind.
    pub template: MetadataTemplate,
    /// When the summary is made, RFC 3339.
    pub now: &'a str,
}

/// Refuses what is too much to be summed up in one answer.
///
/// # Errors
///
/// `limit_exceeded`.
pub fn check(folders: &Folders) -> Result<(), ToolError> {
    let files: usize = folders.values().map(Vec::len).sum();
    if files <= MAX_FILES {
        return Ok(());
    }
    let message = format!("{files} files are more than the {MAX_FILES} that are summed up at a time");
    Err(ToolError::new(ErrorCode::LimitExceeded, message))
}

/// All files, whatever their folder.
fn files(folders: &Folders) -> impl Iterator<Item = &FileEntry> {
    folders.values().flatten()
}

fn total_size(folders: &Folders) -> u64 {
    files(folders).fold(0, |sum, file| sum.saturating_add(file.size))
}

/// The end of a file's name, in lower case; `none` for a name without a dot within.
fn extension(key: &str) -> String {
    let name = base_name(key);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            extension.to_ascii_lowercase()
        }
        _ => "none".to_owned(),
    }
}

fn base_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// The path that a file gets in the package.
fn logical_path(folder: &str, file: &FileEntry) -> String {
    let folder = folder.trim_matches('/');
    if folder.is_empty() {
        base_name(&file.key).to_owned()
    } else {
        format!("{folder}/{}", base_name(&file.key))
    }
}

fn megabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1_048_576.0 * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
