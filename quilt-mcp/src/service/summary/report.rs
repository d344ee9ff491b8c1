//! The summary for people and programs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Subject, extension, files, megabytes, total_size};
use crate::domain::bucket::BucketName;
use crate::domain::catalog::CatalogUrl;

/// What a package is and holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// What it is.
    pub package_info: PackageInfo,
    /// How much it holds.
    pub data_summary: DataSummary,
    /// How it is arranged.
    pub structure: Structure,
    /// Where it comes from.
    pub source: SourceSummary,
    /// What is written about it.
    pub documentation: Documentation,
    /// Its metadata, as given.
    pub quilt_metadata: Map<String, Value>,
    /// How to get at it.
    pub access: Access,
    /// When the summary was made, RFC 3339.
    pub generated_at: String,
    /// What made it.
    pub generator: String,
    /// Which version of that.
    pub generator_version: String,
}

/// What a package is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PackageInfo {
    /// Its whole name.
    pub package_name: String,
    /// The first part of the name.
    pub namespace: String,
    /// The second part of the name.
    pub name: String,
    /// Its version, as its metadata says.
    pub version: String,
    /// Who made it, as its metadata says.
    pub created_by: String,
    /// When it was made, as its metadata says; else when the summary was made.
    pub creation_date: String,
    /// The template of its metadata.
    pub metadata_template: String,
    /// What it holds, as its metadata says.
    pub description: String,
}

/// How much a package holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DataSummary {
    /// How many files.
    pub total_files: usize,
    /// How many bytes.
    pub total_size_bytes: u64,
    /// The same in MiB.
    pub total_size_mb: f64,
    /// The same in GiB.
    pub total_size_gb: f64,
    /// The endings of the files' names.
    pub file_types: Vec<String>,
    /// How many files of each ending.
    pub file_type_distribution: BTreeMap<String, FileTypeCount>,
}

/// How much there is of one kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileTypeCount {
    /// How many files.
    pub count: usize,
    /// How many bytes.
    pub total_size_bytes: u64,
}

/// How a package is arranged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Structure {
    /// Each folder.
    pub folders: BTreeMap<String, FolderSummary>,
    /// Whether it has folders.
    pub organization_type: Organization,
    /// Whether the folders were chosen by the kind of file.
    pub auto_organized: bool,
}

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FolderSummary {
    /// How many files.
    pub file_count: usize,
    /// How many bytes.
    pub total_size_bytes: u64,
    /// The same in MiB.
    pub total_size_mb: f64,
}

/// Whether a package has folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Organization {
    /// It has.
    SmartHierarchy,
    /// All files lie side by side.
    Flat,
}

/// Where a package comes from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceSummary {
    /// The kind of source.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// What the keys in it begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The source in a sentence.
    pub source_description: String,
}

/// What is written about a package.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Documentation {
    /// Whether there is a README.
    pub has_readme: bool,
    /// How many characters it has.
    pub readme_length: usize,
    /// Its first heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme_title: Option<String>,
}

/// How to get at a package.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Access {
    /// For Python.
    pub browse_command: String,
    /// For a terminal.
    pub install_command: String,
    /// The package's page, if a catalog is configured and the bucket is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_url: Option<String>,
}

/// The summary of `subject`. With a catalog and a bucket it links the package's page.
pub fn report(subject: &Subject<'_>, catalog: Option<&CatalogUrl>) -> Report {
    let said = |key: &str| subject.metadata.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let bucket: Option<BucketName> = subject.source.bucket.as_deref().and_then(|name| name.parse().ok());
    let registry = bucket.as_ref().map_or("s3://YOUR-BUCKET".to_owned(), |bucket| format!("s3://{bucket}"));
    let name = subject.name;
    Report {
        package_info: PackageInfo {
            package_name: name.to_string(),
            namespace: name.namespace().to_owned(),
            name: name.name().to_owned(),
            version: said("version").unwrap_or_else(|| "1.0.0".to_owned()),
            created_by: said("created_by").unwrap_or_else(|| "quilt-mcp".to_owned()),
            creation_date: said("creation_date").unwrap_or_else(|| subject.now.to_owned()),
            metadata_template: subject.template.as_str().to_owned(),
            description: said("description").unwrap_or_else(|| format!("The package {name}")),
        },
        data_summary: data_summary(subject),
        structure: structure(subject),
        source: SourceSummary {
            kind: subject.source.kind.clone().unwrap_or_else(|| "unknown".to_owned()),
            bucket: subject.source.bucket.clone(),
            prefix: subject.source.prefix.clone(),
            source_description: subject.source.source_description.clone().unwrap_or_default(),
        },
        documentation: Documentation {
            has_readme: !subject.readme.trim().is_empty(),
            readme_length: subject.readme.chars().count(),
            readme_title: subject
                .readme
                .lines()
                .find_map(|line| line.strip_prefix("# "))
                .map(|title| title.trim().to_owned()),
        },
        quilt_metadata: subject.metadata.clone(),
        access: Access {
            browse_command: format!("quilt3.Package.browse(\"{name}\", registry=\"{registry}\")"),
            install_command: format!("quilt3 install {name} --registry {registry}"),
            catalog_url: catalog.zip(bucket).map(|(url, bucket)| url.package_page(&bucket, name, "")),
        },
        generated_at: subject.now.to_owned(),
        generator: "quilt-mcp".to_owned(),
        generator_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn data_summary(subject: &Subject<'_>) -> DataSummary {
    let mut distribution: BTreeMap<String, FileTypeCount> = BTreeMap::new();
    for file in files(subject.folders) {
        let of_type = distribution.entry(extension(&file.key)).or_default();
        of_type.count += 1;
        of_type.total_size_bytes = of_type.total_size_bytes.saturating_add(file.size);
    }
    let bytes = total_size(subject.folders);
    DataSummary {
        total_files: files(subject.folders).count(),
        total_size_bytes: bytes,
        total_size_mb: megabytes(bytes),
        total_size_gb: megabytes(bytes / 1024),
        file_types: distribution.keys().cloned().collect(),
        file_type_distribution: distribution,
    }
}

fn structure(subject: &Subject<'_>) -> Structure {
    let folders = subject.folders.iter().map(|(folder, files)| {
        let bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        let summary = FolderSummary {
            file_count: files.len(),
            total_size_bytes: bytes,
            total_size_mb: megabytes(bytes),
        };
        (folder.clone(), summary)
    });
    let has_folders = subject.folders.keys().any(|folder| !folder.trim_matches('/').is_empty());
    Structure {
        folders: folders.collect(),
        organization_type: if has_folders { Organization::SmartHierarchy } else { Organization::Flat },
        auto_organized: has_folders,
    }
}
