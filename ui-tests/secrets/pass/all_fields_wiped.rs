//! Wiped, borrowed, or no secret.
use quilt_scope::{Secrets, service};
use zeroize::Zeroizing;

pub struct Principal(pub String);

#[derive(Secrets)]
pub struct Session<'req> {
    pub principal: &'req Principal,
    pub token: Zeroizing<String>,
    pub key: Option<Box<Zeroizing<[u8; 32]>>>,
    #[secrets(none)]
    pub region: String,
}

#[service(secrets)]
impl<'req> Session<'req> {
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal, token: Zeroizing::new(principal.0.clone()), key: None, region: "eu".to_owned() }
    }
}

#[derive(Secrets)]
pub struct Token(pub Zeroizing<Vec<u8>>);

fn main() {}
