//! Bodies that ask for services by calling a function are given the request's.

use quilt_scope::{
    CallError, JsonObject, Lazy, Scope, Slot, ToolSet, scoped_tool, scoped_tools, service, tool_set,
};
use serde_json::{Value, json};

use crate::journal::{Journal, now};

#[derive(Scope)]
pub(crate) struct App {
    #[scope(seed)]
    journal: Journal,
}

pub(crate) struct Principal(&'static str);

pub(crate) struct Auth<'req> {
    principal: &'req Principal,
}

#[service]
impl<'req> Auth<'req> {
    async fn new(principal: &'req Principal, journal: &Journal) -> Self {
        journal.note(format!("auth of {}", principal.0));
        Self { principal }
    }
}

pub(crate) struct Permissions<'req> {
    auth: &'req Auth<'req>,
}

#[service]
impl<'req> Permissions<'req> {
    fn new(auth: &'req Auth<'req>, journal: &Journal) -> Self {
        journal.note(format!("permissions of {}", auth.principal.0));
        Self { auth }
    }

    fn may(&self, what: &str) -> String {
        format!("{} may {what}", self.auth.principal.0)
    }
}

#[derive(Scope)]
pub(crate) struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    principal: Principal,
    permissions: Slot<Permissions<'req>>,
    auth: Slot<Auth<'req>>,
}

/// Asks for both, in a macro, in a closure and after an await.
#[scoped_tool(accessors(auth_service: Auth<'_>, permission_discovery: &Permissions<'_>))]
async fn eager(what: String) -> String {
    let name = || auth_service().principal.0;
    let (left, right) = futures_util::join!(async { permission_discovery().may(&what) }, async { name() });
    format!("{left}; {right} {}", auth_service().principal.0)
}

/// Asks only if it has to.
#[scoped_tool(accessors(permission_discovery: Lazy<'_, Permissions<'_>>))]
async fn lazy(ask: bool) -> Result<String, quilt_scope::BoxError> {
    if ask { Ok(permission_discovery().get().await?.may("ask")) } else { Ok("nothing".to_owned()) }
}

#[scoped_tools(accessors(auth_service: Auth<'_>, permission_discovery: Permissions<'_>))]
mod tools {
    use quilt_scope::scoped_tool;

    use super::{Auth, Permissions};

    /// Calls a tool and helpers.
    #[scoped_tool]
    pub(super) async fn outer(depth: u8) -> String {
        let parts = [nested(depth).await, signed("outer"), format!("{}", counted(depth))];
        parts.join(", ")
    }

    /// Called by another, and by clients.
    #[scoped_tool(read_only)]
    pub(super) async fn nested(depth: u8) -> String {
        if depth == 0 { permission_discovery().may("end") } else { Box::pin(nested(depth - 1)).await }
    }

    fn signed<T: std::fmt::Display>(by: T) -> String {
        format!("{by} signed by {}", auth_service().principal.0)
    }

    fn counted(depth: u8) -> u32 {
        u32::from(depth) + 1
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::accessors::Principal;

        #[test]
        fn a_helper_is_a_function_that_takes_what_it_asks_for() {
            assert_eq!(signed(&Auth { principal: &Principal("Eve") }, 1), "1 signed by Eve");
            assert_eq!(counted(1), 2);
        }
    }
}

fn call(app: &App, who: &'static str, tool: &str, arguments: Value) -> Result<Value, CallError> {
    let tools: ToolSet<RequestScope<'static>> = tool_set![eager, lazy, tools::outer, tools::nested];
    let Value::Object(arguments): Value = arguments else { return Ok(Value::Null) };
    let arguments: JsonObject = arguments;
    let scope = RequestScope::open(app, Principal(who));
    now(tools.call(tool, &scope, arguments).expect("it is in the table"))
}

fn app() -> App {
    App::open(Journal::default())
}

#[test]
fn a_body_gets_the_services_of_its_own_request() -> Result<(), CallError> {
    let app = app();
    assert_eq!(call(&app, "Ada", "eager", json!({"what": "read"}))?, "Ada may read; Ada Ada");
    assert_eq!(call(&app, "Ben", "eager", json!({"what": "write"}))?, "Ben may write; Ben Ben");
    let built = ["auth of Ada", "permissions of Ada", "auth of Ben", "permissions of Ben"];
    assert_eq!(app.journal.notes(), built, "each once in each request");
    Ok(())
}

#[test]
fn a_lazy_accessor_builds_nothing_until_it_is_asked() -> Result<(), CallError> {
    let app = app();
    assert_eq!(call(&app, "Ada", "lazy", json!({"ask": false}))?, "nothing");
    assert!(app.journal.notes().is_empty());
    assert_eq!(call(&app, "Ada", "lazy", json!({"ask": true}))?, "Ada may ask");
    Ok(())
}

#[test]
fn helpers_and_nested_tools_get_those_of_the_request_that_calls() -> Result<(), CallError> {
    let app = app();
    let said = call(&app, "Ada", "outer", json!({"depth": 2}))?;
    assert_eq!(said, "Ada may end, outer signed by Ada, 3");
    assert_eq!(call(&app, "Ben", "nested", json!({"depth": 0}))?, "Ben may end");
    Ok(())
}

#[test]
fn clients_are_not_told_of_accessors() {
    let tools: ToolSet<RequestScope<'static>> = tool_set![eager, tools::outer];
    let inputs: Vec<String> = tools
        .descriptors()
        .flat_map(|tool| {
            tool.input_schema["properties"].as_object().into_iter().flat_map(|object| object.keys().cloned())
        })
        .collect();
    assert_eq!(inputs, ["what", "depth"]);
}

#[test]
fn a_tool_is_called_with_plain_values() {
    let (principal, journal) = (Principal("Eve"), Journal::default());
    let auth = now(Auth::new(&principal, &journal));
    let permissions = Permissions::new(&auth, &journal);
    assert_eq!(now(eager(&auth, &permissions, "look".to_owned())), "Eve may look; Eve Eve");
}
