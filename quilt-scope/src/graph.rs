//! The container as data: services, lifetimes and edges, for people and for the order check.

use std::fmt::{self, Write as _};

use crate::names::same;

/// Tells services apart when compiling. A hash over where the service is written and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Key(u64);

impl Key {
    /// The key of the service written at this place.
    pub const fn of_service(module: &str, line: u32, column: u32, name: &str) -> Self {
        let hash = fnv(FNV_OFFSET, module.as_bytes());
        let hash = fnv(hash, &line.to_le_bytes());
        let hash = fnv(hash, &column.to_le_bytes());
        Self(fnv(hash, name.as_bytes()))
    }

    /// The key of something that is no service, such as a trait object: how it is written.
    pub const fn of_type_name(name: &str) -> Self {
        Self(fnv(!FNV_OFFSET, name.as_bytes()))
    }

    const fn same(self, other: Self) -> bool {
        self.0 == other.0
    }
}

pub(crate) const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

pub(crate) const fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// A service as data.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceInfo {
    /// The type's name, without path or lifetimes.
    pub name: &'static str,
    /// `singleton`, `request-scoped` or `transient`.
    pub lifetime: &'static str,
    /// Whether the constructor is asynchronous.
    pub is_async: bool,
    /// Whether the constructor can fail.
    pub is_fallible: bool,
    /// What the constructor takes.
    pub dependencies: &'static [Dependency],
    key: Key,
}

/// One parameter of a constructor.
#[derive(Debug)]
#[non_exhaustive]
pub struct Dependency {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its type, as written.
    pub type_name: &'static str,
    /// Whether it is taken as `Lazy`.
    pub is_lazy: bool,
    key: Key,
}

impl ServiceInfo {
    /// For expansions.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        lifetime: &'static str,
        is_async: bool,
        is_fallible: bool,
        dependencies: &'static [Dependency],
        key: Key,
    ) -> Self {
        Self { name, lifetime, is_async, is_fallible, dependencies, key }
    }

    /// The same, once it is known of the service that it may change threads.
    pub(crate) const fn counted(&'static self, _: usize) -> &'static Self {
        self
    }
}

impl Dependency {
    /// For expansions.
    #[doc(hidden)]
    pub const fn new(
        parameter: &'static str,
        type_name: &'static str,
        is_lazy: bool,
        key: Option<Key>,
    ) -> Self {
        let key = match key {
            Some(key) => key,
            None => Key::of_type_name(type_name),
        };
        Self { parameter, type_name, is_lazy, key }
    }
}

/// A container as data. Prints as text; see [`Graph::to_dot`] and [`Graph::to_mermaid`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Graph {
    /// The container's name.
    pub scope: &'static str,
    /// The scope that this one is opened under.
    pub parent: Option<&'static Graph>,
    /// What is given when the scope opens: field name and type.
    pub seeds: &'static [(&'static str, &'static str)],
    /// What the scope builds, in the order in which it is dropped.
    pub slots: &'static [Node],
}

/// A field of a container that holds a service.
#[derive(Debug)]
#[non_exhaustive]
pub struct Node {
    /// The field's name.
    pub field: &'static str,
    /// The service in it.
    pub service: &'static ServiceInfo,
    /// The trait object it also provides, as written.
    pub provided_as: &'static [&'static str],
}

impl Node {
    /// For expansions.
    #[doc(hidden)]
    pub const fn new(
        field: &'static str,
        service: &'static ServiceInfo,
        provided_as: &'static [&'static str],
    ) -> Self {
        Self { field, service, provided_as }
    }

    const fn answers_to(&self, key: Key) -> bool {
        if self.service.key.same(key) {
            return true;
        }
        let mut i = 0;
        while i < self.provided_as.len() {
            if Key::of_type_name(self.provided_as[i]).same(key) {
                return true;
            }
            i += 1;
        }
        false
    }
}

impl Node {
    const fn goes_by(&self, name: &str) -> bool {
        let mut is_it = same(self.service.name.as_bytes(), name.as_bytes());
        let mut i = 0;
        while i < self.provided_as.len() {
            is_it |= same(self.provided_as[i].as_bytes(), name.as_bytes());
            i += 1;
        }
        is_it
    }
}

impl Graph {
    /// For expansions.
    #[doc(hidden)]
    pub const fn new(
        scope: &'static str,
        seeds: &'static [(&'static str, &'static str)],
        slots: &'static [Node],
    ) -> Self {
        Self { scope, parent: None, seeds, slots }
    }

    /// For expansions.
    #[doc(hidden)]
    #[must_use]
    pub const fn under(self, parent: &'static Graph) -> Self {
        Self { parent: Some(parent), ..self }
    }

    /// The slot of this scope that builds `service`.
    pub(crate) fn slot_of(&self, service: &ServiceInfo) -> Option<usize> {
        self.position(service.key)
    }

