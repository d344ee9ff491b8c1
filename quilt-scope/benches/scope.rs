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
    for (case, by_hand, by_framework) in CASES {
        let mut group = criterion.benchmark_group(case);
        group.bench_function("by-hand", |bencher| bencher.iter(|| by_hand(black_box(&app))));
        group.bench_function("quilt-scope", |bencher| bencher.iter(|| by_framework(black_box(&app))));
        group.finish();
    }
}

criterion_group!(scope, cases);
criterion_main!(scope);
