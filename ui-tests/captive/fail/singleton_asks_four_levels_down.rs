//! A singleton asks for a service of a scope four levels below: request, step, page, line.
use quilt_scope::{Scope, Slot, service};

pub struct Line {
    pub number: u32,
}

#[service]
impl Line {
    pub fn new() -> Self {
        Self { number: 1 }
    }
}

pub struct Cache {
    pub number: u32,
}

#[service(singleton)]
impl Cache {
    pub fn new(line: &Line) -> Self {
        Self { number: line.number }
    }
}

#[derive(Scope)]
pub struct App {
    cache: Slot<Cache>,
}

#[derive(Scope)]
pub struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
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
}

#[derive(Scope)]
pub struct LineScope<'req> {
    #[scope(parent)]
    page: &'req PageScope<'req>,
    line: Slot<Line>,
}

fn main() {}
