//! User-mode instructions of a server for each call, counted with callgrind: what else the machine does changes little.

use crate::Result;
use crate::case::Case;
use crate::client::Answered;
use crate::contender::Contender;
use crate::process::Server;

/// Calls after which all that happens once has happened.
const FIRST: u32 = 500;

pub(crate) const HEAD: &str = "| server | MCP | instructions |\n|---|---|---|\n";

/// Of `calls` calls over one connection. What starts and ends the process cancels out.
pub(crate) async fn each(contender: &Contender, calls: u32) -> Result<f64> {
    let first = count(contender, FIRST).await?;
    let all = count(contender, FIRST + calls).await?;
    Ok((all - first) / f64::from(calls))
}

async fn count(contender: &Contender, calls: u32) -> Result<f64> {
    let server = Server::start(&contender.launch.clone().counted()).await?;
    let mut client = contender.client(&server, "tenant0", "user0").await?;
    for _ in 0..calls {
        let answered = client.call(Case::Trivial).await?;
        if !matches!(answered, Answered::Well(_)) {
            return Err(format!("{}: {answered:?}\n{}", contender.name, server.last_words()).into());
        }
    }
    drop(client);
    server.instructions()
}

pub(crate) fn row(contender: &Contender, each: f64) -> String {
    format!("| {} | {} | {each:.0} |\n", contender.name, contender.era.name())
}
