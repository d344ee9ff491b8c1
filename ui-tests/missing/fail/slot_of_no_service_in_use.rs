//! A container keeps a type that nobody has said how to build, and is in use: by a service, tools, a narrower scope and a handler.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};

pub struct Auth<'req> {
    pub key: &'req str,
}

pub struct Clock {
    pub now: u64,
}

#[service]
impl Clock {
    pub fn new() -> Self {
        Self { now: 0 }
    }
}

pub struct Permissions<'req> {
    pub auth: &'req Auth<'req>,
    pub clock: &'req Clock,
}

#[service]
impl<'req> Permissions<'req> {
    pub async fn new(auth: &'req Auth<'req>, clock: &'req Clock) -> Self {
        Self { auth, clock }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth<'req>>,
    clock: Slot<Clock>,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    number: &'step u32,
}

/// Since when.
#[scoped_tool(read_only)]
pub async fn since(permissions: &Permissions<'_>) -> u64 {
    permissions.clock.now
}

/// Who asks.
#[scoped_tool(read_only)]
pub fn who(auth: &Auth<'_>, clock: &Clock) -> String {
    format!("{} at {}", auth.key, clock.now)
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![since, who]
}

pub async fn handle(app: &App) -> Option<u64> {
    let (scope, number) = (RequestScope::open(app), 1);
    let step = StepScope::open(&scope, &number);
    let body = async { scope.get::<Auth<'_>>().await.is_ok() };
    quilt_scope::run(&scope, body, std::future::pending()).await.finished()?;
    step.get::<Clock>().await.ok().map(|clock| clock.now)
}

fn main() {}
