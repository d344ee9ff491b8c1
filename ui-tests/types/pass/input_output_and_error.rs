//! Input, result and error are what a client can be told of.
use quilt_scope::scoped_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Limit(u32);

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Count {
    count: u32,
}

/// Counts.
#[scoped_tool(read_only)]
pub fn count(limit: Limit, names: Vec<String>, deep: Option<bool>) -> Result<Count, std::fmt::Error> {
    if deep == Some(true) { Err(std::fmt::Error) } else { Ok(Count { count: limit.0 + names.len() as u32 }) }
}

/// The same with an alias of `Result` and with a text as error.
#[scoped_tool(read_only)]
pub fn parse(text: String) -> std::io::Result<usize> {
    Ok(text.len())
}

/// A text will do as an error.
#[scoped_tool(read_only)]
pub fn refuse() -> Result<u32, String> {
    Err("no".to_owned())
}

fn main() {}
