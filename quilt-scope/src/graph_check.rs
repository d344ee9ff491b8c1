//! Refuses, when compiling, containers whose services need each other in a circle or would be dropped in the wrong
//! order.
//!
//! The fields of a container are dropped from the top, so a service has to stand above what it borrows. Once every field
//! does, a circle is impossible. So one look at each field is enough, and the search for the path of a circle happens
//! only when there is something to report.

use crate::graph::Graph;

/// How many services a path can have before it is cut in the message.
const LONGEST_PATH: usize = 32;

/// Panics, hence refuses to compile, unless everything that the service in `slot` borrows stands below it.
///
/// # Panics
///
/// With the message for the author of the container.
#[track_caller]
pub const fn assert_slot_in_order(graph: &Graph, slot: usize) {
    let service = graph.slots[slot].service;
    let mut i = 0;
    while i < service.dependencies.len() {
        if let Some(provider) = graph.edge(slot, i)
            && provider <= slot
        {
            let path = path(graph, provider, slot);
            if path.length == 0 {
                let message = Text::new()
                    .push("`")
                    .push(graph.slots[provider].field)
                    .push("` is declared above `")
                    .push(graph.slots[slot].field)
                    .push("`, which borrows it: fields are dropped from the top, so move `")
                    .push(graph.slots[slot].field)
                    .push("` above `")
                    .push(graph.slots[provider].field)
                    .push("`");
                panic!("{}", message.as_str());
            } else if path.starts_at_its_least() {
                let mut message = Text::new().push("services need each other in a circle: ");
                let mut step = 0;
                while step < path.length {
                    message =
                        message.push("`").push(graph.slots[path.slots[step]].service.name).push("` needs ");
                    step += 1;
                }
                message = message
                    .push("`")
                    .push(graph.slots[provider].service.name)
                    .push("`; break it by passing one of them what it needs at the call, or by a third service that both need");
                panic!("{}", message.as_str());
            }
        }
        i += 1;
    }
}

/// The way from one slot to another along dependencies; empty if there is none.
struct Path {
    slots: [usize; LONGEST_PATH],
    length: usize,
}

impl Path {
    /// Each circle is reported once: at the edge that leads back to its topmost field.
    const fn starts_at_its_least(&self) -> bool {
        let mut i = 1;
        while i < self.length {
            if self.slots[i] < self.slots[0] {
                return false;
            }
            i += 1;
        }
        true
    }
}

/// Depth first, without recursion since it runs in the compiler.
const fn path(graph: &Graph, from: usize, to: usize) -> Path {
    let mut path = Path { slots: [0; LONGEST_PATH], length: 1 };
    let mut next_dependency = [0; LONGEST_PATH];
    path.slots[0] = from;
    while path.length > 0 {
        let top = path.length - 1;
        let slot = path.slots[top];
        if slot == to {
            return path;
        }
        let dependency = next_dependency[top];
        if dependency == graph.slots[slot].service.dependencies.len() {
            path.length -= 1;
            continue;
        }
        next_dependency[top] += 1;
        if let Some(provider) = graph.edge(slot, dependency)
            && path.length < LONGEST_PATH
            && !contains(&path, provider)
        {
            path.slots[path.length] = provider;
            next_dependency[path.length] = 0;
            path.length += 1;
        }
    }
    path
}

const fn contains(path: &Path, slot: usize) -> bool {
    let mut i = 0;
    while i < path.length {
        if path.slots[i] == slot {
            return true;
        }
        i += 1;
    }
    false
}

/// A text put together in the compiler. What does not fit is cut.
pub(crate) struct Text {
    bytes: [u8; 1024],
    length: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }

    pub(crate) const fn push(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = bytes[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "services need each other in a circle",
        }
    }
}
