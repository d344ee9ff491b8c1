//! The third step: credentials belong to the request, and no singleton is left.

use std::future::pending;

use quilt_scope::{Scope, Slot, ToolSet, ambient, run, scoped_tools, tool_set};
use serde_json::Value;

use crate::Serve;
use crate::services::{AuthService, PermissionService, Principal, WorkflowService, WorkflowStore};

/// The tools: signatures and bodies as they were found.
#[scoped_tools(accessors(auth_service: AuthService<'_>, permission_discovery: PermissionService<'_>, workflow_service: WorkflowService<'_>))]
pub mod tools {
    use quilt_scope::scoped_tool;

    use super::audit;
    use crate::answers::{Access, Text, Workflows};
    use crate::cloud::{self, Refused};
    use crate::services::{AuthService, PermissionService, WorkflowService};

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
