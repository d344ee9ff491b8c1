//! The trivial tool asked by `wrk`, to see whether our driver is what is measured. It looks at statuses only.

use std::fs;
use std::process::Command;

use tokio::task::spawn_blocking;

use crate::contender::Contender;
use crate::process::Server;
use crate::{Plan, Result};

const CONNECTIONS: usize = 32;

pub(crate) const HEAD: &str = "| server | MCP | requests a second, by `wrk` |\n|---|---|---|\n";

/// Requests a second over [`CONNECTIONS`].
pub(crate) async fn measure(contender: &Contender, plan: &Plan) -> Result<f64> {
    let server = Server::start(&contender.launch).await?;
    let client = contender.client(&server, "tenant0", "user0").await?;
    let (headers, body) = client.written()?;
    let mut script = format!("wrk.method = \"POST\"\nwrk.body = [=[{body}]=]\n");
    for (name, value) in &headers {
        script += &format!("wrk.headers[{:?}] = {:?}\n", name.as_str(), value.to_str()?);
    }
    let file = server.home.path().join("call.lua");
    fs::write(&file, script)?;
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &format!("{}s", plan.length.as_secs().max(1)), "--script"])
        .arg(&file)
        .arg(format!("http://{}/mcp", server.address));
    // Beside the runtime, which goes on to publish keys.
    let said = spawn_blocking(move || wrk.output())
        .await?
        .map_err(|error| format!("wrk does not start ({error}): `apt install wrk`"))?;
    let said = String::from_utf8(said.stdout)?;
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return Err(format!("not every call was answered well: {said}").into());
    }
    let figure = said.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(figure.ok_or_else(|| format!("wrk said nothing: {said}"))?.trim().parse()?)
}

pub(crate) fn row(contender: &Contender, per_second: f64) -> String {
    format!("| {} | {} | {per_second:.0} |\n", contender.name, contender.era.name())
}
