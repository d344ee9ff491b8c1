//! Callers over HTTP.

mod answer;
pub mod python;
pub(crate) mod schemas;
mod stream;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

pub use answer::{Answer, CallError};

use crate::canary::{self, Canaries};

/// The newest protocol with `initialize`.
const WITH_INITIALIZE: &str = "2025-11-25";
/// The protocol in which every request stands alone.
const STATELESS: &str = "2026-07-28";
const NAME: &str = "quilt-tests";

/// Which protocol a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// `initialize` first, then calls; a session if the server gives one.
    Initialize,
    /// Every request carries everything.
    Stateless,
}

/// A client of the Streamable HTTP transport that does nothing on its own: no retries, no fallback, no cache.
///
/// Dropping the future of a call closes its connection, as a client does that goes away.
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
    era: Era,
    session: Option<String>,
    next_id: AtomicU64,
    canaries: Canaries,
    /// Answers that were not as their tools' schemas say.
    misfits: Mutex<Vec<String>>,
}

impl Drop for Client {
    fn drop(&mut self) {
        // Each find has failed its call already; whoever drops answers unread must not drop this, too.
        self.canaries.report(self.canaries.take_leaks().len(), "caller");
        let misfits = self.misfits.get_mut().unwrap_or_else(PoisonError::into_inner);
        assert!(misfits.is_empty() || std::thread::panicking(), "{misfits:#?}");
    }
}

impl Client {
    /// Greets the server, if the protocol has a greeting.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn connect(url: &str, token: &str, era: Era) -> Result<Self, CallError> {
        Self::connect_with(reqwest::Client::new(), url, Some(token), era).await
    }

    /// The same with a pool of connections that others use too, or without a token.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn connect_with(
        http: reqwest::Client,
        url: &str,
        token: Option<&str>,
        era: Era,
    ) -> Result<Self, CallError> {
        let mut client = Self::unconnected(http, url, token, era);
        if era == Era::Initialize {
            client.initialize().await?;
        }
        Ok(client)
    }

    /// Without any greeting.
    pub fn unconnected(http: reqwest::Client, url: &str, token: Option<&str>, era: Era) -> Self {
        Self {
            http,
            url: url.into(),
            token: token.map(Into::into),
            era,
            session: None,
            next_id: AtomicU64::new(1),
            canaries: canaries(token),
            misfits: Mutex::default(),
        }
    }

    /// The session that the server gave, if it did.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The same caller on somebody's session.
    #[must_use]
    pub fn on_session(&self, session: &str) -> Self {
        Self {
            http: self.http.clone(),
            url: self.url.clone(),
            token: self.token.clone(),
            era: self.era,
            session: Some(session.into()),
            next_id: AtomicU64::new(1),
            canaries: canaries(self.token.as_deref()),
            misfits: Mutex::default(),
        }
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// If there is no tool result: the transport failed, or the protocol says no. A tool's own failure is an answer. If the result
    /// is not as the tool's output schema says; then the test fails too, whatever it makes of the error.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Answer, CallError> {
        let result =
            self.request("tools/call", json!({"name": tool, "arguments": arguments}), Some(tool)).await?;
        Answer::read(&result)
    }

    /// The names of all tools.
    ///
    /// # Errors
    /// If the server refuses, or its list is none.
    pub async fn tools(&self) -> Result<Vec<String>, CallError> {
        let result = self.request("tools/list", json!({}), None).await?;
        let tools = result["tools"].as_array().ok_or_else(|| CallError::Malformed(result.to_string()))?;
        Ok(tools.iter().filter_map(|tool| tool["name"].as_str()).map(String::from).collect())
    }

    /// Sends any request and gives its result. `name` is what the protocol wants in the header `Mcp-Name`.
    ///
    /// # Errors
    /// If the transport fails or the protocol says no.
    pub async fn request(&self, method: &str, params: Value, name: Option<&str>) -> Result<Value, CallError> {
        self.request_hearing(method, params, name, |_| {}).await
    }

    /// The same, and gives `hear` the notifications that come before the answer.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub async fn request_hearing(
        &self,
        method: &str,
        mut params: Value,
        name: Option<&str>,
        hear: impl FnMut(&Value),
    ) -> Result<Value, CallError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let tool = params["name"].as_str().filter(|_| method == "tools/call").map(str::to_owned);
        if self.era == Era::Stateless {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientInfo": {"name": NAME, "version": env!("CARGO_PKG_VERSION")},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let mut headers = self.headers();
        if self.era == Era::Stateless {
            set(&mut headers, "mcp-method", method);
            if let Some(name) = name {
                set(&mut headers, "mcp-name", name);
            }
        }
        let response = self.http.post(&self.url).headers(headers).json(&body).send().await?;
        let message = stream::reply(response, id, hear, &|text| self.look(text)).await?;
        let result = answer::result(message)?;
        match tool {
            Some(tool) => self.hold(&tool, &result).map(|()| result),
            None => Ok(result),
        }
    }

    fn hold(&self, tool: &str, result: &Value) -> Result<(), CallError> {
        held_to_its_schema(tool, result).inspect_err(|misfit| {
            self.misfits.lock().unwrap_or_else(PoisonError::into_inner).push(misfit.to_string());
        })
    }

    /// Ends a session, as a client does that is polite.
    ///
    /// # Errors
    /// If the transport fails.
    pub async fn delete_session(&self) -> Result<StatusCode, CallError> {
        Ok(self.http.delete(&self.url).headers(self.headers()).send().await?.status())
    }

    async fn initialize(&mut self) -> Result<(), CallError> {
        let params = json!({
            "protocolVersion": WITH_INITIALIZE,
            "capabilities": {},
            "clientInfo": {"name": NAME, "version": env!("CARGO_PKG_VERSION")},
        });
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let response = self.http.post(&self.url).headers(self.headers()).json(&body).send().await?;
        self.session =
            response.headers().get("mcp-session-id").and_then(|id| id.to_str().ok()).map(String::from);
        answer::result(stream::reply(response, 0, |_| {}, &|text| self.look(text)).await?)?;
        let body = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let response = self.http.post(&self.url).headers(self.headers()).json(&body).send().await?;
        if !response.status().is_success() {
            let status = response.status();
            let body = response.text().await?;
            self.look(&body)?;
            return Err(CallError::Http { status, body });
        }
        Ok(())
    }

    /// No answer shows a secret, but for the links that are signed for whoever asked.
    fn look(&self, answer: &str) -> Result<(), CallError> {
        let found = self.canaries.look("an answer", canary::without_signed_links(answer).as_bytes());
        if found == 0 {
            Ok(())
        } else {
            Err(CallError::Malformed(format!("an answer shows a secret: {answer}")))
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        set(&mut headers, "accept", "application/json, text/event-stream");
        set(
            &mut headers,
            "mcp-protocol-version",
            if self.era == Era::Stateless { STATELESS } else { WITH_INITIALIZE },
        );
        if let Some(token) = &self.token {
            set(&mut headers, "authorization", &format!("Bearer {token}"));
        }
        if let Some(session) = &self.session {
            set(&mut headers, "mcp-session-id", session);
        }
        headers
    }
}

