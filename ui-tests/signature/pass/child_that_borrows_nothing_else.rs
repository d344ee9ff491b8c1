//! A child whose services do not mention its lifetime says so with a marker.
use std::marker::PhantomData;

use quilt_scope::Scope;

#[derive(Scope)]
pub struct App {}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
}

#[derive(Scope)]
pub struct StepScope<'req, 'step> {
    #[scope(parent)]
    request: &'req RequestScope<'req>,
    #[scope(seed)]
    number: u32,
    lives: PhantomData<&'step ()>,
}

pub async fn handle(app: &App) -> Option<u32> {
    let request = RequestScope::open(app);
    let step = StepScope::open(&request, 1);
    step.get::<u32>().await.ok().copied()
}

fn main() {}
