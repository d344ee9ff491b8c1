//! What a registry's answer means, and what the caller is told of it.
//!
//! A registry's own words are shown where they say what is wrong with the caller's input; shortened, on one line, and never
//! with the token in them.

use std::collections::HashSet;

use graphql_client::Error;
use serde_json::Value;

use crate::client::fetch::{FetchError, Fetched, Lack};
use crate::domain::registry::RegistryPass;
use crate::error::{ErrorCode, ToolError};

/// How much of a registry's own words is shown, in characters.
const MAX_SAID: usize = 300;

/// The body of a good answer.
pub(super) fn judged(answer: &Result<Fetched, FetchError>) -> Result<&[u8], Refusal> {
    match answer {
        Ok(answer) if answer.status == 200 && answer.body.trim_ascii_start().starts_with(b"<") => {
            Err(Refusal::Page)
        }
        Ok(answer) if answer.status == 200 => Ok(&answer.body),
        Ok(answer) => Err(Refusal::Status(answer.status, said_in(&answer.body))),
        Err(error) => Err(Refusal::None(error.clone())),
    }
}

/// Why there is nothing to give to the caller.
pub(super) enum Refusal {
    /// No whole answer.
    None(FetchError),
    /// Another status than 200, and what it said.
    Status(u16, Option<String>),
    /// 200, and a page for people: a login, or a proxy's.
    Page,
    /// 200, and not the JSON that was asked for.
    Malformed,
    /// GraphQL's own errors.
    Errors(Vec<Error>),
}

impl Refusal {
    /// What the caller is told. The pass is what must not be in it.
    pub(super) fn explain(self, pass: &RegistryPass) -> ToolError {
        match self {
            Self::None(error) => unanswered(&error),
            Self::Status(status, said) => {
                of_status(status, said.map(|said| presentable(&said, pass)).as_deref())
            }
            Self::Page => unavailable("answered with a web page").with_detail("the body begins with <"),
            Self::Malformed => {
                unavailable("answered what makes no sense").with_detail("the body is not the expected JSON")
            }
            Self::Errors(errors) => of_errors(&errors, pass),
        }
    }
}

fn unanswered(error: &FetchError) -> ToolError {
    match error.lack() {
        Lack::Unreachable => unavailable("does not answer"),
        Lack::Late => unavailable("did not answer in time"),
        Lack::TooLarge => unavailable("answered more than this server reads")
            .with_hint("ask for less, or ask the operator of this server"),
        Lack::Unasked => return ToolError::internal(error),
    }
    .with_detail(error)
}

fn of_status(status: u16, said: Option<&str>) -> ToolError {
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    match status {
        300..=399 => {
            unavailable("points to another address, which this server does not follow with your token")
                .with_hint("ask the operator of this server to correct `registry_url`")
        }
        400 | 422 => {
            ToolError::new(ErrorCode::InvalidInput, format!("the Quilt registry refuses the question{said}"))
        }
        401 => {
            ToolError::new(ErrorCode::CredentialsUnavailable, "the Quilt registry does not accept your token")
                .with_hint("obtain a new token and send the call again")
        }
        403 => ToolError::new(ErrorCode::AccessDenied, format!("the Quilt registry does not allow it{said}"))
            .with_hint("ask an administrator of the registry for the right"),
        404 => unavailable("is not at the configured address")
            .with_hint("ask the operator of this server to correct `registry_url`"),
        429 => unavailable("has no time for more questions now")
            .with_hint("wait a minute and send the call again"),
        _ => unavailable("failed"),
    }
    .with_detail(format_args!("the registry answered {status}{said}"))
}

/// A registry that reports errors has done nothing, or says so itself. Which kind it is stands in `extensions`, if anywhere.
fn of_errors(errors: &[Error], pass: &RegistryPass) -> ToolError {
    let first = &errors[0];
    let said = presentable(&first.message, pass);
    let code =
        first.extensions.as_ref().and_then(|extensions| extensions.get("code")).and_then(Value::as_str);
    let kind = format!("{} {said}", code.unwrap_or_default()).to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if is(&["unauthenticated", "unauthorized", "authentication", "token"]) {
        return of_status(401, None).with_detail(&said);
    }
    // As a word: the names of types that administer have it in them, and say nothing of rights.
    let is_word =
        |words: &[&str]| kind.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    if is(&["forbidden", "permission", "not allowed"])
        || is_word(&["admin", "admins", "administrator", "administrators"])
    {
        return of_status(403, Some(&said));
    }
    if is(&["not found", "not_found", "no such"]) {
        return ToolError::not_found(format!("the Quilt registry does not find it: {said}"));
    }
    unavailable("failed").with_detail(format_args!("GraphQL errors, the first of {}: {said}", errors.len()))
}

