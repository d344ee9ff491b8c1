//! From what callers write to what a push is made of.

use quilt_package::{Json, LogicalKey, Object};
use serde_json::{Map, Value};

use crate::domain::object::S3Uri;
use crate::error::ToolError;
use crate::service::push::{Source, Text, WorkflowChoice};

/// The README of a package, which the catalog shows first.
pub(super) const README: &str = "README.md";
/// Members of metadata that hold the text of a README. It belongs into a file.
const README_MEMBERS: [&str; 3] = ["readme_content", "readme", "README"];

/// Metadata, without the README that was in it.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// What is left.
    pub(super) members: Object,
    /// The README.
    pub(super) readme: Option<String>,
    /// What the caller should know of it.
    pub(super) warnings: Vec<String>,
}

/// Takes a README out of metadata.
pub(super) fn metadata(mut given: Map<String, Value>) -> Result<Metadata, ToolError> {
    let mut readme = None;
    let mut warnings = Vec::new();
    for name in README_MEMBERS {
        if !given.get(name).is_some_and(Value::is_string) {
            continue;
        }
        let Some(Value::String(text)) = given.remove(name) else { continue };
        if readme.is_some() {
            return Err(ToolError::invalid_input("the metadata holds two READMEs")
                .with_hint("give one, as `readme_content`"));
        }
        warnings
            .push(format!("`{name}` was taken out of the metadata: it is the file {README} of the package"));
        readme = Some(text);
    }
    Ok(Metadata { members: members(&given)?, readme, warnings })
}

/// As manifests keep it.
pub(super) fn members(given: &Map<String, Value>) -> Result<Object, ToolError> {
    let wrong = |why: String| ToolError::invalid_input(format!("`metadata`: {why}"));
    let text = serde_json::to_string(given).map_err(|why| wrong(why.to_string()))?;
    match Json::parse(&text).map_err(|why| wrong(why.to_string()))? {
        Json::Object(members) => Ok(members),
        _ => Err(wrong("it has to be an object".to_owned())),
    }
}

/// A file of the package's root that holds text.
pub(super) fn text(name: &str, content: String, media_type: &'static str) -> Result<Text, ToolError> {
    Ok(Text { logical_key: logical_key(name)?, content: content.into(), media_type })
}

/// Objects, each at its name or at its whole key.
pub(super) fn sources(uris: Vec<S3Uri>, flatten: bool) -> Result<Vec<Source>, ToolError> {
    let mut wrong = Vec::new();
    let mut sources = Vec::new();
    for uri in uris {
        let key = uri.key().as_str();
        let path = if flatten { key.rsplit('/').next().unwrap_or(key) } else { key };
        match path.parse::<LogicalKey>() {
            Ok(logical_key) => sources.push(Source { logical_key, uri }),
            Err(_) if key.ends_with('/') => wrong.push(format!("`{uri}` names a folder")),
            Err(why) => wrong.push(format!("`{uri}`: {why}")),
        }
    }
    if wrong.is_empty() {
        return Ok(sources);
    }
    Err(ToolError::invalid_input(wrong.join("; "))
        .with_hint("name objects; package_create_from_s3 takes all objects of a folder"))
}

pub(super) fn logical_key(path: &str) -> Result<LogicalKey, ToolError> {
    path.parse().map_err(|why| ToolError::invalid_input(format!("`{path}`: {why}")))
}

/// Nothing for the registry's default, an empty text for none.
pub(super) fn workflow(given: Option<String>) -> WorkflowChoice {
    match given {
        None => WorkflowChoice::Default,
        Some(id) if id.is_empty() => WorkflowChoice::None,
        Some(id) => WorkflowChoice::Named(id),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_readme_becomes_a_file_and_the_rest_stays() -> Result<(), ToolError> {
        let read =
            metadata(given(&json!({"readme_content": "# Hi", "n": 1.0, "deep": {"readme": "stays"}})))?;
        assert_eq!(read.readme.as_deref(), Some("# Hi"));
        assert_eq!(read.members.len(), 2);
        assert_eq!(read.warnings.len(), 1);
        // What is no text is no README.
        assert_eq!(metadata(given(&json!({"readme": true})))?.members.len(), 1);
        assert!(metadata(given(&json!({"readme": "a", "README": "b"}))).is_err());
        Ok(())
    }

    #[test]
    fn objects_stand_at_their_name_or_their_key() -> Result<(), ToolError> {
        let uri = |text: &str| text.parse::<S3Uri>().expect("a URI");
        let at = |flatten| sources(vec![uri("s3://abc/a/b.csv")], flatten);
        assert_eq!(at(true)?[0].logical_key.as_str(), "b.csv");
        assert_eq!(at(false)?[0].logical_key.as_str(), "a/b.csv");
        let both = sources(vec![uri("s3://abc/a/"), uri("s3://abc/a//b")], false).expect_err("no keys");
        assert!(both.message().contains("names a folder") && both.message().contains("//"), "{both}");
        Ok(())
    }
}
