//! MCP's completion: which argument of what is being typed, and how it could go on.

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference};
use serde_json::{Map, Value, json};

use super::calls::Answer;
use super::{Server, protocol};

/// What to ask the completer; nothing if the argument is known and cannot be completed.
///
/// # Errors
///
/// There is no such prompt, template or argument.
pub(super) fn arguments(
    server: &Server,
    request: CompleteRequestParams,
) -> Result<Option<Map<String, Value>>, ErrorData> {
    let name = &request.argument.name;
    let (what, known, completed) = match &request.r#ref {
        Reference::Prompt(prompt) => {
            let found = server.prompts.completed(&prompt.name);
            (&prompt.name, server.prompts.has_argument(&prompt.name, name), found)
        }
        Reference::Resource(template) => {
            let found = server.catalogue.completed(&template.uri);
            let variable = [format!("{{{name}}}"), format!("{{+{name}}}")];
            (&template.uri, variable.iter().any(|variable| template.uri.contains(variable)), found)
        }
        _ => {
            return Err(ErrorData::invalid_params("only prompts and resource templates are completed", None));
        }
    };
    let shown = |text: &str| text.chars().take(64).collect::<String>();
    let Some(completed) = completed else {
        return Err(ErrorData::invalid_params(format!("there is no `{}`", shown(what)), None));
    };
    if !known {
        return Err(ErrorData::invalid_params(
            format!("`{}` has no argument `{}`", shown(what), shown(name)),
            None,
        ));
    }
    let Some(wanted) = completed.get(name) else { return Ok(None) };
    let context = request.context.and_then(|context| context.arguments).unwrap_or_default();
    let arguments =
        [("wanted", json!(wanted)), ("typed", json!(request.argument.value)), ("context", json!(context))];
    Ok(Some(arguments.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()))
}

/// The completer's answer in MCP's form.
///
/// # Errors
///
/// It failed.
pub(super) fn result(answer: Answer) -> Result<CompleteResult, ErrorData> {
    let request_id = answer.request_id;
    let value = answer.result.map_err(|error| protocol::failure(&error, request_id))?;
    let values = value["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let values: Vec<String> = values.map(ToOwned::to_owned).take(CompletionInfo::MAX_VALUES).collect();
    let has_more = value["has_more"].as_bool().unwrap_or_default();
    let info = CompletionInfo::with_pagination(values, None, has_more)
        .map_err(|message| ErrorData::internal_error(message, None))?;
    Ok(CompleteResult::new(info))
}
