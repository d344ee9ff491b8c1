//! Three services need each other in a circle.
use nject::{injectable, provider};

#[injectable]
pub struct Auth {
    pub audit: Box<Audit>,
}

#[injectable]
pub struct Audit {
    pub clock: Box<Clock>,
}

#[injectable]
pub struct Clock {
    pub auth: Box<Auth>,
}

#[provider]
#[scope(Auth)]
pub struct App;

fn main() {
    let scope = App.scope();
    let auth: &Auth = scope.provide();
    let _ = &auth.audit;
}
