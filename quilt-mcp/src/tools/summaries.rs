//! What a package holds, summed up. These tools read nothing and change nothing: they work on what they are given.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::domain::catalog::CatalogUrl;
use crate::domain::metadata::MetadataTemplate;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::catalog::Catalog;
use crate::service::summary::{self, CatalogEntry, Dashboard, Folders, Picture, Report, SourceInfo, Subject};
use crate::service::threads::TenantThreads;

/// The summary of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageSummary {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The summary.
    #[serde(flatten)]
    pub report: Report,
    /// The content of the file `quilt_summarize.json`: what the catalog shows on the package's page, in order.
    pub quilt_summarize: Vec<CatalogEntry>,
}

/// Sum up what a package holds, from the list of its files.
///
/// Returns counts, sizes, folders, source and how to get at the package, and as `quilt_summarize` the content of the
/// file `quilt_summarize.json`, which tells the catalog what to show. Reads nothing from S3. Use it before making a
/// package; `create_quilt_summary_files` makes the files themselves.
#[scoped_tool(read_only, idempotent, title = "Sum up a package")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn generate_quilt_summarize_json(
    catalog: &Catalog,
    threads: &TenantThreads<'_>,
    /// The package's name.
    package_name: PackageName,
    /// The package's metadata; `description`, `version`, `created_by` and `creation_date` are used.
    package_metadata: Map<String, Value>,
    /// The files by folder, each with `Key` and `Size` as in a listing. At most 50,000 files.
    organized_structure: Folders,
    /// The text of the README.
    readme_content: String,
    /// Where the files come from: `type`, `bucket`, `prefix`, `source_description`.
    source_info: SourceInfo,
    /// The kind of package.
    #[default(MetadataTemplate::default())]
    metadata_template: MetadataTemplate,
) -> Result<PackageSummary, ToolError> {
    let url = catalog.url();
    let work = move || {
        let subject = Subject {
            name: &package_name,
            metadata: &package_metadata,
            folders: &organized_structure,
            readme: &readme_content,
            source: &source_info,
            template: metadata_template,
            now: &now()?,
        };
        summed_up(&subject, url.as_ref())
    };
    threads.run(work).await
}

fn summed_up(subject: &Subject<'_>, catalog: Option<&CatalogUrl>) -> Result<PackageSummary, ToolError> {
    summary::check(subject.folders)?;
    Ok(PackageSummary {
        success: true,
        report: summary::report(subject, catalog),
        quilt_summarize: summary::catalog_page(subject),
    })
}

/// How many files of a kind there are: a number, or an object that holds it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FileCount {
    /// The number.
    Number(u64),
    /// As in a summary.
    Counted {
        /// The number.
        #[serde(alias = "total")]
        count: u64,
    },
}

impl FileCount {
    fn number(self) -> u64 {
        match self {
            Self::Number(count) | Self::Counted { count } => count,
        }
    }
}

/// Pictures of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackagePictures {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The pictures by name.
    pub visualizations: BTreeMap<String, Picture>,
    /// How many they are.
    pub count: usize,
    /// Their names.
    pub types: Vec<String>,
    /// How they were made.
    pub metadata: PicturesMade,
    /// The same, arranged.
    pub visualization_dashboards: Vec<Dashboard>,
}

/// How pictures were made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PicturesMade {
    /// When, RFC 3339.
    pub generated_at: String,
    /// For which kind of package.
    pub template_used: MetadataTemplate,
    /// In which colours, `#rrggbb`.
    pub color_scheme: Vec<String>,
}

/// Draw what a package holds: file types, folders and sizes.
///
/// Returns each picture as SVG in base64 with the numbers that it shows, and one page with all of them. File types are
/// drawn if there are at least two, sizes if there are at least six. Reads nothing from S3.
#[scoped_tool(read_only, idempotent, title = "Draw a package")]
pub async fn generate_package_visualizations(
    threads: &TenantThreads<'_>,
    /// The package's name.
    package_name: PackageName,
    /// The files by folder, each with `Key` and `Size` as in a listing. At most 50,000 files.
    organized_structure: Folders,
    /// How many files of each type: a number, or an object with `count`. Empty to count them.
    file_types: BTreeMap<String, FileCount>,
    /// The kind of package: it decides the colours.
    #[default(MetadataTemplate::default())]
    metadata_template: MetadataTemplate,
    /// The package's metadata. If it names a `package_type` that is a template, and no template is given, that is used.
    package_metadata: Option<Map<String, Value>>,
) -> Result<PackagePictures, ToolError> {
    let named = package_metadata.as_ref().and_then(|metadata| metadata.get("package_type")).cloned();
    let template = match named.and_then(|named| serde_json::from_value(named).ok()) {
        Some(named) if metadata_template == MetadataTemplate::default() => named,
        _ => metadata_template,
    };
    let types: BTreeMap<String, u64> =
        file_types.into_iter().map(|(kind, count)| (kind, count.number())).collect();
    threads.run(move || drawn(&package_name, &organized_structure, types, template)).await
}

