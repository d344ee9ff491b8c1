//! Servers that are started through something else, which they inherit limits or a place from.

use std::mem;

use super::Plan;

impl Plan {
    /// Through a shell that does this first: for limits, which a process inherits.
    #[must_use]
    pub fn after(self, script: &str) -> Self {
        let script = format!("{script}; exec \"$0\" \"$@\"");
        self.through("/bin/sh", ["-c".into(), script])
    }

    /// Through a program that starts another: its arguments, and then what is to be started.
    #[must_use]
    pub fn through(mut self, program: &str, arguments: impl IntoIterator<Item = String>) -> Self {
        let own = mem::replace(&mut self.binary, program.into());
        let rest = mem::take(&mut self.arguments);
        self.arguments = arguments.into_iter().chain([own.display().to_string()]).chain(rest).collect();
        self
    }
}