/// What no answer may show: what the equipment marks, and the tokens that were sent, without which their claims are no secret.
fn canaries<'t>(tokens: impl IntoIterator<Item = &'t str>) -> Canaries {
    let signatures = tokens.into_iter().filter_map(|token| token.rsplit('.').next());
    Canaries::of(signatures.filter(|part| part.len() > 20).map(|signature| ("a caller's token", signature)))
}

/// Searches what a client that others wrote prints of its answers, as the answers of [`Client`] are searched.
///
/// # Errors
/// If it shows a secret, or one of the tokens that the client was given.
pub fn search_printed(printed: &[u8], tokens: &[&str]) -> crate::Result<()> {
    let canaries = canaries(tokens.iter().copied());
    let text = String::from_utf8_lossy(printed);
    canaries.look("an answer", canary::without_signed_links(&text).as_bytes());
    let leaks = canaries.take_leaks();
    // A find fails whoever asks, and need not be told of twice.
    canaries.report(0, "caller");
    if leaks.is_empty() { Ok(()) } else { Err(format!("answers show {leaks:?}").into()) }
}

/// Every result of a tool is held to the tool's output schema, whoever asks and however. For tests with a client of their own.
///
/// # Errors
/// If it is no result, or one that the schema does not allow.
pub fn held_to_its_schema(tool: &str, result: &Value) -> Result<(), CallError> {
    let answer = Answer::read(result)?;
    match schemas::misfit(tool, &answer.structured).filter(|_| !answer.is_error) {
        Some(what) => {
            Err(CallError::Malformed(format!("{tool} answers what its schema does not allow: {what}")))
        }
        None => Ok(()),
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(
        HeaderName::from_static(name),
        HeaderValue::from_str(value).expect("tests send plain headers"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_an_answer_fails_the_call() {
        let token = "a.b.signature-of-some-length";
        let client = Client::unconnected(reqwest::Client::new(), "http://none", Some(token), Era::Stateless);
        for (answer, well) in [
            ("{\"result\":{}}".to_owned(), true),
            (format!("https://s3/k?X-Amz-Security-Token=x{}&y", canary::MARK), true),
            (format!("secret: {}", canary::MARK), false),
            (format!("you sent {token}"), false),
        ] {
            assert_eq!(client.look(&answer).is_ok(), well, "{answer}");
        }
        // What is found here is no finding of the suite.
        assert!(client.canaries.take_leaks().len() >= 2);
    }

    #[test]
    #[should_panic(expected = "workflow_list_all answers what its schema does not allow")]
    fn a_misfit_fails_the_test_that_drops_the_error() {
        let client = Client::unconnected(reqwest::Client::new(), "http://none", None, Era::Stateless);
        let empty = json!({"content": [], "structuredContent": {}});
        drop(client.hold("workflow_list_all", &empty));
    }
}
