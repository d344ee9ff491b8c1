//! Finds what lives as long as the process: where one caller's data can wait for the next.
//!
//! Sources are parsed, not searched: statics wherever they stand (also in a function, in the arguments of a macro, in a
//! template that a macro writes), the macros that make statics and thread- and task-local variables, what is leaked, and
//! settings of the whole process. Plain data (numbers, texts, arrays of them) is left out, since it never changes; and so
//! is what is compiled for tests only. Types are not resolved: a static of a type of one's own is found, whatever is in it.
//!
//! What may stay is in a list, each with its reason: [`Allowed`].
//!
//! ```
//! let found = quilt_singletons::find("a.rs", "static CACHE: Mutex<Vec<u8>> = Mutex::new(Vec::new());")?;
//! assert_eq!(found[0].to_string(), "a.rs:1: `CACHE`, a static cell");
//! # Ok::<(), quilt_singletons::Error>(())
//! ```

mod allowed;
mod files;
mod find;
mod plain;
mod tokens;

use std::fmt;
use std::io;
use std::path::PathBuf;

pub use allowed::{Allowed, Verdict};
pub use files::find_in;
pub use find::find;

/// Something that lives as long as the process, or as a thread or task of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Singleton {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What it is called: the variable, or the function that makes it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `static mut`.
    StaticMut,
    /// A static of a type that changes behind a shared reference: a lock, a cell, an atomic.
    Cell,
    /// A static of another type, which may hold such a cell.
    Static,
    /// A static that is made on first use: `LazyLock`, `OnceLock`, `lazy_static!`, `once_cell`.
    Lazy,
    /// A variable of each thread.
    ThreadLocal,
    /// A variable of each task.
    TaskLocal,
    /// A value that is never dropped: `Box::leak`, `mem::forget`.
    Leaked,
    /// A setting of the whole process.
    Setting,
}

/// With its article, to be read after a name.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StaticMut => "a static that anybody may write",
            Self::Cell => "a static cell",
            Self::Static => "a static",
            Self::Lazy => "a static made on first use",
            Self::ThreadLocal => "a variable of each thread",
            Self::TaskLocal => "a variable of each task",
            Self::Leaked => "a value that is never dropped",
            Self::Setting => "a setting of the process",
        })
    }
}

impl fmt::Display for Singleton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}`, {}", self.file, self.line, self.name, self.kind)
    }
}

/// Why nothing can be said of some sources.
#[derive(Debug)]
pub enum Error {
    /// A file or folder cannot be read.
    Read(PathBuf, io::Error),
    /// A file is no Rust.
    Parse(String, syn::Error),
    /// A line of the list of what is allowed has no file, name and reason.
    Line(usize, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Parse(file, error) => write!(f, "{file}: {error}"),
            Self::Line(line, text) => {
                write!(f, "line {line} of the allow-list is not `file | name | reason`: {text}")
            }
        }
    }
}

impl std::error::Error for Error {}
