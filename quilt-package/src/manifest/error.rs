//! What can be wrong with a manifest: where, what, and how to put it right.

use std::{fmt, io};

use crate::json::InvalidJson;
use crate::{InvalidLogicalKey, InvalidPhysicalKey, LogicalKey, OrderError};

use super::MAX_LINE;

/// Why a manifest cannot be read. `Display` says on which line, and what would be right.
#[derive(Debug)]
pub struct ManifestError {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// There is no first line.
    Empty,
    /// It is longer than [`MAX_LINE`], or than the reader was told.
    TooLong {
        /// In bytes.
        limit: usize,
    },
    /// It is not UTF-8.
    NotUtf8,
    /// It is no JSON that a manifest can hold.
    Json(InvalidJson),
    /// It is the header of another version of the format.
    Version(String),
    /// The entry does not say what it has to.
    Missing(&'static str),
    /// A member is not what it has to be.
    Wrong {
        /// The member.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// The logical key is none.
    LogicalKey(String, InvalidLogicalKey),
    /// The physical key of this entry is none.
    PhysicalKey(String, InvalidPhysicalKey),
    /// The entry may not stand here.
    Order(OrderError),
    /// The bytes could not be read.
    Io(io::Error),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the manifest: {}", self.line, self.problem)
    }
}

impl std::error::Error for ManifestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no header; an empty package has one line"),
            Self::TooLong { limit } => {
                write!(f, "longer than {limit} bytes; move metadata into a file of the package")
            }
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Json(why) => why.fmt(f),
            Self::Version(version) => write!(f, "version {version} is not known, only \"v0\""),
            Self::Missing(name) => {
                write!(f, "`{name}` is missing; the manifest was not finished, push the package again")
            }
            Self::Wrong { name, expected } => write!(f, "`{name}` has to be {expected}"),
            Self::LogicalKey(key, why) => write!(f, "{key:?} is {why}"),
            Self::PhysicalKey(key, why) => write!(f, "the entry {key:?} has {why}"),
            Self::Order(why) => why.fmt(f),
            Self::Io(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

/// Why a manifest cannot be written. `Display` says what would be right.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// The entry may not stand here.
    Order(OrderError),
    /// The line would be longer than [`MAX_LINE`]; quilt3 could not read it.
    TooLong {
        /// Which: a key, or `header`.
        what: String,
        /// How long it would be, in bytes.
        bytes: usize,
    },
    /// The entry is a file of this machine.
    Local(LogicalKey),
    /// Directories come before entries.
    LateDirectory(LogicalKey),
    /// The bytes could not be written.
    Io(io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(why) => why.fmt(f),
            Self::TooLong { what, bytes } => {
                write!(f, "`{what}` needs {bytes} bytes, more than {MAX_LINE}; shorten its metadata")
            }
            Self::Local(key) => {
                write!(f, "`{key}` is a local file, which nobody else can read; upload it first")
            }
            Self::LateDirectory(path) => write!(f, "the directory `{path}` comes after an entry"),
            Self::Io(error) => write!(f, "the manifest cannot be written: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OrderError> for WriteError {
    fn from(why: OrderError) -> Self {
        Self::Order(why)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
