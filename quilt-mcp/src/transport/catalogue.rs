//! What clients can ask for: tools and resources in MCP's form, built once.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use quilt_scope::Descriptor;
use rmcp::model::{Resource, ResourceTemplate, Tool, ToolAnnotations};
use serde_json::{Map, Value};

use super::{ResourceListing, schema};
use crate::domain::access::Access;

/// Tools and resources, in the backend's order.
pub(super) struct Catalogue {
    tools: Vec<Tool>,
    /// All tools as JSON: hundreds of kilobytes, for which each client asks.
    written_tools: OnceLock<Bytes>,
    access: Vec<Access>,
    /// Which tools have an argument that clients repeat in a header.
    in_headers: Vec<bool>,
    by_name: HashMap<&'static str, usize>,
    resources: Vec<Resource>,
    templates: Vec<ResourceTemplate>,
    readable: Vec<Readable>,
}

/// A URI pattern, and the tool that it stands for.
struct Readable {
    /// Literal text and variable names, in turn; the first is literal.
    pattern: Vec<String>,
    tool: String,
    uri_argument: Option<String>,
    fixed: Map<String, Value>,
    /// The template as clients name it, and how its variables can be completed.
    uri: String,
    completed: BTreeMap<String, String>,
}

/// Why a backend's tools and resources cannot be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError(pub(super) String);

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CatalogueError {}

impl Catalogue {
    pub(super) fn new(
        tools: Vec<Descriptor>,
        resources: Vec<ResourceListing>,
    ) -> Result<Self, CatalogueError> {
        let mut this = Self {
            access: tools.iter().map(|tool| Access::to_call(tool.name, tool.hints.read_only)).collect(),
            in_headers: tools
                .iter()
                .map(|tool| schema::mentions(&tool.input_schema, "x-mcp-header"))
                .collect(),
            tools: Vec::with_capacity(tools.len()),
            written_tools: OnceLock::new(),
            by_name: HashMap::new(),
            resources: Vec::new(),
            templates: Vec::new(),
            readable: Vec::new(),
        };
        for described in tools {
            if this.by_name.insert(described.name, this.tools.len()).is_some() {
                return Err(CatalogueError(format!("two tools are named `{}`", described.name)));
            }
            this.tools.push(tool(described));
        }
        for listing in resources {
            this.add_resource(listing)?;
        }
        Ok(this)
    }

    fn add_resource(&mut self, listing: ResourceListing) -> Result<(), CatalogueError> {
        let ResourceListing { uri, name, description, tool, uri_argument, fixed, completed } = listing;
        if !self.by_name.contains_key(tool.as_str()) {
            return Err(CatalogueError(format!(
                "the resource `{uri}` stands for `{tool}`, which is no tool"
            )));
        }
        let pattern: Vec<String> = uri.split(['{', '}']).map(str::to_owned).collect();
        if self.readable.iter().any(|other| other.pattern == pattern) {
            return Err(CatalogueError(format!("two resources have the URI `{uri}`")));
        }
        if pattern.len() == 1 {
            self.resources.push(
                Resource::new(uri.clone(), name)
                    .with_description(description)
                    .with_mime_type("application/json"),
            );
        } else {
            self.templates.push(
                ResourceTemplate::new(uri.clone(), name)
                    .with_description(description)
                    .with_mime_type("application/json"),
            );
        }
        self.readable.push(Readable { pattern, tool, uri_argument, fixed, uri, completed });
        Ok(())
    }

    pub(super) fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// All tools as a JSON array.
    pub(super) fn written_tools(&self) -> Bytes {
        let write = || serde_json::to_vec(&self.tools).expect("names, texts and schemas are JSON").into();
        self.written_tools.get_or_init(write).clone()
    }

    pub(super) fn tool(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).map(|&at| &self.tools[at])
    }

    /// What a token must be good for to call it. Of a tool that is none the answer is an error, for everybody.
    pub(super) fn access(&self, name: &str) -> Access {
        self.by_name.get(name).map_or(Access::Read, |&at| self.access[at])
    }

    /// Whether there is such a tool, and no header repeats one of its arguments (SEP-2243).
    pub(super) fn is_called_by_message_alone(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|&at| !self.in_headers[at])
    }

    pub(super) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    pub(super) fn templates(&self) -> &[ResourceTemplate] {
        &self.templates
    }

    pub(super) fn has_resources(&self) -> bool {
        !self.readable.is_empty()
    }

    /// The tool call that reading `uri` means.
    pub(super) fn reading(&self, uri: &str) -> Option<(String, Map<String, Value>)> {
        self.readable.iter().find_map(|readable| {
            let variables = bind(&readable.pattern, uri)?;
            let mut arguments = match &readable.uri_argument {
                Some(name) => Map::from_iter([(name.clone(), Value::from(uri))]),
                None => variables,
            };
            arguments.extend(readable.fixed.clone());
            Some((readable.tool.clone(), arguments))
        })
    }

    /// How the variables of the template `uri` can be completed, if there is such a template.
    pub(super) fn completed(&self, uri: &str) -> Option<&BTreeMap<String, String>> {
        self.readable.iter().find(|readable| readable.uri == uri).map(|readable| &readable.completed)
    }
}

