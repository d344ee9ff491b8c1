//! What can also be read as an MCP resource, and the tool for clients that cannot.

use quilt_scope::{Lazy, scoped_tool};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::status::{auth_status, filesystem_status};
use super::workflow::workflow_list_all;
use crate::domain::deployment::Deployment;
use crate::error::ToolError;
use crate::service::auth::AuthService;
use crate::service::workflow::WorkflowService;

/// A tool without arguments whose result is also a resource.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// Where clients find it.
    pub uri: &'static str,
    /// Its short name.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The tool that gives the content.
    pub tool: &'static str,
}

/// Every resource, in the order in which clients see them.
pub const RESOURCES: &[Resource] = &[
    Resource {
        uri: "auth://status",
        name: "auth_status",
        description: "Who you are to this server and to AWS",
        tool: "auth_status",
    },
    Resource {
        uri: "auth://filesystem/status",
        name: "filesystem_status",
        description: "What this server may write on its machine",
        tool: "filesystem_status",
    },
    Resource {
        uri: "workflow://workflows",
        name: "workflows",
        description: "Your workflows, the latest changed first",
        tool: "workflow_list_all",
    },
];

/// A resource, or the list of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResourceContent {
    /// Always true: a failure is an error instead.
    pub success: bool,
    /// The resource that was read. Absent in the list of resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Its content: what the tool behind it returns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Map<String, Value>>,
    /// The resources there are, when none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<ResourceEntry>>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// When it was read, RFC 3339.
    pub timestamp: String,
    /// The media type of `data`.
    pub mime_type: String,
}

/// A resource in the list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResourceEntry {
    /// What to ask for.
    pub uri: String,
    /// What it holds.
    pub description: String,
}

/// Read one of this server's resources, for clients that cannot read resources themselves.
///
/// Without a URI, returns the list of resources. The content is that of the tool of the same name.
#[scoped_tool(read_only, idempotent, title = "Read a resource")]
pub async fn get_resource(
    auth: &AuthService<'_>,
    deployment: &Deployment,
    workflows: Lazy<'_, WorkflowService<'_>>,
    /// A URI from the list, such as `auth://status`. Leave it out to get the list.
    uri: Option<String>,
) -> Result<ResourceContent, ToolError> {
    let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return list() };
    let Some(resource) = RESOURCES.iter().find(|resource| resource.uri == uri) else {
        let known: Vec<&str> = RESOURCES.iter().map(|resource| resource.uri).collect();
        return Err(ToolError::not_found(format!("there is no resource `{uri}`"))
            .with_hint(format!("the resources are {}", known.join(", "))));
    };
    // Tools are functions: within a request one calls another with the services it has.
    let data = match resource.tool {
        "auth_status" => content(&auth_status(auth).await?),
        "filesystem_status" => content(&filesystem_status(deployment).await?),
        "workflow_list_all" => {
            let workflows = workflows.get().await.map_err(ToolError::internal)?;
            content(&workflow_list_all(workflows).await?)
        }
        other => {
            Err(ToolError::internal(format!("resource `{uri}` names `{other}`, which is not called here")))
        }
    }?;
    Ok(ResourceContent {
        success: true,
        uri: Some(uri),
        resource_name: Some(resource.name.to_owned()),
        data: Some(data),
        resources: None,
        count: None,
        timestamp: now()?,
        mime_type: "application/json".to_owned(),
    })
}

fn list() -> Result<ResourceContent, ToolError> {
    let entry = |resource: &Resource| ResourceEntry {
        uri: resource.uri.to_owned(),
        description: resource.description.to_owned(),
    };
    Ok(ResourceContent {
        success: true,
        uri: None,
        resource_name: None,
        data: None,
        resources: Some(RESOURCES.iter().map(entry).collect()),
        count: Some(RESOURCES.len()),
        timestamp: now()?,
        mime_type: "application/json".to_owned(),
    })
}

fn content(output: &impl Serialize) -> Result<serde_json::Map<String, Value>, ToolError> {
    match serde_json::to_value(output).map_err(ToolError::internal)? {
        Value::Object(object) => Ok(object),
        other => Err(ToolError::internal(format!("a tool's output is no object: {other}"))),
    }
}

fn now() -> Result<String, ToolError> {
    OffsetDateTime::now_utc().format(&Rfc3339).map_err(ToolError::internal)
}
