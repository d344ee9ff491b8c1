#!/bin/sh
# Instructions for each case of the benchmark, and the ratio to hand-written code. Needs valgrind.
#
# (Ir(1100) - Ir(100)) / 1000: what starts and ends the process cancels out. Unlike time, this is the same on a busy
# machine.
set -eu
cd "$(dirname "$0")/../.."

cargo build --quiet --profile bench -p quilt-scope --example cost
cost=${CARGO_TARGET_DIR:-target}/release/examples/cost

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cost" "$1" "$2" "$3" 2>&1 |
        sed -n 's/.*Collected *: *//p'
}

each() {
    echo $((($(instructions "$1" "$2" 1100) - $(instructions "$1" "$2" 100)) / 1000))
}

printf '%-16s %8s %12s %6s\n' case by-hand quilt-scope ratio
for case in three one-of-three one-of-sixteen three-async; do
    by_hand=$(each $case by-hand)
    ours=$(each $case quilt-scope)
    printf '%-16s %8d %12d %6s\n' $case "$by_hand" "$ours" "$(echo "scale=2; $ours / $by_hand" | bc)"
done
