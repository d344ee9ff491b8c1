//! What is costly to make is made once, under the target directory.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::Result;

/// Makes the directory `home`, whichever processes ask: one makes it, the others wait. It is there when `proof` is; what was
/// left half made is made anew.
pub(crate) fn made_once(home: &Path, proof: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    fs::create_dir_all(home.parent().ok_or("it is below the target directory")?)?;
    // Beside it, not in it: a half-made one is removed.
    let complete = home.with_extension("complete");
    let lock = File::create(home.with_extension("lock"))?;
    lock.lock()?;
    if complete.exists() && proof.exists() {
        return Ok(());
    }
    // First, else what is begun now and breaks off would count as whole.
    if complete.exists() {
        fs::remove_file(&complete)?;
    }
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    fs::create_dir_all(home)?;
    make()?;
    File::create(complete)?;
    Ok(())
}

/// Runs it to its end. What it printed; or what it says of a failure, with a hint of what to do.
pub(crate) fn run(command: &mut Command, doing: &str, hint: &str) -> Result<String> {
    let output = command.output().map_err(|problem| format!("{doing}: {problem}; {hint}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{doing} failed ({}): {}\n{hint}", output.status, said.trim()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_off_is_made_anew_and_what_is_whole_is_not() -> Result<()> {
        let parent = tempfile::tempdir()?;
        let home = parent.path().join("home");
        let proof = home.join("proof");
        let make = || Ok(fs::write(&proof, "made")?);
        assert!(made_once(&home, &proof, || Err("no network".into())).is_err());
        made_once(&home, &proof, make)?;
        made_once(&home, &proof, || Err("it is there".into()))?;
        fs::remove_file(&proof)?;
        let breaks_off = || {
            fs::write(&proof, "half")?;
            Err("no network".into())
        };
        assert!(made_once(&home, &proof, breaks_off).is_err());
        made_once(&home, &proof, make)?;
        assert_eq!(fs::read_to_string(&proof)?, "made");
        Ok(())
    }
}
