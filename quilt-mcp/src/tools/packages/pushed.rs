//! What tools tell of a push, done or only planned.

use std::collections::BTreeMap;

use quilt_package::{Entry, LogicalKey};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{size, stored};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::catalog::Catalog;
use crate::service::push::{ManifestOutcome, Origin, Plan, Planned, Push, PushService, Pushed};

/// The most files that an answer names.
const FILES: usize = 1000;
/// The most warnings of one kind.
const WARNINGS: usize = 20;

/// A package that was pushed, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackagePushed {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was done.
    pub action: PushAction,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision. Absent in a preview: objects are hashed when they are in their places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_hash: Option<String>,
    /// What is said of the revision.
    pub message: String,
    /// How many files come in.
    pub files_added: usize,
    /// Files of the whole package.
    pub total_entries: u64,
    /// Their bytes.
    pub total_size: u64,
    /// The same, for people.
    pub total_size_human: String,
    /// The files that come in, in the order of the package; the first 1,000.
    pub files: Vec<PushedFile>,
    /// The package's metadata, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "stored::schema")]
    pub metadata: Option<Value>,
    /// The package's page, if a catalog is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_url: Option<String>,
    /// What should be known besides.
    pub warnings: Vec<String>,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PushAction {
    /// There is a new package.
    Created,
    /// There is a new revision.
    Updated,
    /// The package says all of it already: there is no new revision.
    Unchanged,
    /// Nothing: this is what would be done.
    Preview,
}

/// A file that comes into a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PushedFile {
    /// Where it stands in the package.
    pub logical_path: String,
    /// The object that it comes from. Absent if the call made the file itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<S3Uri>,
    /// How it comes in.
    pub transfer: Transfer,
    /// Bytes.
    pub size: u64,
    /// The object that the package names. Absent in a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_key: Option<String>,
}

/// How a file comes into a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Transfer {
    /// It is copied below the package's prefix in the registry.
    Copy,
    /// It stays where it is.
    Reference,
    /// The call makes it.
    Upload,
}

/// Whether a push is only planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    Dry,
    For(PushAction),
}

impl Run {
    pub(super) fn new(dry_run: bool, done: PushAction) -> Self {
        if dry_run { Self::Dry } else { Self::For(done) }
    }
}

/// Plans a push, and performs it unless the run is dry. Both tell the same, but for what is known only afterwards.
pub(super) async fn run(
    pushes: &PushService<'_>,
    catalog: &Catalog,
    push: Push,
    run: Run,
    mut warnings: Vec<String>,
) -> Result<PackagePushed, ToolError> {
    let package_url = catalog.url().map(|url| url.package_page(&push.registry, &push.name, ""));
    let (package_name, registry, message) = (push.name.clone(), push.registry.clone(), push.message.clone());
    let plan = pushes.plan(push).await?;
    warnings.extend(replacements(&plan.replaced));
    let pushed = match run {
        Run::Dry => None,
        Run::For(_) => Some(pushes.perform(&plan).await?),
    };
    if pushed.as_ref().is_some_and(|pushed| pushed.manifest == ManifestOutcome::OtherObjects) {
        warnings.push(
            "the registry has a manifest of the same content that names other objects; it stays, so the package \
             names those. Set `replace_manifest` to put this one in its place"
                .to_owned(),
        );
    }
    warnings.extend(pushed.as_ref().and_then(|pushed| pushed.left_behind.clone()));
    Ok(PackagePushed {
        success: true,
        action: action(run, pushed.as_ref()),
        package_name,
        registry,
        top_hash: pushed.as_ref().map(|pushed| pushed.top_hash.to_string()),
        message,
        files_added: plan.entries().count(),
        total_entries: plan.total_entries,
        total_size: plan.total_size,
        total_size_human: size::for_people(plan.total_size),
        files: files(&plan, pushed.as_ref()),
        metadata: stored::value(plan.user_meta()),
        package_url,
        warnings,
        auth_type: pushes.auth_type(),
    })
}

fn action(run: Run, pushed: Option<&Pushed>) -> PushAction {
    match (run, pushed) {
        (Run::Dry, _) | (_, None) => PushAction::Preview,
        (_, Some(pushed)) if pushed.pushed_at.is_none() => PushAction::Unchanged,
        (Run::For(done), _) => done,
    }
}

fn replacements(replaced: &[LogicalKey]) -> Vec<String> {
    let mut told: Vec<String> = replaced
        .iter()
        .take(WARNINGS)
        .map(|key| format!("`{key}` takes the place of another file"))
        .collect();
    if replaced.len() > WARNINGS {
        told.push(format!("{} more files take the places of others", replaced.len() - WARNINGS));
    }
    told
}

fn files(plan: &Plan, pushed: Option<&Pushed>) -> Vec<PushedFile> {
    let placed: BTreeMap<&LogicalKey, &Entry> = pushed
        .into_iter()
        .flat_map(|pushed| &pushed.entries)
        .map(|entry| (&entry.logical_key, entry))
        .collect();
    let file = |planned: &Planned| {
        let (source, transfer) = match &planned.origin {
            Origin::Reference(original) => (Some(original.uri.clone()), Transfer::Reference),
            Origin::Copy { original, .. } => (Some(original.uri.clone()), Transfer::Copy),
            Origin::Upload { .. } => (None, Transfer::Upload),
        };
        PushedFile {
            logical_path: planned.logical_key.to_string(),
            source,
            transfer,
            size: planned.origin.size(),
            physical_key: placed.get(&planned.logical_key).map(|entry| entry.physical_key.to_string()),
        }
    };
    plan.entries().take(FILES).map(file).collect()
}
