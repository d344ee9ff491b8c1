//! How large a workflow may be. One user must not be able to fill the store or another user's patience.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::JsonObject;
use super::error::{RefusalKind, WorkflowError};

/// Characters of a workflow id or a step id.
pub const MAX_ID_CHARS: usize = 128;
/// Characters of a workflow's name.
pub const MAX_NAME_CHARS: usize = 200;
/// Characters of a description, of a workflow or a step.
pub const MAX_DESCRIPTION_CHARS: usize = 4_000;
/// Characters of a step's type.
pub const MAX_STEP_TYPE_CHARS: usize = 64;
/// Characters of an error message.
pub const MAX_ERROR_MESSAGE_CHARS: usize = 4_000;
/// Bytes of metadata as JSON, of a workflow or a step.
pub const MAX_METADATA_BYTES: usize = 16 * 1024;
/// Bytes of a step's result as JSON.
pub const MAX_RESULT_BYTES: usize = 64 * 1024;
/// How deep metadata and results may nest.
pub const MAX_NESTING: usize = 32;
/// Steps of a workflow.
pub const MAX_STEPS: usize = 200;
/// Dependencies of a step.
pub const MAX_DEPENDENCIES: usize = 50;
/// Lines of the execution log; older ones make room.
pub const MAX_LOG_ENTRIES: usize = 200;
/// Bytes of a whole workflow as JSON.
pub const MAX_WORKFLOW_BYTES: usize = 1024 * 1024;
/// Workflows of one user.
pub const MAX_WORKFLOWS_PER_USER: usize = 1_000;

/// What a text may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// One line that says something.
    Line,
    /// Any number of lines, also none.
    Prose,
}

pub(super) fn check_text(what: &str, text: &str, kind: Text, max_chars: usize) -> Result<(), WorkflowError> {
    if kind == Text::Line && text.trim().is_empty() {
        return Err(WorkflowError::new(RefusalKind::Invalid, format!("the {what} cannot be empty"))
            .with_hint(format!("give it 1 to {max_chars} characters")));
    }
    let chars = text.chars().count();
    if chars > max_chars {
        let hint = format!("shorten it to {max_chars} characters or fewer");
        return Err(too_large(what, &format!("{chars} characters"), max_chars, hint));
    }
    let allowed = |c: char| !c.is_control() || (kind == Text::Prose && matches!(c, '\n' | '\r' | '\t'));
    if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        return Err(WorkflowError::new(
            RefusalKind::Invalid,
            format!("the {what} holds the control character U+{:04X}", u32::from(c)),
        )
        .with_hint("remove it"));
    }
    Ok(())
}

pub(super) fn check_json(what: &str, object: &JsonObject, max_bytes: usize) -> Result<(), WorkflowError> {
    if object.values().any(|value| nests_deeper(value, MAX_NESTING - 1)) {
        return Err(WorkflowError::new(
            RefusalKind::Limit,
            format!("the {what} nests deeper than {MAX_NESTING} levels"),
        )
        .with_hint("flatten it"));
    }
    check_encoded(what, object, max_bytes)
}

pub(super) fn check_encoded(
    what: &str,
    value: &impl Serialize,
    max_bytes: usize,
) -> Result<(), WorkflowError> {
    let bytes = encoded_len(value);
    if bytes > max_bytes {
        let hint = "keep large data in an object or a package and put its URI here";
        return Err(too_large(what, &format!("{bytes} bytes as JSON"), max_bytes, hint));
    }
    Ok(())
}

pub(super) fn too_large(what: &str, is: &str, allowed: usize, hint: impl Into<String>) -> WorkflowError {
    WorkflowError::new(RefusalKind::Limit, format!("the {what} has {is}; at most {allowed} are allowed"))
        .with_hint(hint)
}

fn nests_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| nests_deeper(item, levels - 1)),
        Value::Object(fields) => levels == 0 || fields.values().any(|field| nests_deeper(field, levels - 1)),
        _ => false,
    }
}

/// Length without the text: a caller's object may be large before it is refused.
fn encoded_len(value: &impl Serialize) -> usize {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value).expect("JSON values with text keys always encode");
    counter.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> JsonObject {
        let mut value = Value::Bool(true);
        for _ in 1..levels {
            value = Value::Array(vec![value]);
        }
        JsonObject::from_iter([("k".to_owned(), value)])
    }

    #[test]
    fn nesting_is_bounded_exactly() {
        assert!(check_json("metadata", &nested(MAX_NESTING), 10_000).is_ok());
        let refused = check_json("metadata", &nested(MAX_NESTING + 1), 10_000).expect_err("one too deep");
        assert_eq!(refused.kind, RefusalKind::Limit);
    }

    #[test]
    fn size_is_counted_as_encoded() {
        let object = JsonObject::from_iter([("k".to_owned(), Value::from("é\n"))]);
        let bytes = serde_json::to_string(&object).expect("encodes").len();
        assert!(check_json("result", &object, bytes).is_ok());
        assert!(check_json("result", &object, bytes - 1).is_err());
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for refused in [
            check_text("name", "", Text::Line, 5),
            check_text("name", "longer", Text::Line, 5),
            check_text("name", "nul\0", Text::Line, 5),
            check_json("metadata", &nested(MAX_NESTING + 1), 10_000),
            check_json("metadata", &nested(2), 3),
        ] {
            let refused = refused.expect_err("refused");
            assert!(refused.hint.is_some(), "{refused}");
        }
        let refused = check_text("name", "longer", Text::Line, 5).expect_err("refused");
        assert_eq!(refused.hint.as_deref(), Some("shorten it to 5 characters or fewer"));
    }

    #[test]
    fn a_line_is_one_line_and_prose_may_be_many() {
        assert!(check_text("name", "one\ntwo", Text::Line, 100).is_err());
        assert!(check_text("description", "one\ntwo", Text::Prose, 100).is_ok());
        assert!(check_text("description", "nul\0", Text::Prose, 100).is_err());
        assert!(check_text("name", " ", Text::Line, 100).is_err());
        assert!(check_text("name", "ééé", Text::Line, 3).is_ok());
    }
}
