//! The first line of a manifest.

use crate::json::{Json, Object};

use super::error::Problem;

/// What a package says of itself: message, metadata, the workflow it passed. All of it is hashed.
///
/// Members that this version does not know are kept. That metadata is absent, `null` or `{}` are three different things.
///
/// ```
/// use quilt_package::{Header, Json};
///
/// let mut header = Header::new(Some("first"));
/// header.set_user_meta(Some(Json::parse(r#"{"owner": "ana"}"#)?));
/// assert_eq!(header.message(), Some("first"));
/// # Ok::<_, quilt_package::json::InvalidJson>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Header(Object);

impl Header {
    /// With a message, or `null` for none.
    pub fn new(message: Option<&str>) -> Self {
        Self::with(None, None, message)
    }

    /// With metadata, the workflow that was passed, and a message, in the order in which quilt3 writes them.
    pub fn with(user_meta: Option<Json>, workflow: Option<Json>, message: Option<&str>) -> Self {
        let mut header = Self(Object::from_iter([("version".to_owned(), "v0".into())]));
        header.set_user_meta(user_meta);
        header.set_workflow(workflow);
        header.set_message(message);
        header
    }

    /// From the members of a first line. The obsolete `top_hash` is dropped, as quilt3 does before it hashes.
    pub(super) fn from_members(mut members: Object) -> Result<Self, Problem> {
        members.shift_remove("top_hash");
        match members.get("version") {
            None | Some(Json::Null) => {}
            Some(Json::String(version)) if version == "v0" => {}
            Some(other) => return Err(Problem::Version(other.stored().to_string())),
        }
        Ok(Self(members))
    }

    /// All members, as stored and hashed.
    pub fn members(&self) -> &Object {
        &self.0
    }

    /// What the author said of this revision.
    pub fn message(&self) -> Option<&str> {
        self.0.get("message").and_then(Json::as_str)
    }

    /// The package's metadata, if it ever was set.
    pub fn user_meta(&self) -> Option<&Json> {
        self.0.get("user_meta")
    }

    /// The workflow that the package passed, if its registry has any.
    pub fn workflow(&self) -> Option<&Json> {
        self.0.get("workflow")
    }

    /// Replaces the message; none is written as `null`.
    pub fn set_message(&mut self, message: Option<&str>) {
        self.set("message", Some(message.map_or(Json::Null, Json::from)));
    }

    /// Replaces the metadata; none removes it.
    pub fn set_user_meta(&mut self, meta: Option<Json>) {
        self.set("user_meta", meta);
    }

    /// Replaces what [`workflow`](crate::workflow) says of the package; none removes it.
    pub fn set_workflow(&mut self, workflow: Option<Json>) {
        self.set("workflow", workflow);
    }

    /// In its place if there is one, else at the end, as a Python dictionary does it.
    fn set(&mut self, name: &str, value: Option<Json>) {
        match value {
            Some(value) => drop(self.0.insert(name.to_owned(), value)),
            None => drop(self.0.shift_remove(name)),
        }
    }
}
