//! The official Python client, as a process: `tests/substrate/mcp_client.py`.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{Answer, held_to_its_schema, search_printed};
use crate::server::Plan;
use crate::{Result, python};

/// A session to be played by the Python client: who connects where, and what they do.
#[derive(Default)]
pub struct Script {
    clients: BTreeMap<String, Value>,
    steps: Vec<Value>,
    concurrency: usize,
    /// Those of everybody, which no answer may show.
    tokens: Vec<String>,
}

/// What one step came to: a result, or the client's own words for why there is none.
pub type Outcome = std::result::Result<Value, String>;

impl Script {
    /// Nobody and nothing yet; steps one after the other.
    pub fn new() -> Self {
        Self { concurrency: 1, ..Self::default() }
    }

    /// Somebody who connects over HTTP. `mode` is `auto`, `legacy` or a protocol version.
    #[must_use]
    pub fn over_http(mut self, name: &str, url: &str, token: &str, mode: &str) -> Self {
        let headers = json!({"Authorization": format!("Bearer {token}")});
        self.clients.insert(name.into(), json!({"url": url, "headers": headers, "mode": mode}));
        self.tokens.push(token.into());
        self
    }

    /// Somebody who starts the server themselves.
    #[must_use]
    pub fn over_stdio(mut self, name: &str, plan: &Plan) -> Self {
        self.clients.insert(name.into(), json!({"command": plan.command_line(), "env": plan.environment()}));
        self
    }

    /// So many steps at once.
    #[must_use]
    pub fn concurrently(mut self, steps: usize) -> Self {
        self.concurrency = steps;
        self
    }

    /// Somebody calls a tool.
    #[must_use]
    pub fn call(self, who: &str, tool: &str, arguments: &Value) -> Self {
        self.step(json!({"client": who, "do": "call", "tool": tool, "arguments": arguments}))
    }

    /// Somebody calls a tool on the session of `other`. What comes of it: see [`Intrusion`].
    #[must_use]
    pub fn intrude(self, who: &str, other: &str, tool: &str, arguments: &Value) -> Self {
        self.step(json!({"client": who, "do": "intrude", "on": other, "tool": tool, "arguments": arguments}))
    }

    /// Somebody does something else that `mcp_client.py` knows.
    #[must_use]
    pub fn step(mut self, step: Value) -> Self {
        self.steps.push(step);
        self
    }

    /// Plays it. One outcome for each step.
    ///
    /// # Errors
    /// If the Python client itself fails, or what it was answered shows a secret or is not as the tool's output schema says.
    pub async fn play(&self) -> Result<Vec<Outcome>> {
        let script = json!({"clients": self.clients, "steps": self.steps, "concurrency": self.concurrency});
        let mut process = tokio::process::Command::new(python::interpreter()?)
            .arg(python::script("mcp_client.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = process.stdin.take().expect("piped above");
        stdin.write_all(script.to_string().as_bytes()).await?;
        drop(stdin);
        let output = process.wait_with_output().await?;
        let tokens: Vec<&str> = self.tokens.iter().map(String::as_str).collect();
        search_printed(&output.stdout, &tokens)?;
        if !output.status.success() {
            return Err(
                format!("the Python client failed: {}", String::from_utf8_lossy(&output.stderr)).into()
            );
        }
        let outcomes: Vec<Value> = serde_json::from_slice(&output.stdout)?;
        if outcomes.len() != self.steps.len() {
            return Err(format!("{} steps and {} outcomes", self.steps.len(), outcomes.len()).into());
        }
        self.steps.iter().zip(outcomes).map(|(step, outcome)| judged(step, read(outcome))).collect()
    }
}

/// What came of a call on another's session.
#[derive(Debug, Deserialize)]
pub struct Intrusion {
    /// Of the HTTP requests that were made.
    pub statuses: Vec<u16>,
    /// What the library made of it.
    pub said: Value,
}

/// Reads the outcome of an intrusion.
///
/// # Errors
/// The client's words if it could not even be tried.
pub fn intrusion(outcome: Outcome) -> std::result::Result<Intrusion, String> {
    serde_json::from_value(outcome?).map_err(|error| error.to_string())
}

/// Reads the outcome of a call as a tool's answer.
///
/// # Errors
/// The client's words if there is no result, or the result if it is none of a tool.
pub fn answer(outcome: Outcome) -> std::result::Result<Answer, String> {
    Answer::read(&outcome?).map_err(|error| error.to_string())
}

fn read(mut outcome: Value) -> Outcome {
    match outcome.get_mut("ok") {
        Some(result) => Ok(result.take()),
        None => Err(outcome["error"].to_string()),
    }
}

/// The result of a call is held to the tool's output schema.
fn judged(step: &Value, outcome: Outcome) -> Result<Outcome> {
    let called = step["tool"].as_str().filter(|_| step["do"] == "call");
    if let (Some(tool), Ok(result)) = (called, &outcome) {
        held_to_its_schema(tool, result)?;
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_not_as_told_fails_the_script() {
        let result =
            json!({"content": [{"type": "text", "text": "{}"}], "structuredContent": {}, "isError": false});
        for (what, well) in [("call", false), ("fits", true)] {
            let step = json!({"client": "ada", "do": what, "tool": "workflow_list_all"});
            let outcome = judged(&step, read(json!({"ok": result})));
            assert_eq!(outcome.is_ok(), well, "{what}: {outcome:?}");
        }
    }
}
