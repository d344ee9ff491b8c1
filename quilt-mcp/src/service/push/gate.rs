//! The rules of a registry, which a package is held to before anything is written.

use std::sync::Arc;

use quilt_package::workflow::{Choice, Config, LoadedSchema, MAX_CONFIG, Rules, Submission, Violation};
use quilt_package::{Json, PhysicalKey, S3Object, registry};
use serde_json::Value;

use super::{Push, PushService, WorkflowChoice, object};
use crate::client::s3::{S3Client, not_there};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};
use crate::service::package::object_of;
use crate::service::threads::TenantThreads;

/// A schema may have this many bytes.
const MAX_SCHEMA: usize = 1024 * 1024;

/// The rules that apply to a push.
pub(super) struct Gate {
    rules: Arc<Rules>,
    config: String,
}

impl PushService<'_> {
    /// The rules that apply. None if the registry has none.
    pub(super) async fn gate(&self, s3: &S3Client, push: &Push) -> Result<Option<Gate>, ToolError> {
        let place = object(&push.registry, registry::WORKFLOWS.to_owned())?;
        let Some(found) = s3.snapshot(&place, MAX_CONFIG).await? else {
            return match &push.workflow {
                WorkflowChoice::Named(id) => Err(ToolError::invalid_input(format!(
                    "there is no workflow `{id}`: the registry `{}` has none",
                    push.registry
                ))
                .with_hint("leave `workflow` out")),
                WorkflowChoice::Default | WorkflowChoice::None => Ok(None),
            };
        };
        let (config, wanted) = self.threads.run(chosen(found.bytes, push.workflow.clone())).await?;
        let mut loaded = Vec::new();
        for (id, url) in wanted {
            loaded.push(load(s3, id, &url).await?);
        }
        let rules = self.threads.run(compiled(config, push.workflow.clone(), loaded)).await?;
        Ok(Some(Gate { rules: Arc::new(rules), config: address(&place, found.version) }))
    }
}

/// The id and the address of a schema.
type Wanted = (String, String);

/// Reads the configuration, and says which schemas the workflow wants.
fn chosen(
    bytes: Vec<u8>,
    workflow: WorkflowChoice,
) -> impl FnOnce() -> Result<(Config, Vec<Wanted>), ToolError> {
    move || {
        let config = Config::parse(&bytes).map_err(unusable)?;
        let chosen = config.choose(&choice(&workflow)).map_err(|why| broken(&why))?;
        let wanted = chosen.schemas().iter().map(|(id, url)| ((*id).to_owned(), (*url).to_owned()));
        let wanted = wanted.collect();
        Ok((config, wanted))
    }
}

/// Makes rules of the schemas. How long that takes is up to the registry's patterns.
fn compiled(
    config: Config,
    workflow: WorkflowChoice,
    loaded: Vec<LoadedSchema>,
) -> impl FnOnce() -> Result<Rules, ToolError> {
    move || {
        let chosen = config.choose(&choice(&workflow)).map_err(|why| broken(&why))?;
        chosen.with_schemas(&loaded).map_err(unusable)
    }
}

fn choice(workflow: &WorkflowChoice) -> Choice<'_> {
    match workflow {
        WorkflowChoice::Default => Choice::Default,
        WorkflowChoice::None => Choice::None,
        WorkflowChoice::Named(id) => Choice::Named(id),
    }
}

impl Gate {
    /// Whether the rules are about entries too, which then have to be in memory.
    pub(super) fn wants_entries(&self) -> bool {
        self.rules.want_entries()
    }

    /// Whether the package may pass. How long that takes is up to the registry's patterns and schemas.
    pub(super) async fn check(
        &self,
        threads: &TenantThreads<'_>,
        push: &Push,
        user_meta: Option<&Json>,
        entries: Value,
    ) -> Result<(), ToolError> {
        let (rules, user_meta) = (Arc::clone(&self.rules), user_meta.cloned());
        let (name, message) = (push.name.in_format().clone(), push.message.clone());
        let checking = move || {
            let (message, user_meta) = (Some(message.as_str()), user_meta.as_ref());
            let submission = Submission { name: &name, message, user_meta, entries: &entries };
            rules.check(&submission).map_err(|why| broken(&why))
        };
        threads.run(checking).await
    }

    /// What the header of a package says that passed.
    pub(super) fn header_value(&self) -> Json {
        self.rules.header_value(&self.config)
    }
}

async fn load(s3: &S3Client, id: String, url: &str) -> Result<LoadedSchema, ToolError> {
    let place: PhysicalKey = url.parse().map_err(|why| unusable(format!("the schema `{id}`: {why}")))?;
    let place = object_of(&place)?;
    let found = s3.snapshot(&place, MAX_SCHEMA).await?.ok_or_else(|| not_there(&place))?;
    Ok(LoadedSchema { id, url: address(&place, found.version), content: found.bytes })
}

/// The spelling of manifests, with the version that was read.
fn address(place: &S3Uri, version: Option<String>) -> String {
    let version = version.or_else(|| place.version_id().map(str::to_owned));
    S3Object { bucket: place.bucket().to_string(), key: place.key().to_string(), version }.to_string()
}

fn unusable(why: impl std::fmt::Display) -> ToolError {
    ToolError::new(ErrorCode::InvalidState, why.to_string())
        .with_hint("ask whoever keeps the registry to correct `.quilt/workflows/config.yml`")
}

fn broken(why: &Violation) -> ToolError {
    ToolError::invalid_input(why.to_string())
        .with_hint("nothing was written; correct it and send the call again")
}
