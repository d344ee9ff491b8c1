//! The second step: permissions belong to the request. They still stand on the credentials of the process, so they still tell
//! of another's rights, but no longer out of a memory that everybody shares.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Mutex, PoisonError};

use quilt_scope::{Scope, Slot, ToolSet, run, scoped_tools, service, tool_set};
use serde_json::Value;

use crate::Serve;
use crate::cloud;
use crate::services::{Principal, WorkflowService, WorkflowStore};
use crate::singletons::{auth_service, sign_in};

/// The tools: signatures and bodies as they were found.
#[scoped_tools(accessors(workflow_service: WorkflowService<'_>, permission_discovery: Permissions))]
pub mod tools {
    use quilt_scope::scoped_tool;

    use super::Permissions;
    use crate::answers::{Access, Text, Workflows};
    use crate::cloud::{self, Refused};
    use crate::services::WorkflowService;
    use crate::singletons::{audit, auth_service};

    /// Read what is in a bucket.
    #[scoped_tool]
    pub async fn bucket_read(bucket: String) -> Result<Text, Refused> {
        let text = cloud::read(auth_service().credentials(), &bucket)?;
        Ok(Text { text, signed: audit::signature("bucket_read").await })
    }

    /// Check whether the caller may read a bucket.
    #[scoped_tool]
    pub async fn check_bucket_access(bucket: String) -> Result<Access, Refused> {
        Ok(Access { may_read: permission_discovery().may_read(&bucket) })
    }

    /// Create a workflow.
    #[scoped_tool]
    pub async fn workflow_create(id: String) -> Result<Workflows, Refused> {
        workflow_service().create(&id);
        Ok(listed())
    }

    /// List the workflows of the caller.
    #[scoped_tool]
    pub async fn workflow_list() -> Result<Workflows, Refused> {
        Ok(listed())
    }

    /// Create the workflows of a template. Calls another tool.
    #[scoped_tool]
    pub async fn workflow_template_apply(id: String) -> Result<Workflows, Refused> {
        workflow_create(format!("{id}-prepare")).await?;
        workflow_create(format!("{id}-run")).await
    }

    fn listed() -> Workflows {
        Workflows { ids: workflow_service().list() }
    }
}

/// Rights, remembered for this request.
#[derive(Default)]
pub struct Permissions {
    known: Mutex<BTreeMap<String, bool>>,
}

#[service]
impl Permissions {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the caller may read the bucket.
    pub fn may_read(&self, bucket: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || cloud::read(auth_service().credentials(), bucket).is_ok();
        *known.entry(bucket.to_owned()).or_insert_with(look)
    }
}

/// What all callers share.
#[derive(Scope)]
pub struct App {
    #[scope(seed)]
    workflows: WorkflowStore,
}

/// What one request can ask for.
#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    workflows: Slot<WorkflowService<'req>>,
    permissions: Slot<Permissions>,
}

/// The server at this step.
pub struct Server {
    app: App,
    tools: ToolSet<RequestScope<'static>>,
}

impl Default for Server {
    fn default() -> Self {
        let tools = tool_set![RequestScope<'static>:
            tools::bucket_read,
            tools::check_bucket_access,
            tools::workflow_create,
            tools::workflow_list,
            tools::workflow_template_apply,
        ];
        Self { app: App::open(WorkflowStore::default()), tools }
    }
}

impl Serve for Server {
    async fn call(&self, caller: &str, tool: &str, arguments: Value) -> Result<Value, String> {
        sign_in(caller);
        let scope = RequestScope::open(&self.app, Principal(caller.to_owned()));
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let call = self.tools.call(tool, &scope, arguments).ok_or("there is no such tool")?;
        let end = run(&scope, call, pending()).await;
        end.finished().ok_or("the tool panicked")?.map_err(|error| error.to_string())
    }
}
