//! Completing what a caller types: MCP's `completion/complete`. In no list of tools.

use quilt_scope::scoped_tool;

use crate::error::ToolError;
use crate::service::completion::{CompletionService, Completions, Context, Wanted};

/// Complete an argument that is being typed.
#[scoped_tool(read_only, idempotent, open_world, title = "Complete an argument")]
pub async fn complete_argument(
    completion: &CompletionService<'_>,
    /// What is being typed.
    wanted: Wanted,
    /// As far as it was typed.
    typed: String,
    /// What was typed before, in the same form.
    #[default(Context::default())]
    context: Context,
) -> Result<Completions, ToolError> {
    completion.complete(wanted, &typed, &context).await
}
