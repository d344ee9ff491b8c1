//! Why a registry did not make a change, in its own words.

use super::answer::presentable;
use crate::domain::registry::RegistryPass;
use crate::error::{ErrorCode, ToolError};

/// Why a registry did not make a change.
#[derive(Debug)]
pub(crate) enum Declined {
    /// It finds the input wrong: where, if it says so, and why.
    Input(Vec<(Option<String>, String)>),
    /// The change is not possible.
    Operation {
        /// The kind of reason: one word.
        name: String,
        /// The reason.
        message: String,
    },
}

impl Declined {
    /// What the caller is told. The pass is what must not be in it.
    pub(super) fn explain(self, pass: &RegistryPass) -> ToolError {
        match self {
            Self::Input(problems) => {
                let problem = |(path, message): &(Option<String>, String)| match path {
                    Some(path) if !path.is_empty() => format!("{path}: {message}"),
                    _ => message.clone(),
                };
                let all = problems.iter().map(problem).collect::<Vec<_>>().join("; ");
                ToolError::invalid_input(format!(
                    "the Quilt registry refuses it: {}",
                    presentable(&all, pass)
                ))
            }
            Self::Operation { name, message } => ToolError::new(
                code(&name, &message),
                format!("the Quilt registry did not do it: {}", presentable(&message, pass)),
            )
            .with_detail(presentable(&name, pass)),
        }
    }
}

/// Registries name the kind of reason, but publish no list of the names: what is in the words decides.
fn code(name: &str, message: &str) -> ErrorCode {
    let said = format!("{name} {message}").to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if is(&["notfound", "not found", "does not exist", "no such", "doesnotexist"]) {
        ErrorCode::NotFound
    } else if is(&["exists", "already", "conflict", "taken"]) {
        ErrorCode::Conflict
    } else if is(&["forbidden", "permission", "not allowed", "denied"]) {
        ErrorCode::AccessDenied
    } else {
        ErrorCode::InvalidState
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::grant::CallerToken;

    fn explained(declined: Declined) -> ToolError {
        let registry = "https://registry.example.com".parse().expect("a URL");
        declined.explain(&RegistryPass { registry, token: CallerToken::new("SECRETCANARYTOKEN.x.y") })
    }

    #[test]
    fn wrong_input_is_told_with_its_place() {
        let problems =
            vec![(Some("input.email".to_owned()), "no address".to_owned()), (None, "odd".to_owned())];
        let error = explained(Declined::Input(problems));
        assert_eq!(error.code(), ErrorCode::InvalidInput);
        assert!(error.message().ends_with("input.email: no address; odd"), "{error}");
    }

    #[test]
    fn the_kind_of_reason_decides_the_code() {
        for (name, message, expected) in [
            ("RoleNotFound", "x", ErrorCode::NotFound),
            ("X", "User already exists", ErrorCode::Conflict),
            ("Forbidden", "x", ErrorCode::AccessDenied),
            ("LastAdmin", "somebody must administer", ErrorCode::InvalidState),
        ] {
            let error = explained(Declined::Operation { name: name.into(), message: message.into() });
            assert_eq!(error.code(), expected, "{name}");
        }
        let message = "no SECRETCANARYTOKEN.x.y here".to_owned();
        let error = explained(Declined::Operation { name: "SECRETCANARYTOKEN.x.y".into(), message });
        assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
    }
}
