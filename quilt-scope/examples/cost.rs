//! Does one case of the benchmark so many times, for a profiler that counts instructions: `benches/instructions.sh`.
//!
//! `cost <case> <contender> <iterations>`, or `cost list`.

#[path = "../benches/scope/contenders.rs"]
mod contenders;

use std::hint::black_box;
use std::io::Write as _;

use contenders::{App, CASES};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => list().map_err(|error| error.to_string()),
        [case, contender, iterations] => run(case, contender, iterations),
        _ => Err("give a case, who does it, and iterations; `list` lists the first two".to_owned()),
    }
}

fn list() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (case, contenders) in CASES {
        for (contender, _) in contenders {
            writeln!(out, "{case} {contender}")?;
        }
    }
    Ok(())
}

fn run(case: &str, contender: &str, iterations: &str) -> Result<(), String> {
    let work = CASES
        .iter()
        .filter(|(name, _)| *name == case)
        .flat_map(|(_, contenders)| *contenders)
        .find(|(name, _)| *name == contender)
        .map(|(_, work)| work)
        .ok_or_else(|| format!("no `{case}` by `{contender}`"))?;
    let iterations: u32 = iterations.parse().map_err(|error| format!("iterations: {error}"))?;
    let app = App::started();
    for _ in 0..iterations {
        black_box(work(black_box(&app)));
    }
    Ok(())
}
