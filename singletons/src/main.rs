//! `cargo run -p quilt-singletons -- [--allow FILE] PATH..`: lists what lives as long as the process in the crates at `PATH`.
//!
//! Ends with 1 if something is found that the list does not allow, or the list allows something that is not there.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use quilt_singletons::{Allowed, find_in};

fn main() -> ExitCode {
    match list(std::env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // If standard error is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "singletons: {error}");
            ExitCode::from(2)
        }
    }
}

fn list(arguments: impl Iterator<Item = String>) -> Result<bool, Box<dyn std::error::Error>> {
    let (mut arguments, mut allowed, mut paths) = (arguments, Allowed::default(), Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--allow" => {
                allowed = Allowed::read(&PathBuf::from(arguments.next().ok_or("--allow needs a file")?))?;
            }
            flag if flag.starts_with('-') => {
                return Err(format!("there is no option {flag}; usage: [--allow FILE] PATH..").into());
            }
            path => paths.push(PathBuf::from(path)),
        }
    }
    if paths.is_empty() {
        return Err("name the crates to look at: [--allow FILE] PATH..".into());
    }
    let mut found = Vec::new();
    for path in &paths {
        found.extend(find_in(path)?);
    }
    let verdict = allowed.judge(&found);
    let mut out = io::stdout().lock();
    for singleton in &verdict.unlisted {
        writeln!(out, "{singleton}")?;
    }
    for entry in &verdict.stale {
        writeln!(out, "the list allows {entry}, which is not there")?;
    }
    writeln!(out, "{} found, {} of them allowed", found.len(), found.len() - verdict.unlisted.len())?;
    Ok(verdict.unlisted.is_empty() && verdict.stale.is_empty())
}
