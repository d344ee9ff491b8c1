//! The program: arguments, configuration, telemetry, app, serve, drain, exit code.

mod environment;
mod hardening;
mod spans;
mod upkeep;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use self::environment::Environment;
use self::hardening::Swap;
use self::spans::Spans;
use crate::cli::{Cli, Command, ConfigCommand, DoctorArgs, ServeArgs};
use crate::client::ProcessKeys;
use crate::config::{self, Config, Door, Settings};
use crate::doctor::{self, Asking};
use crate::server::{self, ServerError};
use crate::transport::drain;

/// Does what the command line says. `main` is this and nothing else.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(args) => serve(*args),
        Command::Doctor(args) => on_runtime(examine(*args)),
        Command::Config(ConfigCommand::Show(args)) => show(*args),
        Command::Backup(args) => upkeep::backup(args),
        Command::Restore(args) => upkeep::restore(args),
        Command::Completions { shell } => complete(shell),
        #[cfg(feature = "demo")]
        Command::Demo(args) => on_runtime(crate::demo::command(args, &mut io::stdout().lock())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

type Done = Result<(), Box<dyn Error>>;

fn on_runtime<E: Into<Box<dyn Error>>>(work: impl Future<Output = Result<(), E>>) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work).map_err(Into::into);
    // A thread may still be blocked in reading standard input; it holds nothing.
    runtime.shutdown_background();
    result
}

fn serve(args: ServeArgs) -> Done {
    // Before a secret is read, and before there is a thread.
    let privacy = hardening::keep_memory_private();
    let environment = Environment::take();
    let config = Config::load(args.into_flags(), environment.all())?;
    // Over stdio it is a program of its user like others. After `take`, which may start the program anew.
    let swap = matches!(config.door, Door::Http(_)).then(hardening::keep_out_of_swap);
    on_runtime(serve_with(config, environment, Memory { privacy, swap }))
}

/// What the kernel did for the memory of this process.
struct Memory {
    privacy: io::Result<()>,
    swap: Option<io::Result<Swap>>,
}

impl Memory {
    /// Says what the operator can change.
    fn log(&self) {
        if let Err(error) = &self.privacy {
            tracing::warn!(%error, "cannot keep other programs of this user from reading this one's memory");
        }
        match &self.swap {
            Some(Ok(Swap::KeptOut)) => tracing::info!("pages are locked: nothing gets into swap"),
            Some(Ok(Swap::NotAllowed)) => {
                tracing::info!(
                    set = "LimitMEMLOCK=infinity",
                    "pages are not locked: where there is swap, secrets may get into it"
                );
            }
            Some(Err(error)) => tracing::warn!(%error, "pages cannot be locked: secrets may get into swap"),
            None => {}
        }
    }
}

async fn serve_with(config: Config, environment: Environment, memory: Memory) -> Result<(), ServerError> {
    let spans = Spans::begin(&config)?;
    memory.log();
    if let Some(why) = &environment.exposed {
        tracing::warn!(why, "secrets stay visible in the environment of this process: use files");
    }
    let hidden = environment.hidden_names();
    if !hidden.is_empty() {
        let variables = hidden.join(",");
        tracing::info!(
            variables,
            "secrets came in the environment, and were taken out of it; a file is better"
        );
    }
    let keys = environment.aws_keys();
    // What it held has gone where it is used.
    drop(environment);
    let served = serve_until_told(config, keys).await;
    spans.flushed().await;
    served
}

async fn serve_until_told(config: Config, keys: Option<ProcessKeys>) -> Result<(), ServerError> {
    let app = server::app_with_keys(&config, keys).await?;
    let shutdown = drain::on_signal()?;
    server::serve(config, app, shutdown).await?;
    Ok(())
}

fn show(args: ServeArgs) -> Done {
    let text = config::effective(&Settings::read(args.into_flags(), Environment::take().all()))?;
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

fn complete(shell: clap_complete::Shell) -> Done {
    clap_complete::generate(shell, &mut Cli::command(), "quilt-mcp", &mut io::stdout().lock());
    Ok(())
}

async fn examine(args: DoctorArgs) -> Result<(), Box<dyn Error>> {
    let (online, environment) = (args.online, Environment::take());
    let config = Config::load(args.serve.into_flags(), environment.all())?;
    let asking = if online { Asking::Around(environment.aws_keys()) } else { Asking::Nobody };
    match doctor::examine(&config, asking, &mut io::stdout().lock()).await? {
        0 => Ok(()),
        _ => Err("not fit to serve".into()),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    // If standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "quilt-mcp: {error}");
    ExitCode::FAILURE
}
