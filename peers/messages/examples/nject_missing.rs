//! A service asks for what nobody provides.
use nject::{injectable, provider};

#[injectable]
pub struct Auth;

#[injectable]
pub struct Permissions<'req> {
    pub auth: &'req Auth,
}

#[injectable]
pub struct Store;

#[provider]
#[scope(Store)]
pub struct App;

fn main() {
    let scope = App.scope();
    let permissions: Permissions<'_> = scope.provide();
    let _ = permissions.auth;
}
