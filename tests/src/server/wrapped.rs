//! Servers that are started through something else, which they inherit limits, a place or a user from.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::{fs, mem};

use super::Plan;
use crate::Result;

/// A user of this machine, with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub id: u32,
    /// The group's number.
    pub group: u32,
}

impl Plan {
    /// Through a shell that does this first: for limits, which a process inherits.
    #[must_use]
    pub fn after(self, script: &str) -> Self {
        let script = format!("{script}; exec \"$0\" \"$@\"");
        self.through("/bin/sh", ["-c".into(), script])
    }

    /// As that user, which only root can do if it is another.
    ///
    /// # Errors
    /// If its files cannot be given to that user.
    pub fn as_user(self, user: User) -> Result<Self> {
        Ok(Self { user: Some(user), ..self.readable_by(user)? })
    }

    pub(super) fn of_its_user(&self, command: &mut Command) {
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
    }

    /// Gives its files to that user, with a copy of the program: where programs are built not everybody may go.
    ///
    /// # Errors
    /// If they cannot be.
    pub fn readable_by(self, user: User) -> Result<Self> {
        let program = self.home.path().join("program");
        fs::copy(&self.binary, &program)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        let of_home = fs::read_dir(self.home.path())?.map(|entry| entry.map(|entry| entry.path()));
        for path in of_home.chain([Ok(self.home.path().to_owned())]) {
            chown(path?, Some(user.id), Some(user.group))?;
        }
        Ok(self.program(&program))
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
