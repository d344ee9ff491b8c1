//! Services and tools with no asynchronous runtime: whatever polls a future will do.
//!
//! `cargo run --example no_runtime`

use std::error::Error;
use std::io::{Write, stdout};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use quilt_scope::{Scope, Slot, ToolSet, run, scoped_tool, service, tool_set};

/// Who asks.
pub struct Principal(String);

/// Asynchronous, as if it had to be fetched.
pub struct Profile {
    name: String,
}

#[service]
impl Profile {
    /// What is known of `principal`.
    pub async fn new(principal: &Principal) -> Self {
        Self { name: principal.0.to_uppercase() }
    }
}

/// What all requests share.
#[derive(Scope)]
pub struct App {}

/// What one request has.
#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    profile: Slot<Profile>,
}

/// Greets whoever asks.
#[scoped_tool(read_only)]
pub async fn greet(profile: &Profile) -> String {
    format!("Hello, {}", profile.name)
}

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// All the runtime there is.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    show(&mut stdout())
}

/// Calls a tool, and writes what it answers.
pub(crate) fn show(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: greet];
    let app = App::open();
    let scope = RequestScope::open(&app, Principal("ada".to_owned()));
    let call = tools.call("greet", &scope, serde_json::Map::new()).ok_or("no such tool")?;
    let end = block_on(run(&scope, call, std::future::pending()));
    let answer = end.finished().ok_or("it was stopped")??;
    assert_eq!(answer, "Hello, ADA");
    writeln!(out, "{answer}")?;
    Ok(())
}
