//! The explicit table of tools.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

use crate::ready::BoxFuture;
use crate::scope::Container;
use crate::tool::{CallError, Descriptor, JsonObject, Tool};

/// Every tool of a server, in order. Made by [`tool_set!`](crate::tool_set), which refuses duplicate names.
pub struct ToolSet<C: Container> {
    entries: Vec<Entry<C>>,
    by_name: HashMap<&'static str, usize>,
}

struct Entry<C: Container> {
    tool: &'static dyn Tool<C>,
    descriptor: Descriptor,
}

impl<C: Container> ToolSet<C> {
    /// For `tool_set!`, which has checked the names.
    #[doc(hidden)]
    pub fn from_table(table: &[&'static dyn Tool<C>]) -> Self {
        let entries: Vec<_> =
            table.iter().map(|&tool| Entry { tool, descriptor: tool.descriptor() }).collect();
        let by_name = entries.iter().enumerate().map(|(i, entry)| (entry.descriptor.name, i)).collect();
        Self { entries, by_name }
    }

    /// What clients are told about each tool, in the order of the table.
    pub fn descriptors(&self) -> impl ExactSizeIterator<Item = &Descriptor> {
        self.entries.iter().map(|entry| &entry.descriptor)
    }

    /// What clients are told about the tool called `name`.
    pub fn descriptor(&self, name: &str) -> Option<&Descriptor> {
        self.by_name.get(name).map(|&i| &self.entries[i].descriptor)
    }

    /// Calls the tool called `name` in `scope`, or answers `None` if there is none.
    pub fn call<'req>(
        &'req self,
        name: &str,
        scope: &'req C::Scope<'req>,
        arguments: JsonObject,
    ) -> Option<BoxFuture<'req, Result<Value, CallError>>> {
        let &i = self.by_name.get(name)?;
        Some(self.entries[i].tool.call(scope, arguments))
    }
}

impl<C: Container> fmt::Debug for ToolSet<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.descriptors().map(|descriptor| descriptor.name)).finish()
    }
}

/// Makes a [`ToolSet`] of tools, in the order given.
///
/// Two tools of one name do not compile. Nor does a tool that takes by reference what the scope does not provide.
///
/// One table of a scope can name it, in front, in the crate of the scope: `tool_set![RequestScope<'static>: add]`. Then the message about what a
/// service of that scope lacks ends with the first tool that comes to the service, `ForTool<tools::add, ..>`, where `tools` is the function with the
/// table. Of a scope with more than 128 slots the first 128 are looked at: what a service in a later slot lacks is reported without a
/// tool.
///
/// ```
/// # use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};
/// # #[derive(Scope)] pub struct App {}
/// # #[derive(Scope)] pub struct RequestScope<'req> { #[scope(parent)] app: &'req App }
/// /// Adds two numbers.
/// #[scoped_tool(read_only)]
/// fn add(left: i64, right: i64) -> i64 {
///     left + right
/// }
///
/// let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: add];
/// assert_eq!(tools.descriptors().next().map(|tool| tool.name), Some("add"));
/// ```
#[macro_export]
macro_rules! tool_set {
    ($($tool:tt)*) => {
        $crate::__private::tool_set! { $crate; $($tool)* }
    };
}
