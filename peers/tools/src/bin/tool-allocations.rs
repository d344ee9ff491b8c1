//! What one call asks of the allocator, with what it is given and what it answers. A program of its own, since the allocator
//! that counts is slower.

use std::io::Write as _;

use tools::{Bench, Result, WHO};

fn main() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let _entered = runtime.enter();
    let bench = Bench::open();
    let mut out = std::io::stdout().lock();
    for (who, answer) in WHO {
        bench.once(answer);
        let counted = allocation_counter::measure(|| bench.once(answer));
        writeln!(out, "{who}\t{}", counted.count_total)?;
    }
    Ok(())
}