fn tool(described: Descriptor) -> Tool {
    let Descriptor { name, title, description, input_schema, output_schema, hints, .. } = described;
    let annotations = ToolAnnotations::from_raw(
        Some(title.clone()),
        Some(hints.read_only),
        Some(hints.destructive),
        Some(hints.idempotent),
        Some(hints.open_world),
    );
    let mut tool =
        Tool::new(name, description, Arc::new(schema::clean(input_schema))).with_annotations(annotations);
    tool.title = Some(title);
    tool.output_schema = Some(Arc::new(schema::clean(output_schema)));
    tool
}

/// Matches `uri` against literals and variables in turn. A variable is one non-empty path segment, percent-decoded; with a
/// `+` before its name, all that is left.
fn bind(pattern: &[String], uri: &str) -> Option<Map<String, Value>> {
    let (first, rest) = pattern.split_first()?;
    let mut left = uri.strip_prefix(first.as_str())?;
    let mut arguments = Map::new();
    for pair in rest.chunks(2) {
        let [variable, literal] = pair else { return None };
        let end = match variable.strip_prefix('+') {
            Some(_) => left.len(),
            None => left.find(['/', '?', '#']).unwrap_or(left.len()),
        };
        let end =
            if literal.is_empty() { end } else { left[..].find(literal.as_str()).filter(|at| *at <= end)? };
        let value = percent_encoding::percent_decode_str(&left[..end]).decode_utf8().ok()?;
        if value.is_empty() {
            return None;
        }
        arguments.insert(variable.trim_start_matches('+').to_owned(), value.into_owned().into());
        left = &left[end + literal.len()..];
    }
    left.is_empty().then_some(arguments)
}

#[cfg(test)]
mod tests {
    use quilt_scope::Hints;
    use serde_json::json;

    use super::*;

    fn listing(name: &'static str) -> Descriptor {
        Descriptor::new(name, name, "", Map::new(), Map::new(), Hints::NONE)
    }

    fn resource(uri: &str, tool: &str) -> ResourceListing {
        ResourceListing {
            uri: uri.into(),
            name: uri.into(),
            description: String::new(),
            tool: tool.into(),
            uri_argument: None,
            fixed: Map::new(),
            completed: BTreeMap::new(),
        }
    }

    #[test]
    fn a_name_stands_for_one_tool() {
        let error = Catalogue::new(vec![listing("a"), listing("a")], vec![]).err().expect("refused");
        assert_eq!(error.to_string(), "two tools are named `a`");
    }

    #[test]
    fn a_resource_stands_for_a_tool_that_exists() {
        let error = Catalogue::new(vec![listing("a")], vec![resource("x://y", "b")]).err().expect("refused");
        assert_eq!(error.to_string(), "the resource `x://y` stands for `b`, which is no tool");
    }

    #[test]
    fn template_variables_become_arguments() {
        let resources = vec![resource("w://all", "a"), resource("w://{id}/steps/{step}", "b")];
        let catalogue = Catalogue::new(vec![listing("a"), listing("b")], resources).expect("valid");
        assert_eq!(catalogue.reading("w://all"), Some(("a".into(), Map::new())));
        let (tool, arguments) = catalogue.reading("w://x%20y/steps/2").expect("matches");
        assert_eq!((tool.as_str(), Value::Object(arguments)), ("b", json!({"id": "x y", "step": "2"})));
        for unknown in
            ["w://", "w://x/steps/", "w:///steps/2", "w://x/y/steps/2", "w://x/steps/2/more", "w://all/"]
        {
            assert_eq!(catalogue.reading(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_uri_can_be_an_argument_itself_and_go_to_its_end() {
        let whole = ResourceListing {
            uri_argument: Some("s3_uri".into()),
            fixed: Map::from_iter([("plain".to_owned(), json!(true))]),
            ..resource("s3://{bucket}/{+key}", "b")
        };
        let resources = vec![resource("s3://{bucket}", "a"), whole];
        let catalogue = Catalogue::new(vec![listing("a"), listing("b")], resources).expect("valid");
        let (tool, arguments) = catalogue.reading("s3://abc").expect("matches");
        assert_eq!((tool.as_str(), Value::Object(arguments)), ("a", json!({"bucket": "abc"})));
        let uri = "s3://abc/d/e%20f?versionId=1";
        let (tool, arguments) = catalogue.reading(uri).expect("matches");
        assert_eq!((tool.as_str(), Value::Object(arguments)), ("b", json!({"s3_uri": uri, "plain": true})));
        assert_eq!(catalogue.reading("s3://abc/"), None);
    }
}
