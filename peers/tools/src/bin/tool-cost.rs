//! `tool-cost run WHO TIMES`, `tool-cost time ROUNDS`

use std::io::Write as _;
use std::time::Instant;

use tools::{Bench, Result, WHO};

fn main() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let _entered = runtime.enter();
    let bench = Bench::open();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", who, times] => {
            let (_, answer) = WHO.iter().find(|(name, _)| name == who).ok_or("nobody of that name")?;
            for _ in 0..times.parse()? {
                bench.once(*answer);
            }
            Ok(())
        }
        ["time", rounds] => time(&bench, rounds.parse()?),
        _ => Err("tool-cost run WHO TIMES, tool-cost time ROUNDS".into()),
    }
}

/// Everybody has a turn in each round; the fastest counts.
fn time(bench: &Bench, rounds: u32) -> Result {
    const BATCH: u32 = 500;
    let mut fastest = [f64::INFINITY; WHO.len()];
    for _ in 0..rounds {
        for (i, (_, answer)) in WHO.iter().enumerate() {
            let start = Instant::now();
            for _ in 0..BATCH {
                bench.once(*answer);
            }
            fastest[i] = fastest[i].min(start.elapsed().as_nanos() as f64 / f64::from(BATCH));
        }
    }
    let mut out = std::io::stdout().lock();
    for ((who, _), fastest) in WHO.iter().zip(fastest) {
        writeln!(out, "{who}\t{fastest:.0}")?;
    }
    Ok(())
}
