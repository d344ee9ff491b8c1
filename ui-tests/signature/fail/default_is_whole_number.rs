//! The default is a whole number and the parameter has a fraction.
use quilt_scope::scoped_tool;

/// Counts.
#[scoped_tool]
pub fn count(#[default(1)] share: f64) -> f64 {
    share
}

fn main() {}
