//! The wire oracle: many people, one server, and a judge of all that goes over the wire.
//!
//! ```sh
//! cargo run -p quilt-tests --bin oracle -- --requests 1000000              # called in this process
//! cargo run -p quilt-tests --bin oracle -- --requests 100000 --sockets     # over HTTP
//! cargo run -p quilt-tests --bin oracle -- --bug identity_of_the_session   # broken on purpose
//! ```
//!
//! The server is put together of the parts that it consists of. With `--bug` one of them is replaced ([`bugs`]), and the
//! run ends at the first finding. The exit code says whether there was any.

mod bugs;
mod wiring;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use quilt_tests::Result;
use quilt_tests::oracle::drive::{Run, drive};
use quilt_tests::oracle::endpoint::Endpoint;
use quilt_tests::oracle::judge::{Judge, Verdict};
use quilt_tests::oracle::population::Population;

use self::wiring::{Plan, Wiring};

/// How often the metrics are looked at.
const SCRAPES: Duration = Duration::from_secs(1);

/// Sends requests of many people through one server, and looks for anything that reaches the wrong one.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many requests.
    #[arg(long, default_value_t = 5_000)]
    requests: u64,
    /// How many are under way at once.
    #[arg(long, default_value_t = 512)]
    together: usize,
    /// How many people.
    #[arg(long, default_value_t = 200)]
    people: usize,
    /// In how many tenants.
    #[arg(long, default_value_t = 50)]
    tenants: usize,
    /// Over HTTP, through sockets, instead of in this process. Only the sound server listens on any.
    #[arg(long, conflicts_with = "bug")]
    sockets: bool,
    /// With the exchange reused between requests of one token.
    #[arg(long)]
    reuse: bool,
    /// Which requests are sent follows from it. Without it, from the time.
    #[arg(long, env = "ORACLE_SEED")]
    seed: Option<u64>,
    /// With this part of the server broken; `all` for each in turn.
    #[arg(long)]
    bug: Option<String>,
    /// How often each bug is tried.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    times: u64,
    /// Names every bug.
    #[arg(long)]
    bugs: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(quilt_tests::token::now);
    let mut out = std::io::stdout();
    let result = if arguments.bugs { list(&mut out) } else { run(&arguments, seed, &mut out) };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            let _ = writeln!(out, "the oracle itself failed: {problem}");
            ExitCode::from(3)
        }
    }
}

fn list(out: &mut impl std::io::Write) -> Result<bool> {
    for bug in bugs::ALL {
        writeln!(out, "{}\t{}", bug.name, bug.what)?;
    }
    Ok(true)
}

/// Whether all went as it should: nothing found in the sound server, everything in the broken ones.
fn run(arguments: &Arguments, seed: u64, out: &mut impl std::io::Write) -> Result<bool> {
    let Some(wanted) = &arguments.bug else {
        writeln!(out, "seed {seed}: {} requests, {} at once", arguments.requests, arguments.together)?;
        let (verdict, took) = judged(arguments, seed, None)?;
        let rate = verdict.answers as f64 / took.as_secs_f64();
        writeln!(out, "{verdict}\n{:.1} s, {rate:.0} answers/s", took.as_secs_f64())?;
        return Ok(verdict.is_clean());
    };
    let bugs: Vec<_> = bugs::ALL.iter().filter(|bug| wanted == "all" || wanted == bug.name).collect();
    if bugs.is_empty() {
        return Err(format!("no bug is called {wanted}; --bugs names them").into());
    }
    let mut all_caught = true;
    for bug in bugs {
        let (mut caught, mut longest, mut answers) = (0, Duration::ZERO, 0);
        let mut shown = String::new();
        for time in 0..arguments.times {
            let (verdict, took) = judged(arguments, seed + time, Some(bug))?;
            caught += u64::from(verdict.found > 0);
            (longest, answers) = (longest.max(took), answers.max(verdict.answers));
            shown = verdict.findings.into_iter().next().unwrap_or_default();
        }
        all_caught &= caught == arguments.times;
        let shown: String = shown.lines().next().unwrap_or_default().chars().take(160).collect();
        writeln!(
            out,
            "{}\t{caught}/{}\twithin {answers} answers, {:.1} s\t{shown}",
            bug.name,
            arguments.times,
            longest.as_secs_f64()
        )?;
    }
    Ok(all_caught)
}

/// One run, on a runtime of its own: nothing of it is left for the next.
fn judged(arguments: &Arguments, seed: u64, bug: Option<&bugs::Bug>) -> Result<(Verdict, Duration)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let reuse = arguments.reuse;
        let population = Arc::new(Population::of(arguments.people, arguments.tenants));
        let judge = Judge::new(Arc::clone(&population), reuse);
        wiring::log_to(&judge)?;
        let endpoint = Endpoint::start(Arc::clone(&population), Arc::clone(&judge)).await?;
        let plan = Plan { population: Arc::clone(&population), endpoint, reuse, sockets: arguments.sockets };
        let wiring = Wiring::of(plan, bug).await?;
        let (requests, together) = (arguments.requests, arguments.together);
        let run = Run { seed, requests, together, until_found: bug.is_some() };
        let started = Instant::now();
        let scrape = || judge.reads_metrics(&(wiring.metrics)());
        let mut driven = std::pin::pin!(drive(wiring.door, Arc::clone(&judge), population, run));
        // As Prometheus does, only more often.
        while tokio::time::timeout(SCRAPES, &mut driven)
            .await
            .map_or(Ok(true), |ended| ended.map(|()| false))?
        {
            scrape();
        }
        scrape();
        Ok((judge.verdict(), started.elapsed()))
    });
    runtime.shutdown_background();
    result
}
