//! Making packages of objects.

use quilt_scope::scoped_tool;
use serde_json::{Map, Value};

use super::input::{self, README};
use super::pushed::{self, PackagePushed, PushAction, Run};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::catalog::Catalog;
use crate::service::push::{Base, CopyMode, MAX_COLLECTED, MetadataChange, Push, PushService};

/// Make a package of S3 objects.
///
/// Returns the new revision's top hash and where each file came from. All objects are looked at, and the registry's workflow
/// is held, before anything is written. A call that was interrupted can be sent again. Use package_update to add to a
/// package that is there, package_create_from_s3 to make one of a folder.
#[scoped_tool(open_world, title = "Create package")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_create(
    pushes: &PushService<'_>,
    catalog: &Catalog,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The objects, `s3://bucket/key`, each with `?versionId=..` if it is not to be the newest version.
    #[length(1..=MAX_COLLECTED)]
    s3_uris: Vec<S3Uri>,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// The package's metadata. A text `readme_content` in it becomes the file README.md.
    metadata: Option<Map<String, Value>>,
    /// What is said of the revision.
    #[default("Created via package_create tool".to_owned())]
    message: String,
    /// Whether files stand at the package's root under their names. If not, they stand under their whole keys.
    #[default(true)]
    flatten: bool,
    /// Which objects are copied into the registry: `all`, `none`, or (`same_bucket`) those that are in another bucket.
    #[default(CopyMode::All)]
    copy_mode: CopyMode,
    /// The workflow of the registry that the package is held to. Left out: its default. Empty: none.
    workflow: Option<String>,
    /// Whether a package of this name may be there: what it holds becomes history. If not, the call is refused.
    #[default(false)]
    force: bool,
    /// Whether to replace a manifest of the same content that names other objects.
    #[default(false)]
    replace_manifest: bool,
    /// Whether only to tell what would be done.
    #[default(false)]
    dry_run: bool,
) -> Result<PackagePushed, ToolError> {
    let change = if metadata.is_some() { MetadataChange::Replace } else { |_| MetadataChange::Keep };
    let metadata = input::metadata(metadata.unwrap_or_default())?;
    let readme = metadata.readme.map(|text| input::text(README, text, "text/markdown")).transpose()?;
    let push = Push {
        registry,
        name: package_name,
        base: if force { Base::Anything } else { Base::Nothing },
        objects: input::sources(s3_uris, flatten)?,
        texts: readme.into_iter().collect(),
        metadata: change(metadata.members),
        message,
        workflow: input::workflow(workflow),
        copy: copy_mode,
        replace_manifest,
    };
    pushed::run(pushes, catalog, push, Run::new(dry_run, PushAction::Created), metadata.warnings).await
}
