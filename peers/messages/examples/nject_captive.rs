//! What lives as long as the process asks for what lives as long as a request.
use nject::{injectable, provider};

#[injectable]
pub struct Auth;

#[injectable]
pub struct Cache<'req> {
    pub auth: &'req Auth,
}

#[provider]
#[scope(Auth)]
pub struct App;

fn main() {
    let cache: Cache<'_> = App.provide();
    let _ = cache.auth;
}
