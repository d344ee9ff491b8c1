//! The official MCP conformance suite, run against a server.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::Result;
use crate::node::Node;

/// One thing that the suite looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The scenario that it belongs to.
    pub scenario: String,
    /// Its name within the suite.
    pub id: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What the suite says about a failure.
    pub message: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// The server does what the specification says.
    Success,
    /// It does not, or the suite could not find out.
    Failure,
    /// It does what the specification only advises against.
    Warning,
    /// The server does not declare what the check is about.
    Skipped,
    /// A note of the suite's.
    Info,
}

#[derive(Deserialize)]
struct Written {
    id: String,
    status: Verdict,
    #[serde(default, rename = "errorMessage")]
    message: String,
}

/// Runs every scenario of a protocol version against the server at `url`.
///
/// # Errors
/// If the suite cannot be run, or leaves no results.
pub fn run(url: &str, version: &str) -> Result<Vec<Check>> {
    let folder = tempfile::tempdir()?;
    let output = Node::ready()?
        .program("@modelcontextprotocol/conformance/dist/index.js")
        .args(["server", "--url", url, "--suite", "all", "--spec-version", version, "-o"])
        .arg(folder.path())
        .output()?;
    let mut checks = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        checks.extend(results(&entry?.path())?);
    }
    if checks.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(
            format!("the conformance suite left no results ({}): {}", output.status, said.trim()).into()
        );
    }
    checks.sort_by(|a, b| (&a.scenario, &a.id).cmp(&(&b.scenario, &b.id)));
    Ok(checks)
}

/// What a scenario wrote. Its folder is named `server-<scenario>-<time>`.
fn results(folder: &Path) -> Result<Vec<Check>> {
    const TIME: usize = "-2026-01-01T00-00-00-000Z".len();
    let name = folder.file_name().and_then(|name| name.to_str()).ok_or("a folder without a name")?;
    let scenario = name
        .strip_prefix("server-")
        .and_then(|rest| rest.len().checked_sub(TIME).and_then(|end| rest.get(..end)))
        .ok_or_else(|| format!("`{name}` is not a scenario's folder"))?;
    let written: Vec<Written> = serde_json::from_slice(&fs::read(folder.join("checks.json"))?)?;
    let check = |written: Written| Check {
        scenario: scenario.to_owned(),
        id: written.id,
        verdict: written.status,
        message: written.message,
    };
    Ok(written.into_iter().map(check).collect())
}
