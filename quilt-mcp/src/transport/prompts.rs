//! Prompts in MCP's form, built once.

use std::collections::BTreeMap;

use rmcp::ErrorData;
use rmcp::model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::{Map, Value};

use super::catalogue::CatalogueError;
use super::{PromptListing, protocol};
use crate::domain::request::RequestId;

/// Prompts, in the backend's order.
pub(super) struct Prompts {
    list: Vec<Prompt>,
    listings: Vec<PromptListing>,
}

impl Prompts {
    /// # Errors
    ///
    /// Two have the same name.
    pub(super) fn new(listings: Vec<PromptListing>) -> Result<Self, CatalogueError> {
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = listings.iter().find(|listing| !seen.insert(&listing.name)) {
            return Err(CatalogueError(format!("two prompts are named `{}`", twice.name)));
        }
        Ok(Self { list: listings.iter().map(prompt).collect(), listings })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listings.is_empty()
    }

    pub(super) fn list(&self) -> &[Prompt] {
        &self.list
    }

    /// How the arguments of a prompt can be completed, if there is such a prompt.
    pub(super) fn completed(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.named(name).map(|listing| &listing.completed)
    }

    pub(super) fn has_argument(&self, name: &str, argument: &str) -> bool {
        self.named(name).is_some_and(|listing| listing.arguments.iter().any(|of| of.name == argument))
    }

    /// The text of a prompt.
    ///
    /// # Errors
    ///
    /// There is no such prompt, or it is filled in wrongly.
    pub(super) fn filled(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<GetPromptResult, ErrorData> {
        let Some(listing) = self.named(name) else {
            let name: String = name.chars().take(64).collect();
            let message = format!("unknown prompt `{name}`: `prompts/list` gives the names");
            return Err(ErrorData::invalid_params(message, None));
        };
        let mut filled = BTreeMap::new();
        for (name, value) in arguments {
            match value {
                Value::String(value) => filled.insert(name, value),
                _ => {
                    let name: String = name.chars().take(64).collect();
                    return Err(ErrorData::invalid_params(
                        format!("the argument `{name}` must be text"),
                        None,
                    ));
                }
            };
        }
        let text = (listing.text)(&filled).map_err(|error| protocol::failure(&error, RequestId::new()))?;
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)])
            .with_description(listing.description.clone()))
    }

    fn named(&self, name: &str) -> Option<&PromptListing> {
        self.listings.iter().find(|listing| listing.name == name)
    }
}

fn prompt(listing: &PromptListing) -> Prompt {
    let arguments = listing.arguments.iter().map(|argument| {
        PromptArgument::new(&argument.name)
            .with_description(&argument.description)
            .with_required(argument.required)
    });
    let mut prompt = Prompt::new(&listing.name, Some(&listing.description), Some(arguments.collect()));
    prompt.title = Some(listing.title.clone());
    prompt
}
