//! Counting live scopes and their age.

use std::time::{Duration, Instant};

use quilt_scope::Census;

/// The census counts in whole microseconds.
const ROUNDING: Duration = Duration::from_micros(2);

#[test]
fn counts_who_is_in_and_who_ever_was() {
    let census = Census::new();
    assert_eq!((census.opened(), census.live(), census.oldest()), (0, 0, None));
    let first = census.enter();
    let second = census.enter();
    assert_eq!((census.opened(), census.live()), (2, 2));
    drop(first);
    assert_eq!((census.opened(), census.live()), (2, 1));
    drop(second);
    assert_eq!((census.opened(), census.live(), census.oldest()), (2, 0, None));
}

#[test]
fn knows_how_long_the_oldest_has_been_in() {
    let census = Census::new();
    let first = census.enter();
    let between = Instant::now();
    while between.elapsed() < Duration::from_millis(1) {
        std::hint::spin_loop();
    }
    let before_second = Instant::now();
    let second = census.enter();

    let at_least = between.elapsed();
    assert!(census.oldest().is_some_and(|oldest| oldest + ROUNDING >= at_least), "the first is the oldest");
    drop(first);
    let oldest = census.oldest();
    let at_most = before_second.elapsed();
    assert!(oldest.is_some_and(|oldest| oldest <= at_most + ROUNDING), "then the second is");
    drop(second);
}

#[test]
fn beyond_its_places_it_still_counts() {
    let census = Census::new();
    let many = u64::try_from(Census::PLACES).expect("it fits") + 100;
    let inside: Vec<_> = (0..many).map(|_| census.enter()).collect();
    assert_eq!((census.opened(), census.live()), (many, many));
    assert!(census.oldest().is_some());
    drop(inside);
    assert_eq!((census.opened(), census.live(), census.oldest()), (many, 0, None));
}

#[test]
fn threads_enter_and_leave_at_once() {
    let census = Census::new();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..1000 {
                    let inside = census.enter();
                    assert!((1..=4).contains(&census.live()));
                    drop(inside);
                }
            });
        }
    });
    assert_eq!((census.opened(), census.live(), census.oldest()), (4000, 0, None));
}
