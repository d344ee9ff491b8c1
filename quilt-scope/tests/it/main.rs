//! The framework's behaviour at run time: once-ness, order, cancellation, panic, hygiene.

mod container;
