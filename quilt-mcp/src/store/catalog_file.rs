//! The one setting that a person may change by a tool: which catalog links lead to.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::catalog::CatalogUrl;
use crate::error::ToolError;

const NAME: &str = "catalog-url";

/// The file that holds a person's choice of catalog.
#[derive(Clone, Debug)]
pub struct CatalogFile {
    path: PathBuf,
}

impl CatalogFile {
    /// The file in the server's data directory. It need not exist.
    pub fn in_directory(directory: &Path) -> Self {
        Self { path: directory.join(NAME) }
    }

    /// What is in it; nothing if it is not there.
    ///
    /// # Errors
    ///
    /// It cannot be read, or holds no address.
    pub fn read(&self) -> Result<Option<CatalogUrl>, ToolError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.broken(error)),
        };
        text.trim().parse().map(Some).map_err(|error| self.broken(error))
    }

    /// Replaces what is in it, whole or not at all.
    ///
    /// # Errors
    ///
    /// `internal`: the directory cannot be written.
    pub async fn write(&self, url: &CatalogUrl) -> Result<(), ToolError> {
        let (path, text) = (self.path.clone(), format!("{url}\n"));
        let beside = path.with_extension(format!("{}.new", uuid::Uuid::new_v4().simple()));
        let written = async {
            tokio::fs::write(&beside, text).await?;
            tokio::fs::rename(&beside, &path).await
        };
        written.await.map_err(|error| self.broken(error))
    }

    fn broken(&self, error: impl std::fmt::Display) -> ToolError {
        ToolError::internal(format_args!("{}: {error}", self.path.display()))
    }
}
