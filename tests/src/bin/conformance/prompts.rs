//! The suite's prompts that are text.

use std::collections::BTreeMap;

use quilt_mcp::error::ToolError;
use quilt_mcp::transport::{PromptArgumentListing, PromptListing};

type Filled = BTreeMap<String, String>;

pub(crate) fn listings() -> Vec<PromptListing> {
    vec![
        prompt("test_simple_prompt", &[], |_| Ok("This is a simple prompt for testing.".to_owned())),
        prompt("test_prompt_with_arguments", &["arg1", "arg2"], |filled| {
            let value = |name: &str| {
                filled.get(name).ok_or_else(|| ToolError::invalid_input(format!("`{name}` is missing")))
            };
            Ok(format!("Prompt with arguments: arg1='{}', arg2='{}'", value("arg1")?, value("arg2")?))
        }),
    ]
}

fn prompt(name: &str, arguments: &[&str], text: fn(&Filled) -> Result<String, ToolError>) -> PromptListing {
    let argument = |name: &&str| PromptArgumentListing {
        name: (*name).to_owned(),
        description: format!("The value of {name}"),
        required: true,
    };
    PromptListing {
        name: name.to_owned(),
        title: name.to_owned(),
        description: format!("Fixture of the conformance suite: {name}"),
        arguments: arguments.iter().map(argument).collect(),
        completed: BTreeMap::new(),
        text,
    }
}
