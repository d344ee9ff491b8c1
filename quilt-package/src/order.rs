//! The order of entries, held while they stream by.

use std::fmt;

use crate::LogicalKey;

/// Lets keys by in ascending order only.
///
/// One key is kept. That is enough to notice a key that comes twice, and one that is a file and a directory at once: in this
/// order whatever is inside `a` comes right after `a`.
#[derive(Clone, Debug, Default)]
pub struct KeyOrder {
    last: Option<LogicalKey>,
}

/// Why a key may not come after the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// It came before.
    Duplicate(LogicalKey),
    /// It belongs before the key that came before it.
    OutOfOrder {
        /// What came too late.
        key: LogicalKey,
        /// What came before it.
        after: LogicalKey,
    },
    /// One key is a directory of the other.
    FileAndDirectory {
        /// The key that cannot be both.
        file: LogicalKey,
        /// A key inside of it.
        inside: LogicalKey,
    },
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(key) => write!(f, "the logical key `{key}` comes twice; keep one of them"),
            Self::OutOfOrder { key, after } => {
                write!(f, "`{key}` comes after `{after}`; entries are sorted component by component")
            }
            Self::FileAndDirectory { file, inside } => {
                write!(f, "`{file}` is an entry, and a directory of `{inside}`; rename one of them")
            }
        }
    }
}

impl std::error::Error for OrderError {}

impl KeyOrder {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next key by.
    ///
    /// # Errors
    /// If it may not stand after the last one. That one stays the last.
    pub fn follow(&mut self, key: &LogicalKey) -> Result<(), OrderError> {
        if let Some(last) = &self.last {
            if last == key {
                return Err(OrderError::Duplicate(key.clone()));
            }
            if last > key {
                return Err(OrderError::OutOfOrder { key: key.clone(), after: last.clone() });
            }
            if last.contains(key) {
                return Err(OrderError::FileAndDirectory { file: last.clone(), inside: key.clone() });
            }
        }
        self.last = Some(key.clone());
        Ok(())
    }
}