fn drawn(
    name: &PackageName,
    folders: &Folders,
    mut types: BTreeMap<String, u64>,
    template: MetadataTemplate,
) -> Result<PackagePictures, ToolError> {
    summary::check(folders)?;
    if types.is_empty() {
        types = summary::file_types_of(folders);
    }
    let generated_at = now()?;
    let visualizations = summary::pictures(name, folders, &types, template)?;
    Ok(PackagePictures {
        success: true,
        count: visualizations.len(),
        types: visualizations.keys().cloned().collect(),
        visualization_dashboards: vec![summary::dashboard_of(name, &visualizations, &generated_at)],
        metadata: PicturesMade {
            generated_at,
            template_used: template,
            color_scheme: template.color_scheme().colors().map(str::to_owned).to_vec(),
        },
        visualizations,
    })
}

/// The files that sum up a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummaryFiles {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The files and pictures.
    pub summary_package: SummaryPackage,
    /// Which files there are.
    pub files_generated: FilesGenerated,
    /// How many pictures there are.
    pub visualization_count: usize,
    /// What to do with them.
    pub next_steps: Vec<String>,
}

/// The files and pictures that sum up a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummaryPackage {
    /// The content of the file `quilt_summarize.json`.
    #[serde(rename = "quilt_summarize.json")]
    pub quilt_summarize: Vec<CatalogEntry>,
    /// The content of the file `README.md`.
    #[serde(rename = "README.md")]
    pub readme: String,
    /// The pictures by name.
    pub visualizations: BTreeMap<String, Picture>,
    /// The summary.
    pub summary: Report,
}

/// Which files there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FilesGenerated {
    /// Always.
    #[serde(rename = "quilt_summarize.json")]
    pub quilt_summarize: bool,
    /// If a README was given.
    #[serde(rename = "README.md")]
    pub readme: bool,
    /// Always.
    pub visualizations: bool,
}

/// Make the files that sum up a package: `quilt_summarize.json`, `README.md` and pictures.
///
/// Returns their contents; nothing is written. Put them into the package under those names, for instance with
/// `bucket_objects_put`, so that the catalog shows them. Reads nothing from S3.
#[scoped_tool(read_only, idempotent, title = "Make summary files")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn create_quilt_summary_files(
    catalog: &Catalog,
    threads: &TenantThreads<'_>,
    /// The package's name.
    package_name: PackageName,
    /// The package's metadata.
    package_metadata: Map<String, Value>,
    /// The files by folder, each with `Key` and `Size` as in a listing. At most 50,000 files.
    organized_structure: Folders,
    /// The text of the README. It is kept as it is.
    readme_content: String,
    /// Where the files come from: `type`, `bucket`, `prefix`, `source_description`.
    source_info: SourceInfo,
    /// The kind of package.
    #[default(MetadataTemplate::default())]
    metadata_template: MetadataTemplate,
) -> Result<SummaryFiles, ToolError> {
    let url = catalog.url();
    let work = move || {
        let pictures = drawn(&package_name, &organized_structure, BTreeMap::new(), metadata_template)?;
        let subject = Subject {
            name: &package_name,
            metadata: &package_metadata,
            folders: &organized_structure,
            readme: &readme_content,
            source: &source_info,
            template: metadata_template,
            now: &now()?,
        };
        let summed_up = summed_up(&subject, url.as_ref())?;
        Ok(SummaryFiles {
            success: true,
            files_generated: FilesGenerated {
                quilt_summarize: true,
                readme: !readme_content.trim().is_empty(),
                visualizations: pictures.count > 0,
            },
            visualization_count: pictures.count,
            next_steps: vec![
                "write quilt_summarize.json and README.md to the package's root".to_owned(),
                "decode a picture's image_base64 and write it as .svg if it is to be in the package"
                    .to_owned(),
            ],
            summary_package: SummaryPackage {
                quilt_summarize: summed_up.quilt_summarize,
                readme: readme_content,
                visualizations: pictures.visualizations,
                summary: summed_up.report,
            },
        })
    };
    threads.run(work).await
}

fn now() -> Result<String, ToolError> {
    OffsetDateTime::now_utc().format(&Rfc3339).map_err(ToolError::internal)
}
