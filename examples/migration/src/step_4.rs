//! The end: tools take what they need as parameters, as one written today does. What is too deep for that still asks.

use std::future::pending;

use quilt_scope::{Scope, Slot, ToolSet, ambient, run, tool_set};
use serde_json::Value;

use crate::Serve;
use crate::services::{AuthService, PermissionService, Principal, WorkflowService, WorkflowStore};

/// The tools.
pub mod tools {
    use quilt_scope::scoped_tool;

    use super::audit;
    use crate::answers::{Access, Text, Workflows};
    use crate::cloud::{self, Refused};
    use crate::services::{AuthService, PermissionService, WorkflowService};

    /// Read what is in a bucket.
    #[scoped_tool(read_only)]
    pub async fn bucket_read(auth: &AuthService<'_>, bucket: String) -> Result<Text, Refused> {
        let text = cloud::read(auth.credentials(), &bucket)?;
        Ok(Text { text, signed: audit::signature("bucket_read").await })
    }

    /// Check whether the caller may read a bucket.
    #[scoped_tool(read_only)]
    pub fn check_bucket_access(permissions: &PermissionService<'_>, bucket: String) -> Access {
        Access { may_read: permissions.may_read(&bucket) }
    }

    /// Create a workflow.
    #[scoped_tool]
    pub fn workflow_create(workflows: &WorkflowService<'_>, id: String) -> Workflows {
        workflows.create(&id);
        workflow_list(workflows)
    }

    /// List the workflows of the caller.
    #[scoped_tool(read_only)]
    pub fn workflow_list(workflows: &WorkflowService<'_>) -> Workflows {
        Workflows { ids: workflows.list() }
    }

    /// Create the workflows of a template. Calls another tool.
    #[scoped_tool]
    pub fn workflow_template_apply(workflows: &WorkflowService<'_>, id: String) -> Workflows {
        workflow_create(workflows, format!("{id}-prepare"));
        workflow_create(workflows, format!("{id}-run"))
    }
}

/// What is written down of each reading. Nothing is passed to it, so it asks the request that it runs in.
pub mod audit {
    use super::RequestScope;
    use crate::services::AuthService;

    quilt_scope::ambient! {
        /// Asks the `AuthService` of the request that this runs in.
        fn with_auth<'req>(AuthService<'req>) in RequestScope<'static>;
    }

    /// Who is on record. Outside a request nobody is, and it says so.
    pub async fn signature(what: &str) -> String {
        let user = with_auth(|auth| Box::pin(async move { auth.credentials().user().to_owned() }));
        match user.await {
            Ok(user) => format!("{what}, signed {user}"),
            Err(error) => format!("{what}, not signed: {error}"),
        }
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
    permissions: Slot<PermissionService<'req>>,
    workflows: Slot<WorkflowService<'req>>,
    auth: Slot<AuthService<'req>>,
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
        let scope = RequestScope::open(&self.app, Principal(caller.to_owned()));
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let call = self.tools.call(tool, &scope, arguments).ok_or("there is no such tool")?;
        let call = ambient::within::<RequestScope<'static>, _>(&scope, call);
        let end = run(&scope, call, pending()).await;
        end.finished().ok_or("the tool panicked")?.map_err(|error| error.to_string())
    }
}
