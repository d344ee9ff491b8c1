//! How often each contender asks for memory in each case: a line each. A program of its own, for counting costs instructions.

use std::io::Write as _;

use allocation_counter::measure;
use scopes::{CASES, CONTENDERS};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, case) in CASES {
        for contender in CONTENDERS {
            let Ok(work) = (contender.prepare)(case) else { continue };
            work();
            let count = measure(|| {
                std::hint::black_box(work());
            });
            writeln!(out, "{name}\t{}\t{}\t{}", contender.name, count.count_total, count.bytes_total)?;
        }
    }
    Ok(())
}
