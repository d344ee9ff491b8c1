//! What an accessor answers with is kept for the next request.
use quilt_scope::{scoped_tool};

pub struct Auth {
    pub key: String,
}

static KEPT: std::sync::OnceLock<&'static Auth> = std::sync::OnceLock::new();

#[scoped_tool(accessors(auth_service: Auth))]
fn count() -> usize {
    KEPT.get_or_init(|| auth_service()).key.len()
}

fn main() {}
