//! Whether a registry knows the bearer of a token, asked before anybody is taken for them.

use std::collections::HashMap;
use std::time::Duration;

use graphql_client::{Error, Response};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::answer::{Refusal, judged, presentable};
use super::graphql;
use super::operations::{Vouch, vouch};
use crate::client::fetch::{Fetch, FetchError, Fetched, Get};
use crate::domain::registry::RegistryPass;
use crate::error::ToolError;

/// The longest answer that is read, in bytes. A good one has some forty.
const MAX_ANSWER: usize = 16 * 1024;

/// What a GraphQL server calls a request whose token it does not take, in `extensions.code`.
const UNAUTHENTICATED: &str = "UNAUTHENTICATED";

/// Whether the registry knows the bearer of this token: it names them, or it refuses the token, or says that it is nobody's.
/// Asked once: who asks for each request has no time for a second try.
///
/// What it says is in the form of its answer, never in the words: those of a registry that is broken may speak of tokens and
/// permissions, too, and a good token would be thrown away for them. Nor is 403 a refusal: it is what proxies answer.
///
/// # Errors
///
/// It says neither within that time: it is down, slow or elsewhere, or what it says makes no sense. In words for the operator,
/// without the token.
pub async fn knows_bearer(fetch: &dyn Fetch, pass: &RegistryPass, within: Duration) -> Result<bool, String> {
    let question = graphql::<Vouch>(vouch::Variables).map_err(|error| in_words(&error))?;
    let to = Get {
        url: &pass.registry.at("/graphql"),
        bearer: Some(&pass.token),
        cookie: None,
        request: None,
        most_bytes: MAX_ANSWER,
        within,
    };
    names_somebody(&fetch.post(to, question).await, pass)
}

/// Which members are there: a type with optional ones takes what is missing for `null`.
#[derive(Deserialize)]
struct Members {
    data: Option<HashMap<String, IgnoredAny>>,
}

fn names_somebody(answer: &Result<Fetched, FetchError>, pass: &RegistryPass) -> Result<bool, String> {
    if answer.as_ref().is_ok_and(|answer| answer.status == 401) {
        return Ok(false);
    }
    let of = |refusal: Refusal| in_words(&refusal.explain(pass));
    let body = judged(answer).map_err(of)?;
    let malformed = |_| of(Refusal::Malformed);
    let said: Response<vouch::ResponseData> = serde_json::from_slice(body).map_err(malformed)?;
    let members: Members = serde_json::from_slice(body).map_err(malformed)?;
    let errors = said.errors.unwrap_or_default();
    if let Some(first) = errors.first() {
        let what = presentable(&first.message, pass);
        let silence = format!("it reports errors, the first of {}: {what}", errors.len());
        return if errors.iter().any(is_unauthenticated) { Ok(false) } else { Err(silence) };
    }
    let answered = members.data.is_some_and(|members| members.contains_key("me"));
    match said.data {
        Some(data) if answered => Ok(data.me.is_some()),
        _ => Err(of(Refusal::Malformed)),
    }
}

fn is_unauthenticated(error: &Error) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.and_then(Value::as_str) == Some(UNAUTHENTICATED)
}

fn in_words(error: &ToolError) -> String {
    match error.detail() {
        Some(detail) => format!("{} ({detail})", error.message()),
        None => error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, DOWN, Question};
    use super::*;
    use crate::domain::grant::CallerToken;

    async fn asked(status: u16, body: &'static str) -> (Result<bool, String>, Vec<Question>) {
        let registry = "https://registry.example.com".parse().expect("a URL");
        let pass =
            RegistryPass { registry, token: CallerToken::new("aGVhZGVy.Y2xhaW1z.SIGNATURECANARYCANARY") };
        let canned = Canned::answering(status, body);
        let answer = knows_bearer(&canned, &pass, Duration::from_secs(5)).await;
        (answer, canned.asked())
    }

    #[tokio::test]
    async fn it_is_asked_once_with_the_token_for_no_more_than_a_name() {
        let (answer, questions) = asked(200, r#"{"data":{"me":{"name":"ada"}}}"#).await;
        assert_eq!(answer, Ok(true));
        let [Question { url, token, json: Some(question) }] = &questions[..] else {
            panic!("once: {questions:?}")
        };
        assert_eq!(url, "https://registry.example.com/graphql");
        assert_eq!(token, "aGVhZGVy.Y2xhaW1z.SIGNATURECANARYCANARY");
        assert_eq!(question["operationName"], "Vouch");
        let words = question["query"].as_str().expect("a text").split_whitespace().collect::<Vec<_>>();
        assert_eq!(words.join(" "), "query Vouch { me { name } }");
    }

    #[tokio::test]
    async fn who_is_refused_or_nobody_is_not_known() {
        for (status, body) in [
            (200, r#"{"data":{"me":null}}"#),
            (200, r#"{"data":{"me":null},"errors":[]}"#),
            (200, r#"{"data":null,"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}"#),
            (
                200,
                r#"{"data":{"me":null},"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}"#,
            ),
            (401, ""),
            (401, r#"{"data":{"me":{"name":"ada"}}}"#),
        ] {
            assert_eq!(asked(status, body).await.0, Ok(false), "{status} {body}");
        }
    }

    #[tokio::test]
    async fn everything_else_is_no_answer_and_shows_no_token() {
        const ADA: &str = r#"{"data":{"me":{"name":"ada"}}}"#;
        for (status, body) in [
            (DOWN, ""),
            (200, ""),
            (200, "{}"),
            (200, "[]"),
            (200, "true"),
            (200, r#"{"data":null}"#),
            (200, r#"{"data":{}}"#),
            (200, r#"{"data":{"you":null}}"#),
            (200, r#"{"data":{"me":true}}"#),
            (200, r#"{"data":{"me":null,"me":{"name":"ada"}}}"#),
            (200, r#"{"data":{"me":{}}}"#),
            (200, r#"{"data":{"me":{"name":7}}}"#),
            (200, r#"{"me":{"name":"ada"}}"#),
            (200, "<!doctype html><html>log in"),
            (200, r#"{"data":{"me":{"name":"ada"}},"errors":[{"message":"SIGNATURECANARYCANARY broke"}]}"#),
            (200, r#"{"data":null,"errors":[{"message":"Unexpected token < in JSON"}]}"#),
            (200, r#"{"data":{"me":null},"errors":[{"message":"permission denied for relation users"}]}"#),
            (200, r#"{"data":null,"errors":[{"message":"Unauthorized"}]}"#),
            (200, r#"{"errors":[{"message":"UNAUTHENTICATED"}]}"#),
            (200, r#"{"data":null,"errors":[{"message":"x","extensions":{"code":"FORBIDDEN"}}]}"#),
            (201, ADA),
            (204, ""),
            (302, ADA),
            (307, ADA),
            (400, ADA),
            (403, "<html>"),
            (403, r#"{"data":{"me":null}}"#),
            (404, ADA),
            (422, r#"{"message":"SIGNATURECANARYCANARY"}"#),
            (429, ADA),
            (500, ADA),
            (503, r#"{"message":"SIGNATURECANARYCANARY"}"#),
        ] {
            let why = asked(status, body).await.0.expect_err(body);
            assert!(!why.contains("CANARYCANARY"), "{why}");
        }
    }
}
