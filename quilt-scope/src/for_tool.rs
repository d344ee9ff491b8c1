//! Which tool comes to a slot, directly or through services.
//!
//! What a service lacks is reported at its slot. Where a table [names its container](crate::tool_set), the compiler is asked on behalf of
//! the first tool of it that comes there, so that the message names a tool, too.
//!
//! Found out of data when compiling, and made a type by its place in the table, since messages show types.

use std::marker::PhantomData;

use crate::graph::Graph;
use crate::scope::Scope;

/// `S`, asked on behalf of this tool, the first of its table that comes to a service; called as the tool is, in the function with the
/// table. In messages, as a parameter of [`KeptBy`](crate::KeptBy): the first, since the compiler cuts what is long.
pub enum ForTool<Tool, S> {
    #[doc(hidden)]
    Never(std::convert::Infallible, PhantomData<(Tool, S)>),
}

/// A scope, asked on behalf of a tool or of nobody.
#[doc(hidden)]
pub trait Asked {
    /// The scope.
    type Scope;
}

impl<S: Scope> Asked for S {
    type Scope = S;
}

impl<Tool, S> Asked for ForTool<Tool, S> {
    type Scope = S;
}

/// A container that a table of tools names: `tool_set![RequestScope<'static>: add]`. At most one does; other tables do without.
/// Implemented by [`tool_set!`](crate::tool_set).
///
/// Of two that do the compiler says that implementations of this trait conflict, and prints its parameter, so that is the advice.
pub trait NamedByOneTable<Advice> {
    /// The table.
    #[doc(hidden)]
    type Table;
    /// What each tool of it takes from the scope, by name.
    #[doc(hidden)]
    const TAKEN: &'static [&'static [&'static str]];
}

/// Two tables name the same container, and one may: write the other without the name and its colon, `tool_set![add, since]`.
/// A parameter of [`NamedByOneTable`], there to be read.
pub enum RemoveTheNameFromTheOther {}

/// What stands at a place in a table; in no place, nobody.
#[doc(hidden)]
pub trait At<const PLACE: usize, S> {
    /// `S`, on its behalf.
    type For;
}

const NO_PLACE: usize = usize::MAX;

impl<Table, S> At<NO_PLACE, S> for Table {
    type For = S;
}

/// Finds out when compiling who comes to the slots of `S`.
///
/// What is inherent is preferred to what is a trait's, and is there only for containers that a table names.
#[doc(hidden)]
pub struct FirstTool<S>(PhantomData<S>);

impl<S: NamedByOneTable<RemoveTheNameFromTheOther> + Scope> FirstTool<S> {
    /// Who comes first.
    pub const FIRST: First = First::of(S::GRAPH, S::TAKEN);

    /// The tool at that place.
    #[inline]
    #[must_use]
    pub fn at<const PLACE: usize, Itself>() -> PhantomData<<S::Table as At<PLACE, Itself>>::For>
    where
        S::Table: At<PLACE, Itself>,
    {
        PhantomData
    }
}

/// What is said of all other scopes.
#[doc(hidden)]
pub trait NoTable {
    /// Nobody does.
    const FIRST: First = First([NO_PLACE; MOST]);

    /// Nobody.
    #[inline]
    #[must_use]
    fn at<const PLACE: usize, Itself>() -> PhantomData<Itself> {
        PhantomData
    }
}

impl<S> NoTable for FirstTool<S> {}

/// How many slots of a scope are looked at.
const MOST: usize = 128;

/// For each slot of a scope the place of the first tool that comes to it.
///
/// Tools say what they take by name, since a key for each parameter of each tool would take the compiler longer than all else here. What
/// two slots go by leads to neither.
#[doc(hidden)]
pub struct First([usize; MOST]);

impl First {
    const fn of(graph: &Graph, taken: &[&[&str]]) -> Self {
        let mut first = [NO_PLACE; MOST];
        let mut slot = 0;
        // What needs a service stands above it, and is done when the service is looked at.
        while slot < graph.slots.len() && slot < MOST {
            let direct = place_of_taker(graph, slot, taken);
            if direct < first[slot] {
                first[slot] = direct;
            }
            let mut i = 0;
            while i < graph.slots[slot].service.dependencies.len() {
                if let Some(needed) = graph.edge(slot, i)
                    && needed < MOST
                    && first[slot] < first[needed]
                {
                    first[needed] = first[slot];
                }
                i += 1;
            }
            slot += 1;
        }
        Self(first)
    }

    /// The place of that tool.
    #[must_use]
    pub const fn to(&self, slot: usize) -> usize {
        if slot < MOST { self.0[slot] } else { NO_PLACE }
    }
}

/// The place of the first tool that takes what is in `slot`.
const fn place_of_taker(graph: &Graph, slot: usize, taken: &[&[&str]]) -> usize {
    let mut place = 0;
    while place < taken.len() {
        let mut i = 0;
        while i < taken[place].len() {
            if graph.only_one_goes_by(slot, taken[place][i]) {
                return place;
            }
            i += 1;
        }
        place += 1;
    }
    NO_PLACE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Dependency, Key, Node, ServiceInfo};

    const fn needs(name: &'static str) -> Dependency {
        Dependency::new("it", name, false, None)
    }

    const fn service(name: &'static str, dependencies: &'static [Dependency]) -> ServiceInfo {
        ServiceInfo::new(name, "request-scoped", false, false, dependencies, Key::of_type_name(name))
    }

    const PERMISSIONS: &ServiceInfo = &service("Permissions", &[needs("Auth"), needs("Clock")]);
    const AUDIT: &ServiceInfo = &service("Audit", &[]);
    const AUTH: &ServiceInfo = &service("Auth", &[needs("Elsewhere")]);

    const SLOTS: &[Node] = &[
        Node::new("permissions", PERMISSIONS, &["dyn Allows"]),
        Node::new("audit", AUDIT, &[]),
        Node::new("auth", AUTH, &[]),
        Node::new("one", &service("Twin", &[]), &[]),
        Node::new("other", &service("Twin", &[]), &[]),
    ];
    const GRAPH: &Graph = &Graph::new("RequestScope", &[], SLOTS);

    fn first(taken: &[&[&str]], slot: usize) -> usize {
        First::of(GRAPH, taken).to(slot)
    }

    #[test]
    fn the_first_tool_is_found_that_comes_to_a_slot_whichever_way() {
        let (audits, allows, asks): (&[&str], &[&str], &[&str]) =
            (&["Audit"], &["Clock", "dyn Allows"], &["Auth"]);
        let (permissions, audit, auth) = (0, 1, 2);
        assert_eq!(first(&[&[], audits, allows, asks], auth), 2, "through another service");
        assert_eq!(first(&[asks, allows], auth), 0, "directly");
        assert_eq!(first(&[asks, audits, allows], permissions), 2, "and not what it needs itself");
        assert_eq!(first(&[asks, allows], audit), NO_PLACE);
        assert_eq!(first(&[], audit), NO_PLACE);
    }

    #[test]
    fn a_name_that_two_slots_go_by_leads_to_neither() {
        assert_eq!(first(&[&["Twin"]], 3), NO_PLACE);
        assert_eq!(first(&[&["Twin"]], 4), NO_PLACE);
    }
}