fn unavailable(what: &str) -> ToolError {
    ToolError::new(ErrorCode::Unavailable, format!("the Quilt registry {what}"))
        .with_hint("send the call again later; if it goes on, tell the operator of this server")
}

/// A registry's refusal in words, if it is JSON that has any. A page for people is not shown.
fn said_in(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body.get(..64 * 1024).unwrap_or(body)).ok()?;
    let text = ["message", "error"].iter().find_map(|member| answer.get(member)?.as_str());
    text.or_else(|| answer.pointer("/errors/0/message")?.as_str()).map(str::to_owned)
}

/// So much of the token that stands together is in no other text by chance, in bytes.
const PART: usize = 16;
/// How much is looked at before it is shortened, in characters: far more than is shown, and no more work than that.
const MAX_READ: usize = 16 * 1024;

/// Short, on one line, and without the token or a part of it, which is as bad.
pub(super) fn presentable(text: &str, pass: &RegistryPass) -> String {
    let token = pass.token.expose();
    let text = text.chars().take(MAX_READ).collect::<String>().replace(token, "[redacted]");
    let parts: HashSet<&[u8]> = token.as_bytes().windows(PART).collect();
    let mut hidden = vec![false; text.len()];
    for (at, window) in text.as_bytes().windows(PART).enumerate() {
        if parts.contains(window) {
            hidden[at..at + PART].fill(true);
        }
    }
    let mut shown = String::new();
    for (at, c) in text.char_indices() {
        if !hidden[at] {
            shown.push(c);
        } else if at == 0 || !hidden[at - 1] {
            shown.push_str("[redacted]");
        }
    }
    let words = shown.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(MAX_SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::grant::CallerToken;

    fn pass() -> RegistryPass {
        RegistryPass {
            registry: "https://registry.example.com".parse().expect("a URL"),
            token: CallerToken::new("aGVhZGVy.Y0FOQVJZQ0FOQVJZ.c2lnbmF0dXJlLWNhbmFyeQ"),
        }
    }

    #[test]
    fn each_status_has_its_code_and_says_what_to_do() {
        for (status, code) in [
            (301, ErrorCode::Unavailable),
            (308, ErrorCode::Unavailable),
            (400, ErrorCode::InvalidInput),
            (401, ErrorCode::CredentialsUnavailable),
            (403, ErrorCode::AccessDenied),
            (404, ErrorCode::Unavailable),
            (429, ErrorCode::Unavailable),
            (500, ErrorCode::Unavailable),
            (503, ErrorCode::Unavailable),
        ] {
            let error = Refusal::Status(status, None).explain(&pass());
            assert_eq!(error.code(), code, "{status}");
            assert!(status == 400 || error.hint().is_some(), "{status}");
        }
    }

    #[test]
    fn what_graphql_reports_has_a_code_too() {
        for (message, code, expected) in [
            ("Forbidden", None, ErrorCode::AccessDenied),
            ("only an admin may do this", None, ErrorCode::AccessDenied),
            ("Cannot return null for non-nullable field AdminQueries.user.", None, ErrorCode::Unavailable),
            ("x", Some("FORBIDDEN"), ErrorCode::AccessDenied),
            ("Unauthorized", None, ErrorCode::CredentialsUnavailable),
            ("Bucket not found", None, ErrorCode::NotFound),
            ("boom", None, ErrorCode::Unavailable),
        ] {
            let json = serde_json::json!({"message": message, "extensions": {"code": code}});
            let error: Error = serde_json::from_value(json).expect("an error");
            assert_eq!(Refusal::Errors(vec![error]).explain(&pass()).code(), expected, "{message}");
        }
    }

    #[test]
    fn no_answer_shows_the_token_nor_a_part_of_it_nor_a_second_line() {
        let pass = pass();
        for text in [
            format!("bad token {}\r\nforged line", pass.token.expose()),
            "bad signature 'c2lnbmF0dXJlLWNhbmFyeQ'".to_owned(),
            "sig=c2lnbmF0dXJlLWNhbmFyeQ".to_owned(),
            r#"{"jws":"c2lnbmF0dXJlLWNhbmFyeQ"}"#.to_owned(),
            "x".repeat(5000),
        ] {
            let shown = presentable(&text, &pass);
            assert!(!shown.contains("c2lnbmF0dXJl") && !shown.contains('\n'), "{shown}");
            assert!(shown.chars().count() <= MAX_SAID);
            let error = Refusal::Status(403, Some(text)).explain(&pass);
            assert!(!format!("{error:?}").contains("c2lnbmF0dXJl"), "{error:?}");
        }
    }
}
