//! User-mode instructions of a server for each call, counted with callgrind: what else the machine does changes little.

use crate::Result;
use crate::case::Case;
use crate::client::Answered;
use crate::contender::Contender;
use crate::cost::prepare;
use crate::process::Server;

/// Calls after which all that happens once has happened, and the log of a workflow is as long as it gets.
const FIRST: u32 = 500;
/// What a tool takes that asks others or writes is many times what the trivial one takes, and fewer calls say it.
const FEWER: u32 = 20;

pub(crate) const COLUMNS: &str = "asked | server | MCP | instructions";

/// Of `calls` calls over one connection, or of a part of them. What starts and ends the process cancels out.
pub(crate) async fn each(contender: &Contender, case: Case, calls: u32) -> Result<f64> {
    let calls = if case == Case::Trivial { calls } else { calls / FEWER };
    let first = count(contender, case, FIRST).await?;
    let all = count(contender, case, FIRST + calls).await?;
    Ok((all - first) / f64::from(calls))
}

async fn count(contender: &Contender, case: Case, calls: u32) -> Result<f64> {
    let server = Server::start(&contender.launch.clone().counted()).await?;
    let mut clients = [contender.client(&server, "tenant0", "user0").await?];
    prepare(&mut clients, case).await?;
    let [mut client] = clients;
    for _ in 0..calls {
        let answered = client.call(case).await?;
        if !matches!(answered, Answered::Well(_)) {
            return Err(format!("{}: {answered:?}\n{}", contender.name, server.last_words()).into());
        }
    }
    drop(client);
    server.instructions()
}

pub(crate) fn row(contender: &Contender, case: Case, each: f64) -> String {
    format!("| `{}` | {} | {each:.0} |\n", case.name(), contender.columns())
}
