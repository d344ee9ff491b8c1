//! What literals may be, they may be.
use quilt_scope::scoped_tool;

pub const MOST: u32 = 1000;

/// Lists.
#[scoped_tool(read_only, idempotent, title = "List things", name = "list-things")]
pub fn list(
    /// How many.
    #[default(100)]
    #[range(1..=MOST)]
    limit: u32,
    #[default(-5)]
    #[range(-10..=10)]
    shift: i32,
    #[default(0.5)]
    #[range(0.0..=1.0)]
    share: f64,
    #[default(true)] deep: bool,
    #[default("a".to_owned())]
    #[pattern("^[a-z]+$")]
    name: String,
    #[range(1..=9)] page: Option<u8>,
    #[default(vec!["a".to_owned()])]
    #[length(1..=MOST as usize)]
    labels: Vec<String>,
    #[length(0..=9)] note: Option<String>,
) -> String {
    format!("{limit}{shift}{share}{deep}{name}{page:?}{labels:?}{note:?}")
}

fn main() {}
