//! What names `'static` or a lifetime twice may be held over an `.await`.
use std::borrow::Cow;
use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};
pub struct Two<'a, 'b>(pub &'a str, pub &'b str);
pub type Same<'a> = Two<'a, 'static>;
pub type Text = Cow<'static, str>;
pub type T2 = Two<'static, 'static>;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    names: Same<'req>,
    #[scope(seed)]
    text: Text,
    #[scope(seed)]
    t2: Box<(T2,)>,
    #[scope(seed)]
    t3: &'req (T2, Text),
    #[scope(seed)]
    t4: Box<str>,
    count: Slot<Count>,
}
pub struct Count {
    pub names: usize,
}

#[service]
impl Count {
    pub async fn new(names: &Same<'_>, t: &Text, t2: &(T2,), t3: &(T2, Text)) -> Self {
        tokio::task::yield_now().await;
        Self { names: names.0.len() + t.len() + t2.0.0.len() + t3.1.len() }
    }
}
/// Counts.
#[scoped_tool(read_only)]
pub async fn count(count: &Count, n: &Same<'_>, t: &Text, t2: &(T2,), t3: &(T2, Text), t4: &str) -> usize {
    tokio::task::yield_now().await;
    count.names + n.0.len() + t.len() + t2.0.0.len() + t3.1.len()
}

pub fn tools() -> ToolSet<RequestScope<'static>> {
    tool_set![RequestScope<'static>: count]
}

fn main() {}
