//! What an accessor answers with is used inside the request, also by helpers and beside each other.
use quilt_scope::{Scope, Slot, ToolSet, scoped_tools, service, tool_set};

pub struct Principal(String);

pub struct Auth<'req> {
    principal: &'req Principal,
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
    #[scope(seed)]
    principal: Principal,
    auth: Slot<Auth<'req>>,
}

#[scoped_tools(accessors(auth_service: Auth<'_>))]
mod tools {
    use super::Auth;
    use quilt_scope::scoped_tool;

    #[scoped_tool]
    pub async fn count() -> usize {
        let (one, other) = tokio::join!(length(), async { auth_service().principal.0.len() });
        one + other
    }

    async fn length() -> usize {
        tokio::task::yield_now().await;
        auth_service().principal.0.len()
    }
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![tools::count]
}

fn main() {}
