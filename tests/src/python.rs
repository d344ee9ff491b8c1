//! A Python environment of our own, made once, under the target directory.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::made_once::{made_once, run};

const REQUIREMENTS: &str = include_str!("../substrate/requirements.txt");
/// `python3` first: it is what the person chose. The others are for systems where that is an old one.
const CANDIDATES: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
/// Names the interpreter to use, for systems where none of the usual names is right.
const CHOICE: &str = "QUILT_TESTS_PYTHON";

/// The interpreter of the environment, with everything in `substrate/requirements.txt`.
///
/// Made on first use. Several test processes may ask together: one makes it, the others wait.
///
/// # Errors
/// If there is no Python 3.11 or newer with `venv`, or the packages cannot be fetched. The message says what to do.
pub fn interpreter() -> Result<&'static Path> {
    static MADE: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    match MADE.get_or_init(|| make().map_err(|trouble| trouble.to_string())) {
        Ok(path) => Ok(path),
        Err(message) => Err(message.clone().into()),
    }
}

/// A file of `tests/substrate/`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("substrate").join(name)
}

fn make() -> Result<PathBuf> {
    let (python, version) = system_python()?;
    let home = crate::target_directory().join("substrate").join(key(&version));
    let interpreter = home.join("bin").join("python");
    made_once(&home, &interpreter, || {
        run(Command::new(&python).args(["-m", "venv"]).arg(&home), "making a virtual environment", NO_VENV)?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement"];
        run(
            Command::new(&interpreter).args(pip).arg(script("requirements.txt")),
            "installing tests/substrate/requirements.txt",
            NO_NETWORK,
        )
        .map(drop)
    })?;
    Ok(interpreter)
}

/// Starts a server of `tests/substrate/`, which prints a line of JSON when it accepts connections and ends with its standard
/// input.
pub(crate) fn serve<T: DeserializeOwned>(name: &str, argument: Option<&Path>) -> Result<(Child, T)> {
    let mut process = Command::new(interpreter()?)
        .arg(script(name))
        .args(argument)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "127.0.0.1")
        .spawn()?;
    let stdout = process.stdout.take().expect("piped above");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    if line.is_empty() {
        return Err(format!("{name} did not start: {}", process.wait()?).into());
    }
    Ok((process, serde_json::from_str(&line)?))
}

const NO_VENV: &str = "the tests need the `venv` module (on Debian and Ubuntu: the package `python3-venv`)";
const NO_NETWORK: &str =
    "the tests need a Python package index once; pip reads PIP_INDEX_URL and the proxy variables";

/// Environments for other requirements or another Python stay beside this one.
fn key(version: &str) -> String {
    let digest = Sha256::new().chain_update(REQUIREMENTS).chain_update(version).finalize();
    hex::encode(&digest[..6])
}

fn system_python() -> Result<(String, String)> {
    let chosen = std::env::var(CHOICE).ok();
    let names: Vec<String> = chosen.map_or_else(|| CANDIDATES.map(String::from).to_vec(), |name| vec![name]);
    let question =
        "import sys; print('%d.%d' % sys.version_info[:2]) if sys.version_info >= (3, 11) else sys.exit(1)";
    for name in &names {
        let answer = Command::new(name).args(["-c", question]).output();
        if let Ok(Output { status, stdout, .. }) = answer
            && status.success()
        {
            return Ok((name.clone(), String::from_utf8_lossy(&stdout).trim().to_owned()));
        }
    }
    Err(format!(
        "the integration tests need Python 3.11 or newer to run S3 and STS stand-ins; tried {}. Install one, or name it in {CHOICE}",
        names.join(", ")
    )
    .into())
}
