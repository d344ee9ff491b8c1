//! The program: arguments, configuration, telemetry, app, serve, drain, exit code.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command, DoctorArgs, ServeArgs};
use crate::config::Config;
use crate::doctor;
use crate::server::{self, ServerError};
use crate::telemetry;
use crate::transport::drain;

/// Does what the command line says. `main` is this and nothing else.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let result: Result<(), Box<dyn Error>> = match command {
        Command::Serve(args) => runtime.block_on(serve(*args)).map_err(Into::into),
        Command::Doctor(args) => runtime.block_on(examine(*args)),
        #[cfg(feature = "demo")]
        Command::Demo(args) => {
            runtime.block_on(crate::demo::command(args, &mut std::io::stdout().lock())).map_err(Into::into)
        }
    };
    // A thread may still be blocked in reading standard input; it holds nothing.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn serve(args: ServeArgs) -> Result<(), ServerError> {
    let config = Config::load(args.into_flags(), std::env::vars_os())?;
    telemetry::init(&config.log)?;
    let app = server::app(&config).await?;
    let shutdown = drain::on_signal()?;
    server::serve(config, app, shutdown).await?;
    Ok(())
}

async fn examine(args: DoctorArgs) -> Result<(), Box<dyn Error>> {
    let online = args.online;
    let config = Config::load(args.serve.into_flags(), std::env::vars_os())?;
    match doctor::examine(&config, online, &mut std::io::stdout().lock()).await? {
        0 => Ok(()),
        _ => Err("not fit to serve".into()),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    // If standard error is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "quilt-mcp: {error}");
    ExitCode::FAILURE
}
