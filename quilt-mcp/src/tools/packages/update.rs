//! Adding to packages.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::input::{self, README};
use super::pushed::{self, PackagePushed, PushAction, Run};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::catalog::Catalog;
use crate::service::push::{Base, CopyMode, MAX_COLLECTED, MetadataChange, Push, PushService};

/// What becomes of the metadata that a package has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum MetadataMode {
    /// Members that are given are set, the others stay.
    #[default]
    Merge,
    /// What is given is all of it.
    Replace,
}

/// Add S3 objects to a package, or change its metadata.
///
/// Returns the new revision's top hash and where each new file came from. Files that are not named stay as they are, README
/// too. If somebody else changed the package in the meantime the call fails with `conflict`, and can be sent again: it then
/// builds on what is there. Use package_diff to see what changed.
#[scoped_tool(idempotent, open_world, title = "Update package")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_update(
    pushes: &PushService<'_>,
    catalog: &Catalog,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The objects, `s3://bucket/key`; none if only `metadata` changes. One whose place is taken replaces what is there.
    #[length(0..=MAX_COLLECTED)]
    s3_uris: Vec<S3Uri>,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// Metadata for the package. A text `readme_content` in it becomes the file README.md.
    metadata: Option<Map<String, Value>>,
    /// What is said of the revision.
    #[default("Added objects via package_update tool".to_owned())]
    message: String,
    /// Whether new files stand at the package's root under their names. If not, they stand under their whole keys.
    #[default(true)]
    flatten: bool,
    /// Which objects are copied into the registry: `all`, `none`, or (`same_bucket`) those that are in another bucket.
    #[default(CopyMode::All)]
    copy_mode: CopyMode,
    /// What becomes of the metadata that the package has: `merge` sets the members given, `replace` drops all others.
    #[default(MetadataMode::Merge)]
    metadata_mode: MetadataMode,
    /// The workflow of the registry that the package is held to. Left out: its default. Empty: none.
    workflow: Option<String>,
    /// Whether to replace a manifest of the same content that names other objects.
    #[default(false)]
    replace_manifest: bool,
    /// Whether only to tell what would be done.
    #[default(false)]
    dry_run: bool,
) -> Result<PackagePushed, ToolError> {
    if s3_uris.is_empty() && metadata.is_none() {
        return Err(ToolError::invalid_input(
            "there is nothing to change: `s3_uris` is empty and `metadata` missing",
        ));
    }
    let change = match (&metadata, metadata_mode) {
        (None, _) => |_| MetadataChange::Keep,
        (Some(_), MetadataMode::Merge) => MetadataChange::Merge,
        (Some(_), MetadataMode::Replace) => MetadataChange::Replace,
    };
    let metadata = input::metadata(metadata.unwrap_or_default())?;
    let readme = metadata.readme.map(|text| input::text(README, text, "text/markdown")).transpose()?;
    let push = Push {
        registry,
        name: package_name,
        base: Base::Current,
        objects: input::sources(s3_uris, flatten)?,
        texts: readme.into_iter().collect(),
        metadata: change(metadata.members),
        message,
        workflow: input::workflow(workflow),
        copy: copy_mode,
        replace_manifest,
    };
    pushed::run(pushes, catalog, push, Run::new(dry_run, PushAction::Updated), metadata.warnings).await
}
