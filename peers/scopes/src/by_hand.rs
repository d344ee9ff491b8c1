//! The framework and the code it is measured against, from its own benchmark; and what only this comparison asks of them.

use std::hint::black_box;
use std::sync::OnceLock;

use quilt_scope::{Scope, Slot, service};

use crate::contenders::work::State;
use crate::contenders::{self, App, by_hand, framework};
use crate::registered::{self, N0};
use crate::{Cannot, Case, Work, eight_times, slowly};

fn in_app(work: contenders::Work) -> Result<Work, Cannot> {
    let app = App::started();
    Ok(Box::new(move || work(black_box(&app))))
}

pub(crate) fn framework(case: Case) -> Result<Work, Cannot> {
    match case {
        Case::Three => in_app(framework::three),
        Case::OneOfThree => in_app(framework::one_of_three),
        Case::OneOfSixteen => in_app(framework::one_of_sixteen),
        Case::Nested => in_app(framework::nested),
        Case::ThreeAsync => in_app(framework::three_async),
        Case::Registered(count) => Ok(registered::one_of(count)),
    }
}

/// A struct of `OnceLock`s that borrow from each other.
pub(crate) fn borrowing(case: Case) -> Result<Work, Cannot> {
    match case {
        Case::Three => in_app(by_hand::three),
        Case::OneOfThree => in_app(by_hand::one_of_three),
        Case::OneOfSixteen => in_app(by_hand::one_of_sixteen),
        Case::Nested => in_app(by_hand::nested),
        Case::ThreeAsync => in_app(by_hand::asynchronous::three),
        Case::Registered(1) => one_of::<1>(),
        Case::Registered(10) => one_of::<10>(),
        Case::Registered(100) => one_of::<100>(),
        Case::Registered(_) => one_of::<1000>(),
    }
}

fn one_of<const N: usize>() -> Result<Work, Cannot> {
    Ok(Box::new(|| {
        let scope: [OnceLock<N0>; N] = [const { OnceLock::new() }; N];
        black_box(&scope)[0].get_or_init(N0::new).state.read()
    }))
}

/// The same, with each asynchronous constructor in a box.
pub(crate) fn boxed(case: Case) -> Result<Work, Cannot> {
    match case {
        Case::ThreeAsync => in_app(by_hand::asynchronous::three_boxed),
        _ => Err("the same as by hand"),
    }
}

/// The same, built once also when two ask together.
pub(crate) fn in_turn(case: Case) -> Result<Work, Cannot> {
    match case {
        Case::ThreeAsync => in_app(by_hand::asynchronous::three_in_turn),
        _ => Err("the same as by hand"),
    }
}

struct Slow {
    state: State,
}

#[service]
impl Slow {
    async fn new() -> Self {
        slowly().await;
        Self { state: State::new() }
    }
}

#[derive(Scope)]
struct SlowApp {}

#[derive(Scope)]
struct SlowRequest<'req> {
    #[scope(parent)]
    app: &'req SlowApp,
    slow: Slot<Slow>,
}

pub(crate) fn eight_by_framework() {
    let app = SlowApp::open();
    eight_times(|| async {
        let scope = SlowRequest::open(&app);
        scope.get::<Slow>().await.map_or(0, |slow| slow.state.read())
    });
}

pub(crate) fn eight_borrowing() {
    eight_times(|| async {
        let slot = OnceLock::new();
        let made = Slow::new().await;
        slot.get_or_init(|| made).state.read()
    });
}
