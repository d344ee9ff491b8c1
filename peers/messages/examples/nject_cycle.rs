//! Three services need each other in a circle.
use nject::{inject, injectable, provider};

#[inject(|audit: Audit| Self { audit: Box::new(audit) })]
pub struct Auth {
    pub audit: Box<Audit>,
}

#[inject(|clock: Clock| Self { clock: Box::new(clock) })]
pub struct Audit {
    pub clock: Box<Clock>,
}

#[inject(|auth: Auth| Self { auth: Box::new(auth) })]
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
