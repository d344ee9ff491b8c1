//! A Quilt registry: where it is, and what a caller shows there.

use std::fmt;
use std::str::FromStr;

use super::grant::CallerToken;
use super::origin::{NoOrigin, origin};

mod account;

pub use account::{RegistryRole, RegistryUser, RoleKind, SsoConfig, Uploader};

/// Where a registry is: `https://host`, with a port if it has one, and nothing else. Plain `http` is taken for this machine
/// only, since tokens go there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegistryUrl(String);

impl RegistryUrl {
    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a path, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no address of a registry. Says what would be right, and does not repeat the text: a password may be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRegistryUrl(&'static str);

impl fmt::Display for InvalidRegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidRegistryUrl {}

impl FromStr for RegistryUrl {
    type Err = InvalidRegistryUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRegistryUrl> {
        origin(text).map(Self).map_err(|why| {
            InvalidRegistryUrl(match why {
                NoOrigin::Malformed => "is no URL: write https://registry.example.com",
                NoOrigin::NoHost => "has no host: write https://registry.example.com",
                NoOrigin::Readable => "would let anybody on the way read tokens: it must begin with https://",
                NoOrigin::Credentials => "has a user or a password in it: remove them",
                NoOrigin::More => "has a path: write scheme and host only",
            })
        })
    }
}

/// One caller's token, and the only registry that is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryPass {
    /// From the configuration, never from the token or the caller.
    pub registry: RegistryUrl,
    /// The caller's own.
    pub token: CallerToken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_brought_into_one_form() {
        for (text, full) in [
            ("https://Registry.Example.com/", "https://registry.example.com"),
            ("https://registry.example.com:8443", "https://registry.example.com:8443"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("http://[::1]:5000", "http://[::1]:5000"),
        ] {
            assert_eq!(text.parse::<RegistryUrl>().expect(text).as_str(), full);
        }
    }

    #[test]
    fn what_could_take_a_token_elsewhere_is_refused() {
        for text in [
            "",
            "registry.example.com",
            "http://registry.example.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "https://user:hunter2@registry.example.com",
            "https://registry.example.com/path",
            "https://registry.example.com/?to=x",
            "https://registry.example.com/#x",
        ] {
            let error = text.parse::<RegistryUrl>().expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
