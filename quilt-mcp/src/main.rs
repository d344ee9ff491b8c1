//! `quilt-mcp`: arguments, configuration, telemetry, app, serve, drain, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use quilt_mcp::cli::{Cli, Command};
use quilt_mcp::config::Config;
use quilt_mcp::server::{self, ServerError};
use quilt_mcp::telemetry;
use quilt_mcp::transport::drain;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let result: Result<(), Box<dyn std::error::Error>> = match Cli::parse().command {
        Command::Serve(args) => runtime.block_on(async {
            let config = Config::load(args.into_flags(), std::env::vars_os()).map_err(ServerError::Config)?;
            telemetry::init(&config.log).map_err(ServerError::Config)?;
            let app = server::app(&config).await?;
            let shutdown = drain::on_signal().map_err(ServerError::Io)?;
            server::serve(config, app, shutdown).await?;
            Ok(())
        }),
        #[cfg(feature = "demo")]
        Command::Demo(args) => runtime
            .block_on(quilt_mcp::demo::command(args, &mut std::io::stdout().lock()))
            .map_err(Into::into),
    };
    // A thread may still be blocked in reading standard input; it holds nothing.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "quilt-mcp: {error}");
    ExitCode::FAILURE
}
