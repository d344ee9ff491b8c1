//! The work that is measured, done by the framework and by hand.
//!
//! A request authenticates, looks up permissions (which need the authentication) and workflows (which need the
//! permissions and a store of the whole process). Each service owns 64 bytes and one small heap string.
//!
//! What the framework may cost is measured against what one would write without it: services in `OnceLock`s that borrow
//! from each other.

pub(crate) mod by_hand;
pub(crate) mod framework;
pub(crate) mod services;
pub(crate) mod work;

pub(crate) use framework::App;

/// A way to do some work once.
pub(crate) type Work = fn(&App) -> usize;

/// A case by its name, and who does it, each by name. The first is what the others are compared with.
pub(crate) type Case = (&'static str, &'static [(&'static str, Work)]);

pub(crate) const CASES: [Case; 5] = [
    ("three", &[("by-hand", by_hand::three), ("quilt-scope", framework::three)]),
    ("one-of-three", &[("by-hand", by_hand::one_of_three), ("quilt-scope", framework::one_of_three)]),
    ("one-of-sixteen", &[("by-hand", by_hand::one_of_sixteen), ("quilt-scope", framework::one_of_sixteen)]),
    ("nested", &[("by-hand", by_hand::nested), ("quilt-scope", framework::nested)]),
    (
        "three-async",
        &[
            ("by-hand", by_hand::asynchronous::three),
            ("by-hand-boxed", by_hand::asynchronous::three_boxed),
            ("by-hand-in-turn", by_hand::asynchronous::three_in_turn),
            ("quilt-scope", framework::three_async),
        ],
    ),
];
