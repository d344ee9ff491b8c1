//! The suite's tools, by the names and with the texts that it asks for.

use std::borrow::Cow;

use quilt_mcp::error::ToolError;
use quilt_scope::{ToolSet, scoped_tool, tool_set};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::scope::{Reporter, RequestScope};

pub(crate) fn table() -> ToolSet<RequestScope<'static>> {
    tool_set![
        test_simple_text,
        test_error_handling,
        test_tool_with_progress,
        test_streaming_elicitation,
        test_logging_tool,
        test_custom_header,
        json_schema_2020_12_tool,
        static_text,
        template_data,
    ]
}

/// What a tool has to say.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Said {
    text: String,
}

fn said(text: impl Into<String>) -> Said {
    Said { text: text.into() }
}

/// Answers with a line of text.
#[scoped_tool(read_only)]
pub(crate) fn test_simple_text() -> Said {
    said("This is a simple text response for testing.")
}

/// Fails.
#[scoped_tool(read_only)]
pub(crate) fn test_error_handling() -> Result<Said, ToolError> {
    Err(ToolError::invalid_input("This tool intentionally returns an error for testing"))
}

/// Reports its progress three times.
#[scoped_tool(read_only)]
pub(crate) async fn test_tool_with_progress(reporter: &Reporter<'_>) -> Said {
    for done in [0, 50, 100] {
        reporter.percent(done);
        // The suite wants to see notifications, not one bundle of them.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    said("done")
}

/// Answers on a stream, and asks the client nothing on it.
#[scoped_tool(read_only)]
pub(crate) async fn test_streaming_elicitation(reporter: &Reporter<'_>) -> Said {
    reporter.percent(50);
    said("nothing was asked")
}

/// Does what would be logged, if this server sent its log to clients.
#[scoped_tool(read_only)]
pub(crate) fn test_logging_tool() -> Said {
    said("nothing was logged")
}

/// A region, which proxies on the way may read from a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("x-mcp-header" = "Region"))]
pub(crate) struct Region(String);

/// Takes a parameter that is also sent as a header.
#[scoped_tool(read_only)]
pub(crate) fn test_custom_header(
    /// The region.
    region: Region,
) -> Said {
    said(region.0)
}

/// An address, in a schema with all that the suite wants to see again.
#[derive(Debug, Deserialize)]
pub(crate) struct Contact {
    #[serde(default)]
    name: String,
}

impl JsonSchema for Contact {
    fn schema_name() -> Cow<'static, str> {
        "Contact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// Has a schema that uses what JSON Schema 2020-12 offers.
#[scoped_tool(read_only)]
pub(crate) fn json_schema_2020_12_tool(contact: Contact) -> Said {
    said(contact.name)
}

/// The content of `test://static-text`.
#[scoped_tool(read_only)]
pub(crate) fn static_text() -> Said {
    said("This is the content of the static text resource.")
}

/// The content of `test://template/{id}/data`.
#[scoped_tool(read_only)]
pub(crate) fn template_data(id: String) -> Said {
    said(format!("Data for ID: {id}"))
}
