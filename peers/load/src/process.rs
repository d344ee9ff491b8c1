//! A server as a process of its own, and what the kernel says of it.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::Result;

/// The server runs here and the driver elsewhere, so that neither takes the other's time.
const SERVERS_PROCESSOR: &str = "0";
/// The kernel's unit of processor time (`USER_HZ`), which is the same on every Linux.
const TICK: Duration = Duration::from_millis(10);
const START: Duration = Duration::from_secs(120);
/// Where callgrind writes, in the server's directory.
const CALLGRIND: &str = "callgrind";

/// How to start a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// In its directory, readable by their owner only.
    pub(crate) files: Vec<(String, String)>,
}

impl Launch {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, with its instructions counted: see [`Server::instructions`].
    pub(crate) fn counted(mut self) -> Self {
        let program = self.program.display().to_string();
        let profile = std::env::var("LOAD_PROFILE").unwrap_or_else(|_| "/dev/null".to_owned());
        let profile = format!("--callgrind-out-file={profile}");
        // With children, since ours starts itself anew without the secrets in its environment.
        let under = ["--tool=callgrind".to_owned(), "--trace-children=yes".to_owned(), profile].into_iter();
        let under = under.chain([format!("--log-file={{HOME}}/{CALLGRIND}"), program]);
        self.arguments.splice(0..0, under);
        self.program = "valgrind".into();
        self
    }
}

/// A running server. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) home: TempDir,
    pub(crate) started: Instant,
}

/// In megabytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: f64,
    /// Of that, what is not a file's: not the program itself, which the system can read again.
    pub(crate) own: f64,
    pub(crate) peak: f64,
}

impl Server {
    /// Starts it, with `PORT` and `HOME` in its arguments and environment replaced by a free port and its own directory.
    /// It listens when this returns.
    pub(crate) async fn start(launch: &Launch) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let home = tempfile::Builder::new().prefix("load-").tempdir()?;
        for (name, text) in &launch.files {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(home.path().join(name))?;
            file.write_all(text.as_bytes())?;
        }
        let fill = |text: &str| {
            let home = home.path().to_string_lossy();
            text.replace("{PORT}", &address.port().to_string()).replace("{HOME}", &home)
        };
        let mut command = Command::new("taskset");
        command.args(["-c", SERVERS_PROCESSOR]).arg(&launch.program);
        command.args(launch.arguments.iter().map(|argument| fill(argument)));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.path());
        command.envs(launch.environment.iter().map(|(name, value)| (name, fill(value))));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(home.path().join("log"))?);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", launch.program.display()))?;
        let mut server = Self { child, address, home, started };
        while TcpStream::connect(address).await.is_err() {
            if started.elapsed() > START || server.child.try_wait()?.is_some() {
                return Err(
                    format!("{} does not listen: {}", launch.program.display(), server.last_words()).into()
                );
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(server)
    }

    /// The end of what it said on standard error.
    pub(crate) fn last_words(&self) -> String {
        let said = fs::read(self.home.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&said[said.len().saturating_sub(2000)..]).into_owned()
    }

    /// Processor time that it has taken so far, in the kernel and outside.
    pub(crate) fn processor(&self) -> Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program may have blanks; it ends with the last parenthesis.
        let after = text.rsplit_once(')').ok_or("no name in /proc/PID/stat")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
        Ok(TICK * ticks)
    }

    /// Ends a server that was [`counted`](Launch::counted), and says how many instructions it has executed.
    pub(crate) fn instructions(mut self) -> Result<f64> {
        if !Command::new("kill").arg(self.child.id().to_string()).status()?.success() {
            return Err(format!("{} has ended by itself", self.child.id()).into());
        }
        self.child.wait()?;
        let said = fs::read_to_string(self.home.path().join(CALLGRIND))?;
        let collected = said.lines().find_map(|line| line.split_once("Collected :"));
        let (_, number) = collected.ok_or_else(|| format!("callgrind said nothing: {said}"))?;
        Ok(number.trim().parse()?)
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let megabytes = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("a line is missing")?;
            let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kilobytes / 1024.0)
        };
        let (now, own) = (megabytes("VmRSS:")?, megabytes("RssAnon:")?);
        Ok(Memory { now, own, peak: megabytes("VmHWM:")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
