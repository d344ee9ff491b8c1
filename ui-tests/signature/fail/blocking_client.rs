//! An asynchronous tool waits for an answer in a way that keeps its thread.
use quilt_scope::scoped_tool;

pub mod reqwest {
    pub mod blocking {
        pub fn get(url: &str) -> usize {
            url.len()
        }
    }
}

/// Counts.
#[scoped_tool]
pub async fn count(url: String) -> usize {
    reqwest::blocking::get(&url)
}

fn main() {}
