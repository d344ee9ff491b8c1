//! Three of our tools as somebody would write them for one person, with rmcp, the AWS SDK and SQLite alone: handlers by hand, one S3
//! client with the credentials of the process, one file for workflows. They answer what ours do and keep it as safely; there is
//! no identity, no tenant, no limit, no log and no figure. `rmcp-by-hand PORT FILE`.

mod objects;
mod serve;
mod workflows;

use std::error::Error;

use rmcp::ErrorData;
use rmcp::handler::server::common::schema_for_type;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, Tool};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::objects::{Link, List, Objects};
use crate::workflows::{AddStep, Create, UpdateStep, Workflows};

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Clone)]
struct ByHand {
    objects: Objects,
    workflows: Workflows,
}

impl serve::Calls for ByHand {
    async fn call(&self, request: CallToolRequestParams) -> Result<CallToolResult, ErrorData> {
        let given = Value::Object(request.arguments.unwrap_or_default());
        let answer = match &*request.name {
            "bucket_object_link" => self.objects.link(read(given)?).await,
            "bucket_objects_list" => self.objects.list(read(given)?).await,
            "workflow_create" => self.workflows.create(read(given)?).await,
            "workflow_add_step" => self.workflows.add_step(read(given)?).await,
            "workflow_update_step" => self.workflows.update_step(read(given)?).await,
            other => return Err(ErrorData::invalid_params(format!("there is no tool `{other}`"), None)),
        };
        let told = |error: Box<dyn Error + Send + Sync>| {
            CallToolResult::error(vec![ContentBlock::text(error.to_string())])
        };
        Ok(answer.map_or_else(told, CallToolResult::structured))
    }
}

fn read<T: DeserializeOwned>(given: Value) -> Result<T, ErrorData> {
    serde_json::from_value(given).map_err(|error| ErrorData::invalid_params(error.to_string(), None))
}

fn tools() -> Vec<Tool> {
    vec![
        Tool::new("bucket_object_link", "Make a link to download an object.", schema_for_type::<Link>()),
        Tool::new("bucket_objects_list", "List objects in an S3 bucket.", schema_for_type::<List>()),
        Tool::new("workflow_create", "Create an empty workflow.", schema_for_type::<Create>()),
        Tool::new("workflow_add_step", "Add a step to a workflow.", schema_for_type::<AddStep>()),
        Tool::new("workflow_update_step", "Report how far a step has come.", schema_for_type::<UpdateStep>()),
    ]
}

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("rmcp-by-hand PORT FILE".into());
    };
    let port = port.parse()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let (objects, workflows) = (Objects::new().await, Workflows::open(&file)?);
        serve::serve(tools(), ByHand { objects, workflows }, port, false).await
    })
}
