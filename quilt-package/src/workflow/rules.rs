//! A package, held to the rules.

use fancy_regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use crate::json::{Json, Object};
use crate::{Entry, PackageName};

use super::config::Chosen;
use super::error::{InvalidConfig, Violation};
use super::schema::{BACKTRACKS, Schema};

/// A schema that [`Chosen::schemas`] asked for.
#[derive(Clone, Debug)]
pub struct LoadedSchema {
    /// Its id in the configuration.
    pub id: String,
    /// Its address, with the version that was read.
    pub url: String,
    /// What was read.
    pub content: Vec<u8>,
}

/// What is about to be pushed.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// What the package is called.
    pub name: &'a PackageName,
    /// What is said of the revision.
    pub message: Option<&'a str>,
    /// The package's metadata.
    pub user_meta: Option<&'a Json>,
    /// A list of all entries, in order: what [`described`] says of each.
    pub entries: &'a Value,
}

/// The rules of one workflow, or of none.
#[derive(Debug)]
pub struct Rules {
    id: Option<String>,
    message_required: bool,
    name: Option<Regex>,
    metadata: Option<Schema>,
    entries: Option<Schema>,
    loaded: Vec<(String, String)>,
}

impl Chosen<'_> {
    /// The rules, from the schemas that were asked for.
    ///
    /// # Errors
    /// If a schema is missing or cannot be used, or the pattern for names is none.
    pub fn with_schemas(&self, loaded: &[LoadedSchema]) -> Result<Rules, InvalidConfig> {
        let schema = |id: &Option<String>| id.as_ref().map(|id| parse(loaded, id)).transpose();
        let pattern = self.workflow.and_then(|workflow| workflow.handle_pattern.as_ref());
        let name = pattern.filter(|pattern| !pattern.is_empty()).map(|pattern| {
            RegexBuilder::new(pattern).backtrack_limit(BACKTRACKS).build().map_err(|error| {
                InvalidConfig::Wrong(format!("`{pattern}` is no pattern for names: {error}"))
            })
        });
        let [metadata, entries] = match self.workflow {
            Some(workflow) => [schema(&workflow.metadata_schema)?, schema(&workflow.entries_schema)?],
            None => [None, None],
        };
        let url = |id: &str| loaded.iter().find(|schema| schema.id == id).map(|schema| schema.url.clone());
        Ok(Rules {
            id: self.id.map(str::to_owned),
            message_required: self.workflow.is_some_and(|workflow| workflow.is_message_required),
            name: name.transpose()?,
            metadata,
            entries,
            loaded: self.schemas().iter().filter_map(|(id, _)| Some(((*id).to_owned(), url(id)?))).collect(),
        })
    }
}

fn parse(loaded: &[LoadedSchema], id: &str) -> Result<Schema, InvalidConfig> {
    let invalid = |why: &str| InvalidConfig::Schema { id: id.to_owned(), why: why.to_owned() };
    let schema = loaded.iter().find(|schema| schema.id == id).ok_or_else(|| invalid("was not loaded"))?;
    Schema::parse(&schema.content).map_err(|why| invalid(&why))
}

impl Rules {
    /// The other four checks, in the order in which quilt3 makes them; the first that fails is reported.
    ///
    /// # Errors
    /// [`Violation`], which says how to put it right.
    pub fn check(&self, submission: &Submission<'_>) -> Result<(), Violation> {
        if self.message_required && submission.message.is_none_or(str::is_empty) {
            return Err(Violation::MessageRequired);
        }
        if let Some(pattern) = &self.name
            // A pattern that gives up has not matched.
            && !pattern.is_match(submission.name.as_str()).unwrap_or(false)
        {
            return Err(Violation::Name { pattern: pattern.as_str().to_owned() });
        }
        if let Some(schema) = &self.metadata {
            let meta = submission.user_meta.map_or_else(|| json!({}), Json::to_value);
            schema.check(&meta).map_err(Violation::Metadata)?;
        }
        if let Some(schema) = &self.entries {
            schema.check(submission.entries).map_err(Violation::Entries)?;
        }
        Ok(())
    }

    /// Whether they are about entries: if not, [`Submission::entries`] is not looked at.
    pub fn want_entries(&self) -> bool {
        self.entries.is_some()
    }

    /// What the header of a package says that keeps them. `config` is the address of the configuration, with the version that
    /// was read.
    pub fn header_value(&self, config: &str) -> Json {
        let mut value = Object::new();
        value.insert("id".to_owned(), self.id.as_deref().map_or(Json::Null, Json::from));
        value.insert("config".to_owned(), config.into());
        if !self.loaded.is_empty() {
            let schemas = self.loaded.iter().map(|(id, url)| (id.clone(), url.as_str().into()));
            value.insert("schemas".to_owned(), Json::Object(schemas.collect()));
        }
        value.into()
    }
}

/// An entry as schemas see it.
pub fn described(entry: &Entry) -> Value {
    json!({
        "logical_key": entry.logical_key.as_str(),
        "size": entry.size,
        "meta": entry.user_meta().map_or_else(|| json!({}), Json::to_value),
    })
}
