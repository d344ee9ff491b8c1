//! What the operator says.

use std::ffi::OsString;

use quilt_mcp::config::{Config, Deployment, Door as Listening, Flags, Tokens};
use tempfile::TempDir;

use crate::Result;
use crate::files::{in_memory, private};

/// Stands for a secret wherever it is put.
const MARK: &str = "Canary0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A configuration file, and an environment.
pub struct ConfigurationDoor {
    files: TempDir,
}

impl ConfigurationDoor {
    /// Ready to be tried.
    ///
    /// # Errors
    /// If there is no room for a file.
    pub fn open() -> Result<Self> {
        Ok(Self { files: in_memory()? })
    }

    /// The bytes up to the first NUL are the file, and each line after that is `NAME=value` of the environment. `$MARK` in
    /// a value is replaced by a secret.
    ///
    /// # Panics
    /// If a configuration is taken that leaves the door open, or if anything shows the secret.
    pub fn knock(&self, bytes: &[u8]) {
        let mut parts = bytes.splitn(2, |byte| *byte == 0);
        let (file, environment) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let file = private(self.files.path(), "config.toml", file).expect("there is room for a file");
        let environment = String::from_utf8_lossy(environment).replace("$MARK", MARK);
        let said = environment.lines().filter_map(|line| line.split_once('='));
        // An operator cannot set what no operating system takes.
        let said =
            said.filter(|(name, value)| !name.is_empty() && !name.contains('\0') && !value.contains('\0'));
        let own = ("QUILT_MCP_CONFIG".into(), file.into_os_string());
        let all = said.map(|(name, value)| (OsString::from(name), OsString::from(value))).chain([own]);
        // What stands elsewhere too is no secret, and may be shown from there.
        let secret_is_said = environment.lines().any(|line| line == format!("QUILT_MCP_JWT_SECRET={MARK}"))
            && environment.matches(MARK).count() == 1;
        match Config::load(Flags::default(), all) {
            Ok(config) => {
                assert!(!format!("{config:?}").contains(MARK) || !secret_is_said, "a secret is shown");
                assert_safe(&config);
            }
            Err(error) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(MARK) || !secret_is_said, "{shown}");
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

/// Whoever serves many knows whom to believe, and whoever serves one is not to be reached by many.
fn assert_safe(config: &Config) {
    match (&config.deployment, &config.door) {
        (Deployment::MultiTenant(trust), Listening::Http(_)) => {
            assert!(!trust.issuers.is_empty(), "many tenants, and nobody to believe");
            for issuer in &trust.issuers {
                assert!(!issuer.algorithms.is_empty(), "{issuer:?}");
                assert!(!issuer.issuer.as_str().is_empty(), "{issuer:?}");
                match &issuer.tokens {
                    Tokens::Named { audience } => assert!(!audience.as_str().is_empty(), "{issuer:?}"),
                    Tokens::Catalog { tenant } => assert!(!tenant.is_empty(), "{issuer:?}"),
                }
            }
        }
        (Deployment::MultiTenant(_), Listening::Stdio) => panic!("many tenants over one pipe"),
        (Deployment::SingleUser { .. }, Listening::Http(http)) => {
            assert!(
                http.listen.ip().is_loopback(),
                "one user's rights for everybody who can reach {}",
                http.listen
            );
        }
        (Deployment::SingleUser { .. }, Listening::Stdio) => {}
    }
}
