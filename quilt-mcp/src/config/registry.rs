//! How Quilt registries are asked, and with what in single-user mode. In multi-tenant mode each issuer says which registry is
//! shown its tokens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{ConfigError, Deployment, Setting, Settings, limits, protected_file};
use crate::domain::registry::{InvalidRegistryUrl, RegistryUrl};

/// How registries are asked.
#[derive(Debug)]
pub struct RegistryConfig {
    /// The registry of single-user mode.
    pub own: Option<OwnRegistry>,
    /// From the first byte sent to the last byte received, retries included.
    pub timeout: Duration,
}

/// One person's registry.
#[derive(Clone, Debug)]
pub struct OwnRegistry {
    /// Where it is.
    pub url: RegistryUrl,
    token_file: PathBuf,
}

impl OwnRegistry {
    /// What stands in the file now: whoever renews a token writes it there.
    ///
    /// # Errors
    ///
    /// The file cannot be read, others can read it, or it holds no token.
    pub fn token(&self) -> Result<Zeroizing<String>, ConfigError> {
        token(&self.token_file)
    }
}

fn token(path: &Path) -> Result<Zeroizing<String>, ConfigError> {
    let text = protected_file::read_secret(path, "the file of the registry token")?;
    let token = text.trim();
    if token.is_empty() || token.len() > 8192 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ConfigError::new(format!(
            "the file of the registry token {}: write the token into it, and nothing else",
            path.display()
        )));
    }
    Ok(Zeroizing::new(token.to_owned()))
}

/// What was said, each part checked.
pub(super) struct RegistrySettings {
    pub(super) url: Option<RegistryUrl>,
    token_file: Option<PathBuf>,
    timeout: Duration,
}

impl RegistrySettings {
    pub(super) fn read(settings: &Settings) -> Self {
        let url = settings.text(Setting::RegistryUrl).and_then(|text| {
            // Not quoted: a password may be in it.
            settings.note(text.parse().map_err(|why: InvalidRegistryUrl| {
                ConfigError::new(format!("{} {why}", settings.spell(Setting::RegistryUrl)))
            }))
        });
        Self {
            url,
            token_file: settings.text(Setting::RegistryTokenFile).map(PathBuf::from),
            timeout: limits::duration(settings, Setting::RegistryTimeout, 30, 1..=600),
        }
    }

    /// What it comes to in a server that works so.
    ///
    /// # Errors
    ///
    /// A part is missing, or has no meaning there.
    pub(super) fn of(self, deployment: &Deployment) -> Result<RegistryConfig, ConfigError> {
        let own = match (deployment, self.url, self.token_file) {
            (Deployment::MultiTenant(_), _, Some(_)) => {
                return Err(ConfigError::new(format!(
                    "{} is one person's token, and in multi-tenant mode each caller brings their own: unset it",
                    Setting::RegistryTokenFile.variable()
                )));
            }
            (Deployment::MultiTenant(_), _, None) | (Deployment::SingleUser { .. }, None, None) => None,
            (Deployment::SingleUser { .. }, Some(url), Some(token_file)) => {
                token(&token_file)?;
                Some(OwnRegistry { url, token_file })
            }
            (Deployment::SingleUser { .. }, Some(_), None) => {
                return Err(ConfigError::new(format!(
                    "{} is set, and in single-user mode nothing says with which token to ask there: set {} to a file \
                     with your token, mode 0600",
                    Setting::RegistryUrl.variable(),
                    Setting::RegistryTokenFile.variable(),
                )));
            }
            (Deployment::SingleUser { .. }, None, Some(_)) => {
                return Err(ConfigError::new(format!(
                    "{} is set, and nothing says which registry may see the token: set {}",
                    Setting::RegistryTokenFile.variable(),
                    Setting::RegistryUrl.variable(),
                )));
            }
        };
        Ok(RegistryConfig { own, timeout: self.timeout })
    }
}
