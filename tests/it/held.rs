//! Files that are written by a test, read by people, and held to the code from then on.

use std::fs;

use quilt_tests::{Result, workspace};

/// Holds a file of the workspace to what it should be. `TOOLS=overwrite` writes it anew.
///
/// # Panics
/// If it is something else.
pub(crate) fn assert_held(file: &str, is: &str, filter: &str) -> Result<()> {
    let path = workspace().join(file);
    if std::env::var_os("TOOLS").is_some_and(|value| value == "overwrite") {
        fs::write(&path, is)?;
    }
    let held = fs::read_to_string(&path)?;
    let different = held.lines().zip(is.lines()).enumerate().find(|(_, (held, is))| held != is);
    assert!(
        held == is,
        "{file} is out of date, first at {different:?}\n\
         `TOOLS=overwrite cargo test --workspace --test it -- {filter}` writes it anew; read the difference"
    );
    Ok(())
}
