//! The environment, without the secrets in it.
//!
//! The kernel shows a process's environment as it was at the start (`/proc/PID/environ`), and it stays in memory until the
//! end; a program cannot wipe it without `unsafe`. So this one starts itself anew, once: the same process, the same
//! arguments, but secrets come through a file that is in memory only, and is emptied when it has been read.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::client::ProcessKeys;

/// Variables that hold secrets.
const SECRETS: [&str; 4] =
    ["QUILT_MCP_JWT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// The environment of this process, and what was taken out of the kernel's sight.
#[derive(Default)]
pub(super) struct Environment {
    visible: Vec<(OsString, OsString)>,
    hidden: Vec<(OsString, OsString)>,
    /// Why secrets are still where everybody who may look at this process sees them.
    pub(super) exposed: Option<String>,
}

impl Environment {
    /// Takes the secrets out of sight. If there are any it does not return, but starts the program anew.
    pub(super) fn take() -> Self {
        let visible: Vec<_> = std::env::vars_os().collect();
        if let Some(environment) = handed_over(&visible) {
            return environment;
        }
        let secret = |(name, value): &&(OsString, OsString)| is_secret(name) && !value.is_empty();
        if visible.iter().filter(secret).count() == 0 {
            return Self { visible, ..Self::default() };
        }
        let exposed = Some(start_anew(&visible));
        Self { visible, hidden: Vec::new(), exposed }
    }

    /// All of it.
    pub(super) fn all(&self) -> impl Iterator<Item = (OsString, OsString)> + '_ {
        self.visible.iter().chain(&self.hidden).cloned()
    }

    /// The process's own AWS keys, if the AWS SDK can no longer find them by itself.
    pub(super) fn aws_keys(&self) -> Option<ProcessKeys> {
        ProcessKeys::read(|name| self.hidden(name))
    }

    fn hidden(&self, name: &str) -> Option<&str> {
        self.hidden.iter().find(|(found, _)| found == name).and_then(|(_, value)| value.to_str())
    }

    /// The names of what was taken out of sight.
    pub(super) fn hidden_names(&self) -> Vec<String> {
        self.hidden.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }
}

/// Shows names only.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("hidden", &self.hidden_names()).finish_non_exhaustive()
    }
}

fn is_secret(name: &OsStr) -> bool {
    SECRETS.iter().any(|secret| name == *secret)
}

#[cfg(target_os = "linux")]
use linux::{handed_over, start_anew};

#[cfg(not(target_os = "linux"))]
fn handed_over(_: &[(OsString, OsString)]) -> Option<Environment> {
    None
}

#[cfg(not(target_os = "linux"))]
fn start_anew(_: &[(OsString, OsString)]) -> String {
    "this system has no files in memory".to_owned()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{OsStr, OsString};
    use std::fs::{self, File, OpenOptions};
    use std::io::{self, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::fs::{MemfdFlags, memfd_create};

    use super::{Environment, is_secret};

    /// Names the file descriptor with the secrets. Not with our prefix: it is no setting.
    const HANDED_OVER: &str = "_QUILT_MCP_SECRETS";

    /// Starts this program anew without the secrets in its environment. Returns only if it cannot, with the reason.
    pub(super) fn start_anew(environment: &[(OsString, OsString)]) -> String {
        let attempt = || -> io::Result<io::Error> {
            // Inherited on purpose: it has to survive the start.
            let mut file = File::from(memfd_create("quilt-mcp-secrets", MemfdFlags::empty())?);
            let secrets: Vec<_> = environment.iter().filter(|(name, _)| is_secret(name)).collect();
            for (name, value) in &secrets {
                file.write_all(name.as_bytes())?;
                file.write_all(b"=")?;
                file.write_all(value.as_bytes())?;
                file.write_all(b"\0")?;
            }
            let mut arguments = std::env::args_os();
            let mut command = Command::new(std::env::current_exe()?);
            if let Some(name) = arguments.next() {
                command.arg0(name);
            }
            command.args(arguments).env(HANDED_OVER, file.as_raw_fd().to_string());
            for (name, _) in secrets {
                command.env_remove(name);
            }
            Ok(command.exec())
        };
        match attempt() {
            Ok(error) | Err(error) => error.to_string(),
        }
    }

    /// What was taken out of sight before this start, if anything was.
    pub(super) fn handed_over(visible: &[(OsString, OsString)]) -> Option<Environment> {
        let (_, number) = visible.iter().find(|(name, _)| name == HANDED_OVER)?;
        // A number and nothing else, so that the path stays where it should.
        let number: u32 = number.to_str()?.parse().ok()?;
        let path = format!("/proc/self/fd/{number}");
        let content = fs::read(&path).ok()?;
        // Emptied: whoever gets hold of the descriptor finds nothing.
        OpenOptions::new().write(true).truncate(true).open(&path).ok()?;
        let hidden = content.split(|byte| *byte == 0).filter_map(|entry| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (OsStr::from_bytes(&entry[..at]), &entry[at + 1..]);
            is_secret(name).then(|| (name.to_owned(), OsString::from_vec(value.to_vec())))
        });
        let hidden = hidden.collect();
        let visible = visible.iter().filter(|(name, _)| name != HANDED_OVER).cloned().collect();
        Some(Environment { visible, hidden, exposed: None })
    }
}
