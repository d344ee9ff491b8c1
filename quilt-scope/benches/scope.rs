//! What it costs to open a scope and ask for services, against the same written by hand.
//!
//! `cargo bench -p quilt-scope`. On a busy machine instructions are the better measure: `benches/instructions.sh`.

#[path = "scope/contenders.rs"]
mod contenders;

use std::hint::black_box;

use contenders::{App, CASES};
use criterion::{Criterion, criterion_group, criterion_main};

fn cases(criterion: &mut Criterion) {
    let app = App::started();
    for (case, contenders) in CASES {
        let mut group = criterion.benchmark_group(case);
        for (contender, work) in contenders {
            group.bench_function(*contender, |bencher| bencher.iter(|| work(black_box(&app))));
        }
        group.finish();
    }
}

criterion_group!(scope, cases);
criterion_main!(scope);
