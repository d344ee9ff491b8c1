//! AWS keys that came in the environment of this process, and are no longer there.

use std::fmt;

use aws_credential_types::Credentials;

/// The keys of this process itself, where the environment had them: what the default chain would have found first.
#[derive(Clone)]
pub struct ProcessKeys(Credentials);

impl ProcessKeys {
    /// Reads them as the default chain does. `None` if there are none, and the chain has to look elsewhere.
    pub fn read<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let set = |name: &str| variable(name).map(str::trim).filter(|value| !value.is_empty());
        let (id, secret) = (set("AWS_ACCESS_KEY_ID")?, set("AWS_SECRET_ACCESS_KEY")?);
        let session = set("AWS_SESSION_TOKEN").map(str::to_owned);
        Some(Self(Credentials::new(id, secret, session, None, "environment")))
    }

    pub(super) fn into_credentials(self) -> Credentials {
        self.0
    }
}

impl fmt::Debug for ProcessKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessKeys([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_key_is_none() {
        let all =
            [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "CANARY"), ("AWS_SESSION_TOKEN", "s")];
        let read = |count: usize| {
            ProcessKeys::read(|name| {
                all[..count].iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
            })
        };
        assert!(read(0).is_none() && read(1).is_none());
        assert_eq!(read(2).expect("a key").into_credentials().session_token(), None);
        let keys = read(3).expect("a key");
        assert!(!format!("{keys:?}").contains("CANARY"));
        assert_eq!(keys.into_credentials().session_token(), Some("s"));
    }
}
