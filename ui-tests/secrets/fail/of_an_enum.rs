//! The fields of an enum are not checked.
use quilt_scope::Secrets;

#[derive(Secrets)]
pub enum Session {
    Open(String),
}

fn main() {}
