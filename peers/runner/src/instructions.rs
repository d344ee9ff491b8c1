//! Counts instructions with callgrind. What starts and ends the process cancels out.

use std::path::Path;
use std::process::Command;

use crate::Result;

/// Whether valgrind is there.
pub(crate) fn countable() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Instructions of `program ARGUMENTS.. TIMES` for each time.
pub(crate) fn each(program: &Path, arguments: &[&str], few: u32, many: u32) -> Result<f64> {
    let difference = count(program, arguments, many)? - count(program, arguments, few)?;
    Ok(difference / f64::from(many - few))
}

fn count(program: &Path, arguments: &[&str], times: u32) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .arg(times.to_string())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected =
        said.lines().find_map(|line| line.split_once("Collected :")).map(|(_, number)| number.trim());
    Ok(collected.ok_or_else(|| format!("callgrind said nothing: {said}"))?.parse()?)
}
