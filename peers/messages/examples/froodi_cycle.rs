//! Three services need each other in a circle.
use std::sync::Arc;

use froodi::DefaultScope::Request;
use froodi::{Container, Inject, registry};

pub struct Auth {
    pub audit: Arc<Audit>,
}

pub struct Audit {
    pub clock: Arc<Clock>,
}

pub struct Clock {
    pub auth: Arc<Auth>,
}

fn main() {
    let _ = Container::new(registry! {
        scope(Request) [
            provide(|Inject(audit): Inject<Audit>| Ok(Auth { audit })),
            provide(|Inject(clock): Inject<Clock>| Ok(Audit { clock })),
            provide(|Inject(auth): Inject<Auth>| Ok(Clock { auth })),
        ],
    });
}
