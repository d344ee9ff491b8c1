//! A narrower scope keeps a service that the scope two above it keeps as well, and both are in use.
use quilt_scope::{Scope, Slot, service};

pub struct Clock {
    pub now: u64,
}

#[service]
impl Clock {
    pub fn new() -> Self {
        Self { now: 0 }
    }
}

pub struct Page<'step> {
    pub clock: &'step Clock,
}

#[service]
impl<'step> Page<'step> {
    pub fn new(clock: &'step Clock) -> Self {
        Self { clock }
    }
}

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    clock: Slot<Clock>,
}

#[derive(Scope)]
pub struct StepScope<'req> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
}

#[derive(Scope)]
pub struct PageScope<'req> {
    #[scope(parent)]
    step: &'req StepScope<'req>,
    page: Slot<Page<'req>>,
    clock: Slot<Clock>,
}

pub async fn handle(app: &App) -> u64 {
    let request = RequestScope::open(app);
    let step = StepScope::open(&request);
    let page = PageScope::open(&step);
    let now = page.get::<Clock>().await.map_or(0, |clock| clock.now);
    now + request.get::<Clock>().await.map_or(0, |clock| clock.now)
}

fn main() {}
