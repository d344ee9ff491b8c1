//! With whose authority a tool acts: the services that it takes, the scope that a token needs, and for whom it is safe.

use std::fmt::Write as _;

use quilt_mcp::dispatch::Dispatch;
use quilt_mcp::domain::access::Access;
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools;
use quilt_scope::{Descriptor, Graph};

/// Who has a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Request,
    Process,
}

/// For the list of tools.
pub(super) fn of(tool: &Descriptor, for_many: bool) -> String {
    let mut text = String::new();
    for (holder, name) in [(Holder::Request, "request"), (Holder::Process, "process")] {
        let held = tool.services.iter().filter(|service| holder_of(service) == Some(holder));
        let held: Vec<String> = held.map(|service| format!("`{service}`")).collect();
        if !held.is_empty() {
            let _ = writeln!(text, "- services of the {name}: {}", held.join(", "));
        }
    }
    if tool.services.is_empty() {
        text.push_str("- services: none\n");
    }
    let _ = writeln!(text, "- scope: `{}`", Access::to_call(tool.name, tool.hints.read_only).scope());
    let users = if !for_many {
        "one: only on a server that works for one person"
    } else if is_safe_for_several(tool) {
        "several, safely"
    } else {
        "not safe for several"
    };
    let _ = writeln!(text, "- users: {users}");
    text
}

/// Every service is the request's, or the process's and nobody's in particular.
fn is_safe_for_several(tool: &Descriptor) -> bool {
    tool.services.iter().all(|service| holder_of(service).is_some())
}

/// What the scopes themselves say. That what the process holds is nobody's is held by `structure`.
fn holder_of(service: &str) -> Option<Holder> {
    let request = Dispatch::graph();
    let process = request.parent.expect("a request's scope is opened under that of the process");
    match service {
        service if holds(request, service) => Some(Holder::Request),
        service if holds(process, service) => Some(Holder::Process),
        _ => None,
    }
}

fn holds(graph: &Graph, service: &str) -> bool {
    graph.slots.iter().any(|slot| slot.service.name == service)
        || graph.seeds.iter().any(|(_, written)| *written == service)
}

#[test]
fn every_tool_for_many_takes_nothing_but_what_the_scopes_have() {
    let table = tools::table(Deployment::MultiTenant);
    let unsafe_ones: Vec<_> =
        table.descriptors().filter(|tool| !is_safe_for_several(tool)).map(|tool| tool.name).collect();
    assert!(
        unsafe_ones.is_empty(),
        "they take what neither the request nor the process has: {unsafe_ones:?}"
    );
    // Tools without any are few; were services no longer told, all would be so.
    let without = table.descriptors().filter(|tool| tool.services.is_empty()).count();
    assert!(without * 4 < table.descriptors().len(), "{without} tools take no service");
}

#[test]
fn a_tool_that_takes_something_else_is_not_said_to_be_safe() {
    let table = tools::table(Deployment::MultiTenant);
    let mut tool = table.descriptors().next().expect("there are tools").clone();
    assert!(of(&tool, true).contains("several, safely"));
    tool.services = &["ObjectService", "SharedSession"];
    assert!(of(&tool, true).contains("not safe for several"));
}
