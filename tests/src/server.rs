//! The server under test, as a process.

mod binary;
mod log;
mod wrapped;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

pub use binary::{program, server, signal};
pub use log::Log;
pub use rustix::process::Signal;
pub use wrapped::User;

use crate::Result;
use crate::canary::Canaries;
use crate::docs_site::DocsSite;
use crate::files::private;
use crate::metrics::Metrics;
use crate::substrate::Key;
use crate::world::{TABULATOR, World};

/// Starting includes opening the store and, under load, waiting for a processor.
const START: Duration = Duration::from_secs(60);
/// How many lines of the log are shown when a test fails.
const LAST_WORDS: usize = 60;
/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(30);

/// How a server is to be started. Its data directory outlives any one process, so that it can be started again.
#[derive(Clone)]
pub struct Plan {
    binary: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    /// Somebody else than whoever runs the tests.
    user: Option<User>,
    home: Arc<TempDir>,
}

impl Plan {
    /// A multi-tenant server over HTTP for the people of a world.
    ///
    /// # Errors
    /// If the server cannot be built.
    pub fn multi_tenant(world: &World) -> Result<Self> {
        Self::multi_tenant_with(&server()?, world)
    }

    /// The same with another program: a twin.
    ///
    /// # Errors
    /// If there is no room for its files.
    pub fn multi_tenant_with(binary: &Path, world: &World) -> Result<Self> {
        let plan = Self::bare(binary, world)?
            .set("QUILT_MCP_MODE", "multi-tenant")
            .set("QUILT_MCP_JWT_SECRET", world.mint.secret())
            .set("QUILT_MCP_JWT_ISSUER", &world.mint.issuer)
            .set("QUILT_MCP_JWT_AUDIENCE", &world.mint.audience)
            .set("QUILT_MCP_ALLOWED_ROLES", &world.allowed_roles())
            .set("QUILT_MCP_TABULATOR_CATALOG", TABULATOR)
            .aws_key(&world.server_key);
        let registry = world.registry.iter();
        Ok(registry.fold(plan, |plan, at| plan.set("QUILT_MCP_REGISTRY_URL", at.origin())).http())
    }

    /// A server for one person, who acts with the keys in its environment.
    ///
    /// # Errors
    /// If the server cannot be built.
    pub fn single_user(world: &World, key: &Key) -> Result<Self> {
        Ok(Self::bare(&server()?, world)?.aws_key(key))
    }

    /// Nothing of this process's environment: neither its credentials nor its proxies.
    fn bare(binary: &Path, world: &World) -> Result<Self> {
        let home = Arc::new(tempfile::Builder::new().prefix("quilt-mcp-test-").tempdir()?);
        let path = |name: &str| home.path().join(name).display().to_string();
        let environment = [
            ("HOME", path("home")),
            ("AWS_CONFIG_FILE", path("aws-config")),
            ("AWS_SHARED_CREDENTIALS_FILE", path("aws-credentials")),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("AWS_ENDPOINT_URL", world.substrate.endpoint().into()),
            ("AWS_REGION", world.substrate.region().into()),
            ("QUILT_MCP_DATA_DIR", path("data")),
            ("QUILT_MCP_DOCS_URL", DocsSite::shared()?.origin().into()),
            ("QUILT_MCP_DRAIN_GRACE", "0s".into()),
            ("QUILT_MCP_LOG", "info,quilt_mcp=debug".into()),
            ("RUST_BACKTRACE", "1".into()),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let plan =
            Self { binary: binary.into(), arguments: vec!["serve".into()], environment, user: None, home };
        std::fs::create_dir_all(plan.home.path().join("home"))?;
        for empty in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            std::fs::write(&plan.environment[empty], "")?;
        }
        Ok(plan)
    }

    /// The same with another program: a twin.
    #[must_use]
    pub fn program(self, binary: &Path) -> Self {
        Self { binary: binary.into(), ..self }
    }

    /// Over HTTP, on a free port of loopback.
    #[must_use]
    pub fn http(self) -> Self {
        self.set("QUILT_MCP_TRANSPORT", "http")
            .set("QUILT_MCP_LISTEN", "127.0.0.1:0")
            .set("QUILT_MCP_ADMIN_LISTEN", "127.0.0.1:0")
    }

