//! Does one case of the benchmark so many times, for somebody who counts instructions: `steps.c` by stepping through it,
//! `quilt-scope/benches/instructions.sh` with valgrind.

#[path = "../../quilt-scope/benches/scope/contenders.rs"]
mod contenders;
mod tool;
mod twin;

use std::error::Error;
use std::hint::black_box;
use std::io::{Write as _, stdin, stdout};

use contenders::{App, Case};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const CASES: [Case; 7] = [
    contenders::CASES[0],
    contenders::CASES[1],
    contenders::CASES[2],
    contenders::CASES[3],
    contenders::CASES[4],
    ("tool", &[("by-hand", tool::by_hand), ("quilt-scope", tool::by_framework)]),
    // What must be caught: the framework, made a little slower.
    ("twin", &[("by-hand", contenders::by_hand::three), ("quilt-scope", twin::three)]),
];

const USAGE: &str = "cost list
cost run CASE CONTENDER TIMES
cost step CASE CONTENDER TIMES: says `ready`, waits for a line, then does it";

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => list(),
        ["run", case, contender, times] => run(case, contender, times.parse()?, false),
        ["step", case, contender, times] => run(case, contender, times.parse()?, true),
        _ => Err(USAGE.into()),
    }
}

fn list() -> Result {
    let mut out = stdout().lock();
    for (case, contenders) in CASES {
        for (contender, _) in contenders {
            writeln!(out, "{case} {contender}")?;
        }
    }
    Ok(())
}

fn run(case: &str, contender: &str, times: u32, wait: bool) -> Result {
    let (_, contenders) = CASES.iter().find(|(name, _)| *name == case).ok_or("no such case")?;
    let (_, work) = contenders.iter().find(|(name, _)| *name == contender).ok_or("no such contender")?;
    let app = App::started();
    if wait {
        // Once before, so that what is made on first use is made.
        black_box(work(black_box(&app)));
        writeln!(stdout(), "ready")?;
        stdin().read_line(&mut String::new())?;
    }
    for _ in 0..times {
        black_box(work(black_box(&app)));
    }
    Ok(())
}
