//! `.quilt/workflows/config.yml`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::error::{InvalidConfig, Violation};

/// A configuration may have this many bytes.
pub const MAX_CONFIG: usize = 1024 * 1024;

/// The workflows of a registry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    version: Version,
    /// What the catalog makes of it is the catalog's.
    #[serde(default, rename = "catalog")]
    _catalog: serde_json::Value,
    #[serde(default = "yes")]
    is_workflow_required: bool,
    default_workflow: Option<String>,
    workflows: IndexMap<String, Workflow>,
    #[serde(default)]
    schemas: BTreeMap<String, SchemaPlace>,
    #[serde(default)]
    successors: IndexMap<String, Successor>,
}

/// What one workflow asks of a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// What people see.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The package's name matches it somewhere: it is anchored only where it says so.
    pub handle_pattern: Option<String>,
    /// The schema that metadata has to match.
    pub metadata_schema: Option<String>,
    /// The schema that the list of entries has to match.
    pub entries_schema: Option<String>,
    /// Whether there has to be a message.
    #[serde(default)]
    pub is_message_required: bool,
    #[serde(default, rename = "catalog")]
    _catalog: serde_json::Value,
}

/// A bucket that packages may be promoted to.
#[derive(Clone, Debug, Deserialize)]
pub struct Successor {
    /// What people see.
    pub title: String,
    /// Whether data is copied there, or stays where it is.
    #[serde(default = "yes")]
    pub copy_data: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct SchemaPlace {
    url: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "`version` has to be a text, in quotes: \"1\"")]
enum Version {
    Plain(String),
    Compound(Compound),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compound {
    base: String,
    #[serde(default, rename = "catalog")]
    _catalog: Option<String>,
}

fn yes() -> bool {
    true
}

/// Which workflow whoever pushes asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// Whatever is the registry's default.
    Default,
    /// None, though there may be a default.
    None,
    /// This one.
    Named(&'a str),
}

/// The workflow that a package is to be held to, and the schemas that have to be loaded for it.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) workflow: Option<&'a Workflow>,
    schemas: Vec<(&'a str, &'a str)>,
}

impl Chosen<'_> {
    /// The id and the address of each schema that [`Chosen::with_schemas`] wants, metadata's first.
    pub fn schemas(&self) -> &[(&str, &str)] {
        &self.schemas
    }
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// If it is no configuration, or one for a later version.
    pub fn parse(yaml: &[u8]) -> Result<Self, InvalidConfig> {
        if yaml.len() > MAX_CONFIG {
            return Err(InvalidConfig::TooLarge);
        }
        let config: Self =
            serde_saphyr::from_slice(yaml).map_err(|error| InvalidConfig::Syntax(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// The workflows, by id, in the order of the file.
    pub fn workflows(&self) -> &IndexMap<String, Workflow> {
        &self.workflows
    }

    /// The workflow that is used if none is asked for.
    pub fn default_workflow(&self) -> Option<&str> {
        self.default_workflow.as_deref()
    }

    /// The buckets that packages may be promoted to, by URI, in the order of the file.
    pub fn successors(&self) -> &IndexMap<String, Successor> {
        &self.successors
    }

    /// The first of the five checks: which workflow it is to be.
    ///
    /// # Errors
    /// [`Violation`] if there is no such workflow, or none was chosen and one has to be.
    pub fn choose(&self, choice: &Choice<'_>) -> Result<Chosen<'_>, Violation> {
        let asked = match *choice {
            Choice::Default => self.default_workflow.as_deref(),
            Choice::None => None,
            Choice::Named(id) => Some(id),
        };
        let known = || self.workflows.keys().cloned().collect();
        let Some(asked) = asked else {
            if self.is_workflow_required {
                return Err(Violation::WorkflowRequired { known: known() });
            }
            return Ok(Chosen { id: None, workflow: None, schemas: Vec::new() });
        };
        let Some((id, workflow)) = self.workflows.get_key_value(asked) else {
            return Err(Violation::UnknownWorkflow { asked: asked.to_owned(), known: known() });
        };
        let mut schemas: Vec<(&str, &str)> = Vec::new();
        for wanted in [&workflow.metadata_schema, &workflow.entries_schema].into_iter().flatten() {
            let place = self.schemas.get_key_value(wanted);
            if let Some((id, place)) = place.filter(|(id, _)| schemas.iter().all(|(seen, _)| seen != id)) {
                schemas.push((id, &place.url));
            }
        }
        Ok(Chosen { id: Some(id), workflow: Some(workflow), schemas })
    }

    fn check(&self) -> Result<(), InvalidConfig> {
        let wrong = |why: String| Err(InvalidConfig::Wrong(why));
        let version = match &self.version {
            Version::Plain(version) => version,
            Version::Compound(compound) => &compound.base,
        };
        if !matches!(version.as_str(), "1" | "1.0" | "1.0.0" | "1.1" | "1.1.0") {
            return Err(InvalidConfig::Version(version.clone()));
        }
        if self.workflows.is_empty() {
            return wrong("there is no workflow".to_owned());
        }
        for (id, workflow) in &self.workflows {
            let first = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b == b'-';
            let fits = id.len() <= 64
                && id.bytes().next().is_some_and(first)
                && id.bytes().all(|b| first(b) || b.is_ascii_digit());
            if !fits {
                return wrong(format!(
                    "`{id}` is no workflow id: letters, digits, `_` and `-`, no digit first"
                ));
            }
            if workflow.name.is_empty() {
                return wrong(format!("the workflow `{id}` has no name"));
            }
            for schema in [&workflow.metadata_schema, &workflow.entries_schema].into_iter().flatten() {
                if !self.schemas.contains_key(schema) {
                    return Err(InvalidConfig::UnknownSchema(schema.clone()));
                }
            }
        }
        Ok(())
    }
}
