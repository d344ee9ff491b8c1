//! Before the first step: tools that call singletons, and a server that dispatches by hand.

use serde_json::Value;

use crate::Serve;
use crate::singletons::sign_in;

/// The tools as they were found.
pub mod tools {
    use crate::answers::{Access, Text, Workflows};
    use crate::cloud::{self, Refused};
    use crate::singletons::{audit, auth_service, permission_discovery, workflow_service};

    /// Read what is in a bucket.
    pub async fn bucket_read(bucket: String) -> Result<Text, Refused> {
        let text = cloud::read(auth_service().credentials(), &bucket)?;
        Ok(Text { text, signed: audit::signature("bucket_read").await })
    }

    /// Check whether the caller may read a bucket.
    pub async fn check_bucket_access(bucket: String) -> Result<Access, Refused> {
        Ok(Access { may_read: permission_discovery().may_read(&bucket) })
    }

    /// Create a workflow.
    pub async fn workflow_create(id: String) -> Result<Workflows, Refused> {
        workflow_service().create(&id);
        Ok(listed())
    }

    /// List the workflows of the caller.
    pub async fn workflow_list() -> Result<Workflows, Refused> {
        Ok(listed())
    }

    /// Create the workflows of a template. Calls another tool.
    pub async fn workflow_template_apply(id: String) -> Result<Workflows, Refused> {
        workflow_create(format!("{id}-prepare")).await?;
        workflow_create(format!("{id}-run")).await
    }

    fn listed() -> Workflows {
        Workflows { ids: workflow_service().list() }
    }
}

/// The server as it was found.
#[derive(Debug, Default)]
pub struct Server;

impl Serve for Server {
    async fn call(&self, caller: &str, tool: &str, arguments: Value) -> Result<Value, String> {
        sign_in(caller);
        let text = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
        let answer = match tool {
            "bucket_read" => tools::bucket_read(text("bucket")).await.map(serde_json::to_value),
            "check_bucket_access" => {
                tools::check_bucket_access(text("bucket")).await.map(serde_json::to_value)
            }
            "workflow_create" => tools::workflow_create(text("id")).await.map(serde_json::to_value),
            "workflow_list" => tools::workflow_list().await.map(serde_json::to_value),
            "workflow_template_apply" => {
                tools::workflow_template_apply(text("id")).await.map(serde_json::to_value)
            }
            unknown => return Err(format!("there is no tool `{unknown}`")),
        };
        answer.map_err(|refused| refused.to_string())?.map_err(|error| error.to_string())
    }
}
