//! A container has a mistake. That it is opened, asked, run, tabled and opened under is no further mistake.
use std::marker::PhantomData;

use quilt_scope::{Scope, ScopeError, Slot, ToolSet, run, scoped_tool, service, tool_set};

pub struct Principal(pub String);

pub struct Auth<'req> {
    pub principal: &'req Principal,
}

#[service]
impl<'req> Auth<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    principal: Principal,
    auth: Slot<Auth<'req>>,
}

pub struct Page<'step> {
    pub number: &'step u32,
}

#[service]
impl<'step> Page<'step> {
    pub fn new(number: &'step u32) -> Self {
        Self { number }
    }
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    number: u32,
    page: Slot<Page<'step>>,
    lives: PhantomData<&'step ()>,
}

/// Who asks.
#[scoped_tool(read_only)]
pub fn who(auth: &Auth<'_>) -> String {
    auth.principal.0.clone()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![who]
}

pub async fn serve(app: &App) -> Result<usize, ScopeError> {
    let scope = RequestScope::open(app, Principal(String::new()));
    if let Some(call) = tools().call("who", &scope, serde_json::Map::new()) {
        run(&scope, call, std::future::pending()).await;
    }
    paged(&scope).await;
    Ok(scope.get::<Auth>().await?.principal.0.len())
}

pub async fn paged<'req>(scope: &'req RequestScope<'req>) {
    let step = StepScope::open(scope, 1);
    run(scope, async { step.get::<Page>().await.map(|page| *page.number) }, std::future::pending()).await;
}

fn main() {}
