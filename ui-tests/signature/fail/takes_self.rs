//! A tool is a method.
use quilt_scope::scoped_tool;

pub struct Counter(u32);

impl Counter {
    /// Counts.
    #[scoped_tool]
    pub fn count(&self, limit: u32) -> u32 {
        self.0 + limit
    }
}

fn main() {}
