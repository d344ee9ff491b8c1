//! Where what outlives the process is kept.

use std::path::{Path, PathBuf};

use super::settings::Home;
use super::{ConfigError, Setting, Settings};

/// Where what outlives the process is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// A directory of this server's own, created at need. Always absolute.
    pub data_dir: PathBuf,
}

impl StoreConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let data_dir = match settings.text(Setting::DataDir) {
            Some(given) => std::path::absolute(given).map_err(|error| {
                ConfigError::new(format!("{}: {error}", settings.spell(Setting::DataDir)))
            })?,
            None => default_data_dir(settings.home()).ok_or_else(|| {
                ConfigError::new(format!(
                    "no home directory is known to keep data in: set {} to a directory",
                    Setting::DataDir.variable()
                ))
            })?,
        };
        Ok(Self { data_dir })
    }
}

/// Where the platform wants a program's data.
fn default_data_dir(home: &Home) -> Option<PathBuf> {
    // The XDG specification: a relative path there is to be ignored.
    let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        absolute(&home.local_app_data)?
    } else if let Some(xdg) = absolute(&home.xdg_data_home) {
        xdg
    } else {
        let below: &Path = if cfg!(target_os = "macos") {
            "Library/Application Support".as_ref()
        } else {
            ".local/share".as_ref()
        };
        absolute(&home.home)?.join(below)
    };
    Some(base.join("quilt-mcp"))
}
