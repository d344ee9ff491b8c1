//! Does one piece of a request so many times, for who counts instructions: `it/instructions.rs`, by stepping through it.
//!
//! Nothing is logged here, and the allocator is the system's, which wipes nothing.

mod work;

use std::io::{Write as _, stdin, stdout};

use quilt_tests::Result;

use self::work::Work;

/// Until what is made on first use is made.
const WARM_UP: u32 = 3;

const USAGE: &str = "request-cost CASE TIMES: says `ready`, waits for a line, then does it";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, times] = &arguments[..] else { return Err(USAGE.into()) };
    let times: u32 = times.parse()?;
    let (_, prepare) = work::CASES.iter().find(|(name, _)| name == case).ok_or("no such case")?;
    let mut work: Work = prepare()?;
    for _ in 0..WARM_UP {
        work()?;
    }
    writeln!(stdout(), "ready")?;
    stdin().read_line(&mut String::new())?;
    for _ in 0..times {
        work()?;
    }
    // Without ending what the work stands on, which is not counted.
    std::process::exit(0)
}
