//! The machine this process runs on, as far as a caller may know it.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::deployment::Deployment;
use crate::error::ToolError;

/// Directories of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HostFiles {
    /// The home directory, if there is one.
    pub home_directory: Option<String>,
    /// The directory for temporary files.
    pub temp_directory: String,
    /// The directory this process was started in, if it still exists.
    pub current_directory: Option<String>,
    /// Whether the home directory can be written.
    pub home_writable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_write_error: Option<String>,
    /// Whether the directory for temporary files can be written.
    pub temp_writable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temp_write_error: Option<String>,
}

/// How much of this machine may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Access {
    /// Home and temporary directory.
    FullAccess,
    /// One of them.
    LimitedAccess,
    /// Neither.
    ReadOnly,
    /// The caller may not know.
    NotShared,
}

impl HostFiles {
    /// How much may be written.
    pub fn access(&self) -> Access {
        match (self.home_writable, self.temp_writable) {
            (true, true) => Access::FullAccess,
            (false, false) => Access::ReadOnly,
            _ => Access::LimitedAccess,
        }
    }
}

/// The directories of this machine; nothing if others than its owner may ask.
///
/// # Errors
///
/// Only if the process is about to end.
pub async fn files(deployment: Deployment) -> Result<Option<HostFiles>, ToolError> {
    match deployment {
        Deployment::MultiTenant => Ok(None),
        Deployment::SingleUser => {
            tokio::task::spawn_blocking(look).await.map(Some).map_err(ToolError::internal)
        }
    }
}

fn look() -> HostFiles {
    let (home_directory, temp_directory) = (std::env::home_dir(), std::env::temp_dir());
    let home = home_directory.as_deref().map_or(Err("there is no home directory".to_owned()), try_write);
    let temp = try_write(&temp_directory);
    HostFiles {
        home_directory: home_directory.as_deref().map(shown),
        temp_directory: shown(&temp_directory),
        current_directory: std::env::current_dir().ok().as_deref().map(shown),
        home_writable: home.is_ok(),
        home_write_error: home.err(),
        temp_writable: temp.is_ok(),
        temp_write_error: temp.err(),
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Makes an empty file of a name that nobody else has, and removes it: permissions alone do not tell of a file system
/// that is mounted read-only.
fn try_write(directory: &Path) -> Result<(), String> {
    let file = directory.join(format!(".quilt-mcp-write-check-{}", Uuid::new_v4()));
    std::fs::File::create_new(&file).map_err(|error| error.to_string())?;
    std::fs::remove_file(&file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_leaves_nothing_behind() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        assert_eq!(try_write(directory.path()), Ok(()));
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_written() {
        assert!(try_write(Path::new("/nonexistent/quilt")).is_err());
    }
}
