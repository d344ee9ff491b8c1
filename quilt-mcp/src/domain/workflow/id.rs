//! Names of workflows and steps.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::error::{RefusalKind, WorkflowError};
use super::limits::MAX_ID_CHARS;

macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// 1 to 128 characters, none of them a control character, no space at either end. Compared byte by byte:
        /// nothing is folded or normalised, so two spellings are two ids.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `id`.
            ///
            /// # Errors
            ///
            /// [`RefusalKind::Invalid`] when it is empty, too long, or holds a character that is not allowed.
            pub fn new(id: impl Into<String>) -> Result<Self, WorkflowError> {
                let id = id.into();
                check($what, &id)?;
                Ok(Self(id))
            }

            /// The id as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = WorkflowError;

            fn from_str(id: &str) -> Result<Self, WorkflowError> {
                Self::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = WorkflowError;

            fn try_from(id: String) -> Result<Self, WorkflowError> {
                Self::new(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS })
            }
        }
    };
}

checked_id! {
    /// Names a workflow among those of one user.
    WorkflowId, "workflow id"
}

checked_id! {
    /// Names a step within its workflow.
    StepId, "step id"
}

fn check(what: &str, id: &str) -> Result<(), WorkflowError> {
    let invalid = |problem: String| {
        Err(WorkflowError::new(RefusalKind::Invalid, format!("the {what} {problem}")).with_hint(format!(
            "use 1 to {MAX_ID_CHARS} characters, for example `analysis-2026`, without control characters and \
             without spaces at the ends"
        )))
    };
    if id.trim().is_empty() {
        return invalid("cannot be empty".into());
    }
    let chars = id.chars().count();
    if chars > MAX_ID_CHARS {
        return invalid(format!("has {chars} characters; at most {MAX_ID_CHARS} are allowed"));
    }
    if let Some((at, c)) = id.chars().enumerate().find(|(_, c)| c.is_control()) {
        return invalid(format!("holds the control character U+{:04X} at position {at}", u32::from(c)));
    }
    if id.trim() != id {
        return invalid("begins or ends with a space".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_as_it_is() {
        for id in [
            "a",
            "analysis",
            "../../etc/passwd",
            "x'; DROP TABLE workflow; --",
            "Ä ö",
            "%00",
            &"é".repeat(128),
        ] {
            assert_eq!(WorkflowId::new(id).expect("allowed").as_str(), id);
        }
    }

    #[test]
    fn a_bad_id_is_refused_with_the_reason() {
        let cases = [
            ("", "cannot be empty"),
            ("  \t", "cannot be empty"),
            ("a\0b", "U+0000 at position 1"),
            ("a\nb", "U+000A"),
            ("a\u{85}b", "U+0085"),
            (" a", "begins or ends with a space"),
            (&"x".repeat(129), "129 characters"),
        ];
        for (id, reason) in cases {
            let refused = StepId::new(id).expect_err(id);
            assert_eq!(refused.kind, RefusalKind::Invalid);
            assert!(refused.message.contains(reason), "{id:?}: {}", refused.message);
            assert!(serde_json::from_value::<StepId>(id.into()).is_err(), "{id:?} came in through serde");
        }
    }
}
