//! Making packages of folders.

use std::collections::BTreeMap;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::input::{self, README};
use super::pushed::{self, PackagePushed, PushAction, Run};
use super::readme::{self, SUMMARY};
use crate::domain::bucket::BucketName;
use crate::domain::metadata::MetadataTemplate;
use crate::domain::object::{KeyPrefix, S3Uri};
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::catalog::Catalog;
use crate::service::push::{
    Base, Collected, CopyMode, Filter, MetadataChange, Push, PushService, Source, Text, organized,
};

/// The most keys that a warning names.
const NAMED: usize = 5;
/// The most files that a folder of the structure names.
const FILES: usize = 100;
/// Fields of a template that this tool can fill in; the others are the author's.
const FILLED_IN: [&str; 4] = ["creation_date", "created_by", "package_type", "version"];

/// A package that was made of a folder, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageFromFolder {
    /// What was pushed.
    #[serde(flatten)]
    pub pushed: PackagePushed,
    /// The bucket the files come from.
    pub source_bucket: BucketName,
    /// What their keys begin with.
    pub source_prefix: KeyPrefix,
    /// How many keys below that were left out: they do not fit the patterns, or name folders.
    pub left_out: u64,
    /// Whether README.md was made by this call.
    pub readme_generated: bool,
    /// The files that this call made.
    pub summary_files: Vec<String>,
    /// The folders of the package and what is in them. Absent unless `confirm_structure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure: Option<BTreeMap<String, FolderOfPackage>>,
}

/// A folder of a package.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct FolderOfPackage {
    /// How many files it has.
    pub file_count: usize,
    /// Their bytes.
    pub total_size: u64,
    /// Their names; the first 100.
    pub files: Vec<String>,
}

/// Make a package of a folder in a bucket: ordered, described, and summed up for the catalog.
///
/// Takes the objects whose keys begin with `source_prefix` and fit the patterns, puts them into folders by their kind, writes
/// README.md and quilt_summarize.json into the package unless the folder has its own, and fills in the metadata template.
/// With `dry_run` it returns the same without writing anything; look at that first.
#[scoped_tool(open_world, title = "Create package from folder")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_create_from_s3(
    pushes: &PushService<'_>,
    catalog: &Catalog,
    /// The bucket with the data, bare or as `s3://name`.
    source_bucket: BucketName,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// What the keys begin with. What stands in it up to its last `/` is not part of the paths in the package.
    #[default(KeyPrefix::default())]
    source_prefix: KeyPrefix,
    /// What the package holds, in a sentence.
    #[default(String::new())]
    description: String,
    /// The bucket that is the registry. Left out: the bucket with the data.
    target_registry: Option<BucketName>,
    /// Only keys or names that fit one of these, as in `*.csv`. `*` stands for any characters, also `/`.
    include_patterns: Option<Vec<String>>,
    /// No keys or names that fit one of these, even if included.
    exclude_patterns: Option<Vec<String>>,
    /// Which fields the metadata should have.
    #[default(MetadataTemplate::default())]
    metadata_template: MetadataTemplate,
    /// Which objects are copied into the registry: `all`, `none`, or (`same_bucket`) those that are in another bucket.
    #[default(CopyMode::All)]
    copy_mode: CopyMode,
    /// Whether files are put into folders by their kind. If not, they keep their paths.
    #[default(true)]
    auto_organize: bool,
    /// Whether to write README.md and quilt_summarize.json, if the folder has none.
    #[default(true)]
    generate_readme: bool,
    /// Whether to return the folders and their files, so that a person can confirm them.
    #[default(true)]
    confirm_structure: bool,
    /// Whether only to tell what would be done.
    #[default(false)]
    dry_run: bool,
    /// Whether a package of this name may be there: what it holds becomes history. If not, the call is refused.
    #[default(false)]
    force: bool,
    /// Metadata beyond what the template fills in. A text `readme_content` in it becomes the file README.md.
    metadata: Option<Map<String, Value>>,
    /// The workflow of the registry that the package is held to. Left out: its default. Empty: none.
    workflow: Option<String>,
) -> Result<PackageFromFolder, ToolError> {
    let filter = Filter::new(&include_patterns.unwrap_or_default(), &exclude_patterns.unwrap_or_default())?;
    let given = input::metadata(metadata.unwrap_or_default())?;
    let mut members =
        input::members(&filled_in(metadata_template, &description, &source_bucket, &source_prefix))?;
    members.extend(given.members);
    let found = pushes.collect(&source_bucket, &source_prefix, &filter).await?;
    let Arranged { files, mut warnings } = arranged(&found, &source_bucket, &source_prefix, auto_organize)?;
    warnings.extend(given.warnings);
    let story = readme::Story {
        name: &package_name,
        description: &description,
        source: &format!("s3://{source_bucket}/{}", source_prefix.as_str()),
        registry: target_registry.as_ref().unwrap_or(&source_bucket),
        template: metadata_template,
        files: &files,
    };
    let texts = made_files(&story, given.readme, generate_readme)?;
    let made: Vec<String> = texts.iter().map(|text| text.logical_key.to_string()).collect();
    let structure = confirm_structure.then(|| structure(&files, &texts));
    let push = Push {
        registry: target_registry.unwrap_or_else(|| source_bucket.clone()),
        name: package_name.clone(),
        base: if force { Base::Anything } else { Base::Nothing },
        objects: files.into_iter().map(|(source, _)| source).collect(),
        texts,
        metadata: MetadataChange::Replace(members),
        message: format!("Created from s3://{source_bucket}/{}", source_prefix.as_str()),
        workflow: input::workflow(workflow),
        copy: copy_mode,
        replace_manifest: false,
    };
    let run = Run::new(dry_run, PushAction::Created);
    Ok(PackageFromFolder {
        pushed: pushed::run(pushes, catalog, push, run, warnings).await?,
        source_bucket,
        source_prefix,
        left_out: found.left_out,
        readme_generated: made.iter().any(|name| name == README),
        summary_files: made,
        structure,
    })
}

