//! What counts for a whole registry: single sign-on, and open queries.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::registry::SsoConfig;
use crate::error::ToolError;
use crate::service::admin::AdminService;
use crate::service::tabulator::TabulatorService;

/// The longest configuration of single sign-on that is sent, in bytes.
const MAX_SSO: usize = 256 * 1024;

/// A configuration of single sign-on, in one of two forms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum SsoInput {
    /// YAML, as the registry keeps it.
    Text(String),
    /// The same as an object, which is sent as JSON. That is YAML too.
    Object(Map<String, Value>),
}

/// How single sign-on is configured.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SsoAnswer {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The configuration. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso_config: Option<SsoConfig>,
    /// The same in a sentence.
    pub message: String,
}

/// Whether whoever may use Athena may query all tabulator tables.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenQuery {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Whether it is so.
    pub open_query_enabled: bool,
    /// The same in a sentence.
    pub message: String,
}

/// Show how single sign-on is configured at the Quilt registry.
///
/// Returns the configuration, and who uploaded it when. For administrators.
#[scoped_tool(read_only, idempotent, open_world, title = "Show single sign-on")]
pub async fn admin_sso_config_get(admin: &AdminService<'_>) -> Result<SsoAnswer, ToolError> {
    Ok(sso_answer(admin.sso_config().await?))
}

/// Configure single sign-on at the Quilt registry: which roles people get who sign in by it.
///
/// Returns the configuration as it is now. It takes the place of the one there is. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Configure single sign-on")]
pub async fn admin_sso_config_set(
    admin: &AdminService<'_>,
    /// The configuration: YAML text, or an object.
    config: SsoInput,
) -> Result<SsoAnswer, ToolError> {
    let text = match config {
        SsoInput::Text(text) => text,
        SsoInput::Object(object) => serde_json::to_string_pretty(&object).map_err(ToolError::internal)?,
    };
    if text.trim().is_empty() {
        return Err(ToolError::invalid_input("`config` is empty")
            .with_hint("call admin_sso_config_remove to take the configuration away"));
    }
    if text.len() > MAX_SSO {
        return Err(ToolError::invalid_input(format!("`config` is longer than {MAX_SSO} bytes")));
    }
    Ok(sso_answer(admin.set_sso_config(Some(text)).await?))
}

/// Take the configuration of single sign-on away from the Quilt registry.
///
/// Returns that there is none. Roles are then given by administrators alone. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Remove single sign-on")]
pub async fn admin_sso_config_remove(admin: &AdminService<'_>) -> Result<SsoAnswer, ToolError> {
    Ok(sso_answer(admin.set_sso_config(None).await?))
}

/// Show whether whoever may use Athena may query all tabulator tables.
///
/// Returns yes or no. If no, only users of the catalog may, with their own rights. For administrators.
#[scoped_tool(read_only, idempotent, open_world, title = "Show open queries")]
pub async fn admin_tabulator_open_query_get(
    tabulator: &TabulatorService<'_>,
) -> Result<OpenQuery, ToolError> {
    Ok(OpenQuery::of(tabulator.open_query().await?))
}

/// Say whether whoever may use Athena may query all tabulator tables.
///
/// Returns what counts now. Where it is on, AWS alone decides who reads the data of all buckets. For administrators.
#[scoped_tool(destructive, idempotent, open_world, title = "Set open queries")]
pub async fn admin_tabulator_open_query_set(
    tabulator: &TabulatorService<'_>,
    /// Whether it is to be so.
    enabled: bool,
) -> Result<OpenQuery, ToolError> {
    Ok(OpenQuery::of(tabulator.set_open_query(enabled).await?))
}

fn sso_answer(sso_config: Option<SsoConfig>) -> SsoAnswer {
    let message = match &sso_config {
        Some(config) => format!("single sign-on is configured, by {}", config.uploader.name),
        None => "single sign-on is not configured".to_owned(),
    };
    SsoAnswer { success: true, sso_config, message }
}

impl OpenQuery {
    pub(in crate::tools) fn of(enabled: bool) -> Self {
        let message = if enabled {
            "whoever may use Athena may query all tabulator tables"
        } else {
            "tabulator tables are queried by users of the catalog, with their own rights"
        };
        Self { success: true, open_query_enabled: enabled, message: message.to_owned() }
    }
}
