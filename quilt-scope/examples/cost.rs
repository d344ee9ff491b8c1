//! Does one case of the benchmark so many times, for a profiler that counts instructions: `benches/instructions.sh`.
//!
//! `cost <case> <by-hand|quilt-scope> <iterations>`

#[path = "../benches/scope/contenders.rs"]
mod contenders;

use std::hint::black_box;

use contenders::{App, CASES};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, contender, iterations] = &arguments[..] else {
        let known: Vec<_> = CASES.iter().map(|(case, ..)| *case).collect();
        return Err(format!(
            "give a case (one of {}), `by-hand` or `quilt-scope`, iterations",
            known.join(", ")
        ));
    };
    let (_, by_hand, by_framework) =
        CASES.into_iter().find(|(name, ..)| name == case).ok_or_else(|| format!("no case `{case}`"))?;
    let work = match &**contender {
        "by-hand" => by_hand,
        "quilt-scope" => by_framework,
        other => return Err(format!("no contender `{other}`")),
    };
    let iterations: u32 = iterations.parse().map_err(|error| format!("iterations: {error}"))?;
    let app = App::started();
    for _ in 0..iterations {
        black_box(work(black_box(&app)));
    }
    Ok(())
}