fn filled_in(
    template: MetadataTemplate,
    description: &str,
    bucket: &BucketName,
    prefix: &KeyPrefix,
) -> Map<String, Value> {
    let today = OffsetDateTime::now_utc().date().to_string();
    let mut metadata = template.blank(&today);
    metadata.retain(|name, _| FILLED_IN.contains(&name.as_str()));
    if !description.is_empty() {
        metadata.insert("description".to_owned(), json!(description));
    }
    metadata.insert("source_bucket".to_owned(), json!(bucket));
    metadata.insert("source_prefix".to_owned(), json!(prefix));
    metadata
}

/// What comes out of a folder.
struct Arranged {
    /// Each object with its place in the package, and its size in bytes.
    files: Vec<(Source, u64)>,
    warnings: Vec<String>,
}

fn arranged(
    found: &Collected,
    bucket: &BucketName,
    prefix: &KeyPrefix,
    auto_organize: bool,
) -> Result<Arranged, ToolError> {
    let above = prefix.as_str().rfind('/').map_or(0, |at| at + 1);
    let (mut files, mut impossible) = (Vec::new(), Vec::new());
    for (key, size) in &found.objects {
        let path = key.as_str().get(above..).unwrap_or_default();
        let stays = !auto_organize || path == README || path == SUMMARY;
        match if stays { path.parse() } else { organized(path) } {
            Ok(logical_key) => {
                let uri = S3Uri::new(bucket.clone(), key.clone());
                files.push((Source { logical_key, uri }, *size));
            }
            Err(_) => impossible.push(format!("`{key}`")),
        }
    }
    if files.is_empty() {
        return Err(ToolError::not_found("no object has a key that can be a path in a package"));
    }
    let mut warnings = Vec::new();
    if !impossible.is_empty() {
        let count = impossible.len();
        impossible.truncate(NAMED);
        warnings.push(format!(
            "{count} objects are left out, because their keys cannot be paths in a package: {}{}",
            impossible.join(", "),
            if count > NAMED { ", .." } else { "" }
        ));
    }
    Ok(Arranged { files, warnings })
}

/// What the folder does not have already, or the caller wrote.
fn made_files(
    story: &readme::Story<'_>,
    written: Option<String>,
    generate: bool,
) -> Result<Vec<Text>, ToolError> {
    let has = |name: &str| story.files.iter().any(|(source, _)| source.logical_key.as_str() == name);
    let mut texts = Vec::new();
    let readme = match written {
        Some(_) if has(README) => {
            return Err(ToolError::invalid_input(format!(
                "the folder has a {README}, and the metadata another"
            ))
            .with_hint("leave one of them out: exclude_patterns can"));
        }
        Some(text) => Some(text),
        None if generate && !has(README) => Some(story.readme()),
        None => None,
    };
    let has_readme = readme.is_some() || has(README);
    if let Some(text) = readme {
        texts.push(input::text(README, text, "text/markdown")?);
    }
    if generate && !has(SUMMARY) {
        texts.push(input::text(SUMMARY, story.summary(has_readme)?, "application/json")?);
    }
    Ok(texts)
}

fn structure(files: &[(Source, u64)], texts: &[Text]) -> BTreeMap<String, FolderOfPackage> {
    let all = files.iter().map(|(source, size)| (&source.logical_key, *size));
    let all = all.chain(texts.iter().map(|text| (&text.logical_key, text.content.len() as u64)));
    let mut folders: BTreeMap<String, FolderOfPackage> = BTreeMap::new();
    for (key, size) in all {
        let folder = key.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = folders.entry(folder.to_owned()).or_default();
        folder.file_count += 1;
        folder.total_size = folder.total_size.saturating_add(size);
        if folder.files.len() < FILES {
            folder.files.push(key.file_name().to_owned());
        }
    }
    folders
}
