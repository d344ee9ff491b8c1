//! What an accessor answers with is moved into a task that may outlive the request.
use quilt_scope::{scoped_tool};

pub struct Auth {
    pub key: String,
}

#[scoped_tool(accessors(auth_service: Auth))]
async fn count() -> usize {
    let auth = auth_service();
    tokio::spawn(async move { auth.key.len() });
    0
}

fn main() {}