    /// The slot of this scope that answers to `key`.
    pub(crate) const fn position(&self, key: Key) -> Option<usize> {
        let mut i = 0;
        while i < self.slots.len() {
            if self.slots[i].answers_to(key) {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// Whether `slot` goes by `name`, that of its service or of a trait object that it also provides, and no other slot does.
    pub(crate) const fn only_one_goes_by(&self, slot: usize, name: &str) -> bool {
        let mut others = 0;
        if self.slots[slot].goes_by(name) {
            while others < self.slots.len() && (others == slot || !self.slots[others].goes_by(name)) {
                others += 1;
            }
            return others == self.slots.len();
        }
        false
    }

    /// Where the `dependency`th parameter of the service in `slot` comes from, if from this scope.
    pub(crate) const fn edge(&self, slot: usize, dependency: usize) -> Option<usize> {
        self.position(self.slots[slot].service.dependencies[dependency].key)
    }

    /// Whether the service in slot `from` needs the one in slot `to`, directly or through others. None needs itself.
    pub(crate) fn needs(&self, from: usize, to: usize) -> bool {
        let mut needed = vec![false; self.slots.len()];
        needed[from] = true;
        // What a service needs stands below it, so one pass from the top finds everything.
        for slot in from..to {
            if needed[slot] {
                for dependency in 0..self.slots[slot].service.dependencies.len() {
                    if let Some(provider) = self.edge(slot, dependency) {
                        needed[provider] = true;
                    }
                }
            }
        }
        from != to && needed[to]
    }

    /// The graph in the DOT language: one cluster a scope, one arrow a dependency.
    pub fn to_dot(&self) -> String {
        let mut out = String::from("digraph scopes {\n  rankdir=LR;\n");
        self.write_dot(&mut out).expect("writing to a string does not fail");
        out.push_str("}\n");
        out
    }

    /// The graph as a Mermaid flowchart: one subgraph a scope, one arrow a dependency.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        self.write_mermaid(&mut out).expect("writing to a string does not fail");
        out
    }

    fn write_dot(&self, out: &mut String) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write_dot(out)?;
        }
        writeln!(out, "  subgraph \"cluster_{0}\" {{\n    label=\"{0}\";", self.scope)?;
        for (field, _) in self.seeds {
            writeln!(out, "    \"{}.{field}\" [shape=oval];", self.scope)?;
        }
        for node in self.slots {
            writeln!(
                out,
                "    \"{}.{}\" [shape=box, label=\"{}\\n{}\"];",
                self.scope, node.field, node.service.name, node.service.lifetime
            )?;
        }
        out.push_str("  }\n");
        for (from, to, lazy) in self.edges() {
            let style = if lazy { " [style=dashed]" } else { "" };
            writeln!(out, "  \"{from}\" -> \"{to}\"{style};")?;
        }
        Ok(())
    }

    fn write_mermaid(&self, out: &mut String) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write_mermaid(out)?;
        }
        writeln!(out, "  subgraph {}", self.scope)?;
        for (field, _) in self.seeds {
            writeln!(out, "    {}.{field}([{field}])", self.scope)?;
        }
        for node in self.slots {
            writeln!(
                out,
                "    {}.{}[\"{}<br/>{}\"]",
                self.scope, node.field, node.service.name, node.service.lifetime
            )?;
        }
        out.push_str("  end\n");
        for (from, to, lazy) in self.edges() {
            writeln!(out, "  {from} {} {to}", if lazy { "-.->" } else { "-->" })?;
        }
        Ok(())
    }

    /// From, to, lazy: of the services of this scope.
    fn edges(&self) -> impl Iterator<Item = (String, String, bool)> {
        self.slots.iter().flat_map(move |node| {
            node.service.dependencies.iter().map(move |dependency| {
                let from = format!("{}.{}", self.scope, node.field);
                (from, self.provider_of(dependency), dependency.is_lazy)
            })
        })
    }

    /// `Scope.field` of what provides a dependency, looking outward.
    fn provider_of(&self, dependency: &Dependency) -> String {
        if let Some(slot) = self.position(dependency.key) {
            return format!("{}.{}", self.scope, self.slots[slot].field);
        }
        let same_name = |written: &str| bare(written) == bare(dependency.type_name);
        if let Some((field, _)) = self.seeds.iter().find(|(_, written)| same_name(written)) {
            return format!("{}.{field}", self.scope);
        }
        match self.parent {
            Some(parent) => parent.provider_of(dependency),
            None => dependency.type_name.to_owned(),
        }
    }
}

/// A type as written, without references, lifetimes and spaces.
fn bare(written: &str) -> String {
    let no_lifetimes = written.split('<').next().unwrap_or(written);
    no_lifetimes.rsplit("::").next().unwrap_or(no_lifetimes).replace([' ', '&'], "")
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            fmt::Display::fmt(parent, f)?;
        }
        writeln!(f, "{}", self.scope)?;
        for (field, type_name) in self.seeds {
            writeln!(f, "  {field}: {type_name} (seed)")?;
        }
        for node in self.slots {
            let service = node.service;
            write!(f, "  {}: {} ({}", node.field, service.name, service.lifetime)?;
            f.write_str(if service.is_async { ", async" } else { "" })?;
            f.write_str(if service.is_fallible { ", fallible)" } else { ")" })?;
            for (i, dependency) in service.dependencies.iter().enumerate() {
                f.write_str(if i == 0 { " <- " } else { ", " })?;
                f.write_str(if dependency.is_lazy { "lazy " } else { "" })?;
                f.write_str(dependency.type_name)?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}
