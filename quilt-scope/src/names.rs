//! Refuses, when compiling, a table in which two tools go by one name.

use crate::graph::{FNV_OFFSET, fnv};
use crate::graph_check::Text;

/// The name of a tool, and what the compiler compares quickly, since a table of many tools has many pairs.
pub struct ToolName {
    text: &'static str,
    hash: u64,
}

impl ToolName {
    /// As it was given.
    pub const fn new(text: &'static str) -> Self {
        Self { text, hash: fnv(FNV_OFFSET, text.as_bytes()) }
    }

    const fn is(&self, other: &Self) -> bool {
        self.hash == other.hash && same(self.text.as_bytes(), other.text.as_bytes())
    }
}

/// Refuses to compile when the tool at `place` has the name of an earlier one.
///
/// # Panics
///
/// When it has.
#[track_caller]
pub const fn assert_new_name(names: &[ToolName], place: usize) {
    let mut i = 0;
    while i < place {
        if names[i].is(&names[place]) {
            let message = Text::new()
                .push("two tools of this set are called `")
                .push(names[place].text)
                .push("`; name one of them otherwise: `#[scoped_tool(name = \"..\")]`");
            panic!("{}", message.as_str());
        }
        i += 1;
    }
}

pub(crate) const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut i = 0;
    while i < left.len() {
        if left[i] != right[i] {
            return false;
        }
        i += 1;
    }
    true
}
