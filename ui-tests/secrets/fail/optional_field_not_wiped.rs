//! A secret that may be there stays in memory too.
use quilt_scope::Secrets;

#[derive(Secrets)]
pub struct Session<'req> {
    pub principal: &'req str,
    pub token: Option<Vec<u8>>,
    #[secrets(none)]
    pub region: String,
}

fn main() {}
