//! The cloud in small: each user has a bucket of the user's name, and nobody else may read it.

use std::fmt;

/// What the cloud knows a user by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    user: String,
}

impl Credentials {
    /// Whose they are.
    pub fn user(&self) -> &str {
        &self.user
    }
}

/// The cloud does not do that for these credentials.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access denied")
    }
}

impl std::error::Error for Refused {}

/// The credentials of `caller`.
pub fn exchange(caller: &str) -> Credentials {
    Credentials { user: caller.to_owned() }
}

/// What is in a bucket.
///
/// # Errors
///
/// It is another's.
pub fn read(credentials: &Credentials, bucket: &str) -> Result<String, Refused> {
    if credentials.user == bucket { Ok(format!("the diary of {bucket}")) } else { Err(Refused) }
}