    /// With one environment variable.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Without one environment variable.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Runs another command of the same program, in the same environment. Its exit status and what it said.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn command_of(&self, arguments: &[&str]) -> Result<(ExitStatus, String)> {
        let mut command = Command::new(&self.binary);
        let output = command.args(arguments).env_clear().envs(&self.environment).output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status, String::from_utf8_lossy(&said).into_owned()))
    }

    /// With a configuration file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn file(self, text: &str) -> Result<Self> {
        let path = self.write("config.toml", text)?;
        Ok(self.set("QUILT_MCP_CONFIG", &path))
    }

    /// Writes a file beside the server's own, which only its owner may read. Its path.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<String> {
        Ok(private(self.home.path(), name, text)?.display().to_string())
    }

    /// Without the one issuer of the environment: those of the file count.
    #[must_use]
    pub fn without_the_mint(self) -> Self {
        self.unset("QUILT_MCP_JWT_SECRET")
            .unset("QUILT_MCP_JWT_ISSUER")
            .unset("QUILT_MCP_JWT_AUDIENCE")
            .unset("QUILT_MCP_ALLOWED_ROLES")
    }

    /// With one more argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The process's own AWS keys, in its environment.
    #[must_use]
    pub fn aws_key(self, key: &Key) -> Self {
        self.set("AWS_ACCESS_KEY_ID", &key.access_key_id).set("AWS_SECRET_ACCESS_KEY", &key.secret_access_key)
    }

    /// Keys in the default profile, where the default chain looks next.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn aws_profile(self, key: &Key) -> Result<Self> {
        let (id, secret) = (&key.access_key_id, &key.secret_access_key);
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        std::fs::write(&self.environment["AWS_SHARED_CREDENTIALS_FILE"], text)?;
        Ok(self)
    }

    /// What a client starts for itself over stdio: the command line.
    pub fn command_line(&self) -> Vec<String> {
        std::iter::once(self.binary.display().to_string()).chain(self.arguments.iter().cloned()).collect()
    }

    /// What a client starts for itself over stdio: the environment.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Where the server keeps its data.
    pub fn data_directory(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Starts it and waits until it listens, on both of its addresses.
    ///
    /// # Errors
    /// If it ends or stays silent; what it logged is part of the message.
    pub async fn start(&self) -> Result<Server> {
        let mut server = self.spawn()?;
        let has_admin = self.environment.get("QUILT_MCP_ADMIN_LISTEN").is_none_or(|address| address != "off");
        let listening = tokio::time::timeout(START, async {
            Ok::<_, crate::Trouble>((
                server.log.address("listening").await?,
                if has_admin { server.log.address("admin listening").await? } else { String::new() },
            ))
        });
        match listening.await {
            Ok(Ok((address, admin))) => {
                server.url = format!("http://{address}/mcp");
                server.admin_url = format!("http://{admin}");
                Ok(server)
            }
            Ok(Err(ended)) => Err(format!("the server did not start: {ended}\n{}", server.log.text()).into()),
            Err(_) => Err(format!("the server was silent for {START:?}\n{}", server.log.text()).into()),
        }
    }

    /// Starts it and waits until it ends by itself, as it should on a contradiction. Its exit status and its log.
    ///
    /// # Errors
    /// If it goes on running.
    pub async fn run_to_end(&self) -> Result<(ExitStatus, String)> {
        let mut server = self.spawn()?;
        let status = server.ended(START).await?;
        server.log.closed().await;
        Ok((status, server.log.text()))
    }

    fn spawn(&self) -> Result<Server> {
        let mut process =
            self.command().spawn().map_err(|problem| format!("{}: {problem}", self.binary.display()))?;
        let secret = |(name, _): &(&String, &String)| {
            name.contains("SECRET") && !name.ends_with("_FILE") && !name.starts_with("LOG_")
        };
        let secrets = self.environment.iter().filter(secret);
        let canaries = Canaries::of(secrets.map(|(name, value)| (name.as_str(), value.as_str())));
        let log = Log::of(process.stderr.take().expect("piped in `command`"));
        let output = Log::of(process.stdout.take().expect("piped in `command`"));
        let (url, admin_url) = (String::new(), String::new());
        Ok(Server {
            process,
            log,
            output,
            url,
            admin_url,
            canaries,
            judged: false,
            home: Arc::clone(&self.home),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.of_its_user(&mut command);
        command
    }
}

/// A running server. Dropping it kills it.
pub struct Server {
    process: Child,
    /// All that it has logged.
    pub log: Log,
    /// All that it has written to its standard output, which over HTTP should be nothing.
    pub output: Log,
    /// The MCP endpoint.
    pub url: String,
    /// The admin listener, without a path. Without a host either if there is none.
    pub admin_url: String,
    canaries: Canaries,
    judged: bool,
    // Its files are there as long as it runs, also when its plan is gone.
    home: Arc<TempDir>,
}

impl Server {
    /// What `/metrics` says now.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn metrics(&self) -> Result<Metrics> {
        let text =
            reqwest::get(format!("{}/metrics", self.admin_url)).await?.error_for_status()?.text().await?;
        self.canaries.look("metrics", text.as_bytes());
        Ok(Metrics::parse(&text))
    }

    /// What `/metrics` says now, as it says it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn metrics_text(&self) -> Result<String> {
        Ok(reqwest::get(format!("{}/metrics", self.admin_url)).await?.error_for_status()?.text().await?)
    }

    /// Its number among the processes of this machine.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// From now on the test itself judges what the server puts out.
    pub fn is_judged_by_the_test(&mut self) {
        self.judged = true;
    }

    /// Ends it, and tells which secrets were in its output. Whoever does not ask gets a failed test if there was any.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn leaks(mut self) -> Result<Vec<String>> {
        self.process.kill()?;
        self.process.wait()?;
        self.log.finish(&self.canaries);
        self.output.finish(&self.canaries);
        self.canaries.look_into(&self.home.path().join("data"));
        Ok(self.canaries.take_leaks())
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// If it does not end in time.
    pub async fn terminate(mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.ended(DRAIN).await
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn signal(&self, which: Signal) -> Result<()> {
        signal(self.process.id(), which)
    }

    /// Ends it without warning, as a crash or a power cut would: SIGKILL.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it does not end in time.
    pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let end = tokio::time::timeout(within, self.log.closed()).await;
        if end.is_err() {
            return Err(format!("the server still runs after {within:?}\n{}", self.log.text()).into());
        }
        // Its standard error is closed, so it is ending or has ended.
        Ok(self.process.wait()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Whoever reads why the test failed wants to know what the server had to say.
            let lines = self.log.lines();
            let last = lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n");
            let _ = writeln!(std::io::stderr(), "the server's last words:\n{last}");
        }
        // It may have ended already. Then both fail, and that is as wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.log.finish(&self.canaries);
        self.output.finish(&self.canaries);
        self.canaries.look_into(&self.home.path().join("data"));
        let leaks = self.canaries.take_leaks();
        self.canaries.report(if self.judged { 0 } else { leaks.len() }, "server");
        let told = leaks.is_empty() || self.judged || std::thread::panicking();
        assert!(told, "secrets in what a server put out: {leaks:#?}");
    }
}
