//! The real quilt3, as a process that lives as long as a test: `tests/substrate/quilt3_peer.py`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Result, python};

/// quilt3, with a home of its own. It ends when this is dropped.
pub struct Quilt3 {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    _home: TempDir,
}

impl Quilt3 {
    /// Starts it, knowing nobody and nothing.
    ///
    /// # Errors
    /// If Python is missing.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// Starts it with more in its environment, such as credentials.
    ///
    /// # Errors
    /// If Python is missing.
    pub fn start_with(environment: &[(&str, &str)]) -> Result<Self> {
        let home = TempDir::new()?;
        let mut process = Command::new(python::interpreter()?)
            .arg(python::script("quilt3_peer.py"))
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("QUILT_DISABLE_USAGE_METRICS", "true")
            .env("QUILT_MINIMIZE_STDOUT", "true")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .env("NO_PROXY", "127.0.0.1")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("piped above"));
        Ok(Self { process, requests, answers, _home: home })
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// What quilt3 said if it refused, or that it is gone.
    pub fn ask(&mut self, request: &Value) -> Result<Value> {
        let requests = self.requests.as_mut().expect("open until dropped");
        writeln!(requests, "{request}")?;
        requests.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("quilt3 ended without an answer".into());
        }
        let mut answer: Value = serde_json::from_str(&line)?;
        match answer.get_mut("ok") {
            Some(result) => Ok(result.take()),
            None => Err(format!("quilt3 refused: {}", answer["error"]).into()),
        }
    }
}

impl Drop for Quilt3 {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
