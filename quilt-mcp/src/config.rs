//! What the operator decided, read once and complete before anything starts.
//!
//! Three layers speak: flags over environment over file. [`Settings`] is what was said, in the operator's words;
//! [`Config`] is what it means, checked. A contradiction is refused, never resolved by guessing: every message names the
//! setting and what to set instead.
//!
//! How to reach AWS is not here. The AWS SDKs read that themselves, as every other AWS tool does.

mod http;
mod jwt;
mod limits;
mod log;
mod mode;
mod protected_file;
mod roles;
mod setting;
mod settings;
mod store;

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;

pub use http::{DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, HttpConfig, Sessions};
pub use jwt::{
    Audience, IdentitySettings, Issuer, JwtSecret, KeySource, SigningAlgorithm, Trust, TrustedIssuer,
};
pub use limits::Limits;
pub use log::{LogConfig, LogFormat};
pub use mode::{Deployment, Mode, Transport, resolve};
pub use roles::{AllowedRoles, RoleArn, RolePattern};
pub use setting::Setting;
pub use settings::{Flags, Settings, Source};
pub use store::StoreConfig;

/// Everything the operator decided, checked.
#[derive(Debug)]
pub struct Config {
    /// Who may call, and with what authority.
    pub deployment: Deployment,
    /// How callers reach the server.
    pub door: Door,
    /// Where `/metrics` and the health answers are served. `None`: nowhere.
    pub admin_listen: Option<SocketAddr>,
    /// Where what outlives the process is kept.
    pub store: StoreConfig,
    /// What one caller, and the end of the process, may take.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: LogConfig,
}

/// How callers reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// One client, on standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http(HttpConfig),
}

impl Config {
    /// Reads all three layers. `environment` is the whole environment of the process; `--config` or `QUILT_MCP_CONFIG`
    /// name the file.
    ///
    /// # Errors
    ///
    /// A setting is unknown, malformed, unsafe, or contradicts another.
    pub fn load(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        Self::from_settings(&Settings::read(flags, environment)?)
    }

    /// Turns what was said into what it means.
    ///
    /// # Errors
    ///
    /// A setting is malformed, unsafe, or contradicts another.
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        let asked = settings.parsed(Setting::Mode, Mode::EXPECTED, Mode::parse)?.unwrap_or_default();
        let transport =
            settings.parsed(Setting::Transport, Transport::EXPECTED, Transport::parse)?.unwrap_or_default();
        http::refuse_an_address_without_http(settings, transport)?;
        let listen = http::listen(settings)?;
        let deployment = resolve(asked, transport, listen, IdentitySettings::read(settings)?)?;
        if matches!(deployment, Deployment::SingleUser { .. }) {
            settings.refuse_signs_of_the_older_multi_user_modes()?;
        }
        let door = match transport {
            Transport::Stdio => Door::Stdio,
            Transport::Http => Door::Http(HttpConfig::read(settings, listen)?),
        };
        Ok(Self {
            deployment,
            door,
            admin_listen: http::admin_listen(settings, transport, listen)?,
            store: StoreConfig::read(settings)?,
            limits: Limits::read(settings)?,
            log: LogConfig::read(settings)?,
        })
    }
}

/// Why the server does not start, and what to set.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// `message` names the setting and says what to set. It must not hold a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As `Display`: `main` may print either.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
