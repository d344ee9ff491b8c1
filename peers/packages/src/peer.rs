//! The two sides: each a process of its own for every turn, warmed up by one small question.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::Result;
use crate::endpoint::KEY;
use crate::endpoint::samples::TARGET;
use crate::process::Process;
use crate::work::Work;

/// Who does the work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Quilt3,
}

/// Where everything is.
pub(crate) struct Place<'a> {
    pub(crate) server: &'a str,
    pub(crate) python: &'a str,
    /// Where it is, unless none has a part in the work.
    pub(crate) endpoint: Option<(&'a Process, &'a str)>,
    /// Where the files are.
    pub(crate) folder: &'a Path,
}

/// What one turn took.
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    pub(crate) processor: f64,
    pub(crate) endpoint: f64,
    pub(crate) kibibytes: u64,
}

impl Place<'_> {
    pub(crate) fn turn(&self, who: Who, work: Work, turn: usize) -> Result<Figures> {
        let home = self.folder.join("home");
        drop(std::fs::remove_dir_all(&home));
        std::fs::create_dir_all(&home)?;
        match (who, work) {
            (Who::Ours, work) if work.is_of_the_library() => {
                let mut library = Process::start(Command::new(std::env::current_exe()?).arg("library"))?;
                self.asked(&mut library, work, turn)
            }
            (Who::Ours, _) => {
                let mut server = Process::start(self.env(Command::new(self.server).arg("serve"), &home))?;
                introduce(&mut server)?;
                let (tool, arguments) = work.tool(turn);
                let call = json!({
                    "jsonrpc": "2.0", "id": 2, "method": "tools/call",
                    "params": {"name": tool, "arguments": arguments},
                });
                self.measured(&mut server, &call.to_string(), |server| work.check(&answered(server, 2)?))
            }
            (Who::Quilt3, _) => {
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/quilt3_peer.py");
                let mut quilt3 = Process::start(self.env(Command::new(self.python).arg(script), &home))?;
                if self.endpoint.is_some() {
                    quilt3.say(&json!({"do": "list", "bucket": TARGET}).to_string())?;
                    quilt3.hear()?;
                }
                self.asked(&mut quilt3, work, turn)
            }
        }
    }

    fn asked(&self, process: &mut Process, work: Work, turn: usize) -> Result<Figures> {
        if work.is_of_the_library() {
            process.say(&Work::Read(10).request(turn, self.folder).0.to_string())?;
            process.hear()?;
        }
        let (request, expected) = work.request(turn, self.folder);
        self.measured(process, &request.to_string(), |process| {
            let said: Value = serde_json::from_str(&process.hear()?)?;
            match said["done"].as_u64() {
                Some(done) if done >= expected => Ok(()),
                _ => Err(format!("{}: {said}", work.title()).into()),
            }
        })
    }

    fn measured(
        &self,
        process: &mut Process,
        request: &str,
        answer: impl FnOnce(&mut Process) -> Result,
    ) -> Result<Figures> {
        let endpoint = || self.endpoint.map_or(Ok(0.0), |(endpoint, _)| endpoint.processor());
        let (processor, before) = (process.processor()?, endpoint()?);
        let start = Instant::now();
        process.say(request)?;
        answer(process)?;
        let seconds = start.elapsed().as_secs_f64();
        Ok(Figures {
            seconds,
            processor: process.processor()? - processor,
            endpoint: endpoint()? - before,
            kibibytes: process.high_water()?,
        })
    }

    /// Nothing of this process's environment but the path.
    fn env<'c>(&self, command: &'c mut Command, home: &Path) -> &'c mut Command {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("AWS_ENDPOINT_URL", self.endpoint.map_or("", |(_, url)| url))
            .env("AWS_ACCESS_KEY_ID", KEY.0)
            .env("AWS_SECRET_ACCESS_KEY", KEY.1)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("QUILT_MCP_DATA_DIR", home.join("data"))
            .env("QUILT_MCP_CALL_TIMEOUT", "60m")
            .env("QUILT_DISABLE_USAGE_METRICS", "true")
            .env("QUILT_MINIMIZE_STDOUT", "true")
            .stderr(Stdio::null())
    }
}

/// The handshake of MCP, and one call.
fn introduce(server: &mut Process) -> Result {
    let client = json!({"name": "peers", "version": "0"});
    let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
    server.say(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string())?;
    answered(server, 0).map(drop)?;
    server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string())?;
    let params = json!({"name": "packages_list", "arguments": {"registry": TARGET}});
    server.say(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string())?;
    answered(server, 1).map(drop)
}

/// The structured content of the answer with this id.
fn answered(server: &mut Process, id: u64) -> Result<Value> {
    loop {
        let mut message: Value = serde_json::from_str(&server.hear()?)?;
        if message["id"] == id {
            return match message["result"]["isError"] == true || message["error"].is_object() {
                true => Err(message.to_string().into()),
                false => Ok(message["result"]["structuredContent"].take()),
            };
        }
    }
}
