//! The smallest request scope: one service, one tool, two callers who cannot meet.

use std::io::{Write, stdout};

use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

/// Who asks. Given when the scope opens.
struct Principal(&'static str);

/// What belongs to one caller.
struct Account<'req> {
    owner: &'req Principal,
}

#[service]
impl<'req> Account<'req> {
    fn new(owner: &'req Principal) -> Self {
        Self { owner }
    }
}

/// Says whose account this is.
#[scoped_tool(read_only)]
fn whose(account: &Account<'_>, #[default("It belongs to".to_owned())] words: String) -> String {
    format!("{words} {}", account.owner.0)
}

/// The process.
#[derive(Scope)]
struct App {}

/// One request.
#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    account: Slot<Account<'req>>,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    show(&mut stdout()).await
}

/// Has two callers ask whose account it is, and writes what they are told, and what the scope is made of.
pub(crate) async fn show(out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: whose];
    let app = App::open();
    for caller in ["Ada", "Grace"] {
        let scope = RequestScope::open(&app, Principal(caller));
        let answer = tools.call("whose", &scope, serde_json::Map::new()).ok_or("no such tool")?.await?;
        writeln!(out, "{answer}")?;
    }
    write!(out, "\n{}", RequestScope::GRAPH)?;
    Ok(())
}
