#!/bin/sh
# Instructions for each case of the benchmark, and the ratio to hand-written code. Needs valgrind.
#
# (Ir(1100) - Ir(100)) / 1000: what starts and ends the process cancels out. Unlike time, this is the same on a busy
# machine.
set -eu
cd "$(dirname "$0")/../.."

cargo build --quiet --profile bench -p quilt-scope-cost
cost=${CARGO_TARGET_DIR:-target}/release/quilt-scope-cost

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cost" run "$1" "$2" "$3" 2>&1 |
        sed -n 's/.*Collected *: *//p'
}

"$cost" list | {
    printf '%-16s %-16s %12s %6s\n' case contender instructions ratio
    first=1
    while read -r case contender; do
        each=$((($(instructions "$case" "$contender" 1100) - $(instructions "$case" "$contender" 100)) / 1000))
        [ "$contender" != by-hand ] || first=$each
        printf '%-16s %-16s %12d %6s\n' "$case" "$contender" "$each" "$(echo "scale=2; $each / $first" | bc)"
    done
}
