//! The framework's behaviour at run time: once-ness, order, cancellation, panic, hygiene.
//!
//! Nothing here waits for time to pass: futures are polled by hand and constructors stand before doors that the test
//! opens.

mod accessors;
mod arguments;
mod census;
mod child;
mod closing;
mod concurrency;
mod container;
mod failing;
mod graph;
mod hygiene;
mod hygiene_of_options;
mod journal;
mod lazy;
mod leaking;
mod lengths;
mod observing;
mod once;
mod overriding;
mod running;
mod schema;
#[cfg(target_os = "linux")]
mod waiting;
