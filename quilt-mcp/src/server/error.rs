//! Why the server does not start, or stopped otherwise than asked.

use std::fmt;
use std::io;

use crate::config::ConfigError;
use crate::error::ToolError;

/// Why the server does not start, or stopped otherwise than asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// The configuration is wrong.
    Config(ConfigError),
    /// Something that the server stands on cannot be used: the store, AWS's configuration.
    Start(ToolError),
    /// A listener cannot be opened, or broke.
    Io(io::Error),
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Start(error) => match (error.detail(), error.hint()) {
                (detail, Some(hint)) => write!(f, "{}; {hint}{}", error.message(), Detail(detail)),
                (detail, None) => write!(f, "{}{}", error.message(), Detail(detail)),
            },
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// The operator reads this, so the detail is shown.
struct Detail<'a>(Option<&'a str>);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl std::error::Error for ServerError {}

impl From<ConfigError> for ServerError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ToolError> for ServerError {
    fn from(error: ToolError) -> Self {
        Self::Start(error)
    }
}

impl From<io::Error> for ServerError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
