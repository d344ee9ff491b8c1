//! Done by hand, as one would without a framework: services in `OnceLock`s, lent to each other.

pub(crate) mod asynchronous;

use std::hint::black_box;
use std::sync::OnceLock;

use crate::contenders::App;
use crate::contenders::framework::Ninth;
use crate::contenders::services::{Auth, Permissions, Workflows};

struct Request<'req> {
    app: &'req App,
    workflows: OnceLock<Workflows<'req>>,
    permissions: OnceLock<Permissions<'req>>,
    auth: OnceLock<Auth>,
}

impl<'req> Request<'req> {
    #[inline]
    fn open(app: &'req App) -> Self {
        Self { app, workflows: OnceLock::new(), permissions: OnceLock::new(), auth: OnceLock::new() }
    }

    #[inline]
    fn auth(&'req self) -> &'req Auth {
        self.auth.get_or_init(Auth::new)
    }

    #[inline]
    fn permissions(&'req self) -> &'req Permissions<'req> {
        self.permissions.get_or_init(|| Permissions::new(self.auth()))
    }

    #[inline]
    fn workflows(&'req self) -> &'req Workflows<'req> {
        self.workflows.get_or_init(|| Workflows::new(self.permissions(), self.app.store()))
    }
}

struct Outer<'req> {
    app: &'req App,
    auth: OnceLock<Auth>,
}

impl<'req> Outer<'req> {
    #[inline]
    fn auth(&'req self) -> &'req Auth {
        self.auth.get_or_init(Auth::new)
    }
}

struct Inner<'req, 'step> {
    outer: &'req Outer<'req>,
    workflows: OnceLock<Workflows<'step>>,
    permissions: OnceLock<Permissions<'step>>,
}

impl<'step> Inner<'_, 'step> {
    #[inline]
    fn permissions(&'step self) -> &'step Permissions<'step> {
        self.permissions.get_or_init(|| Permissions::new(self.outer.auth()))
    }

    #[inline]
    fn workflows(&'step self) -> &'step Workflows<'step> {
        self.workflows.get_or_init(|| Workflows::new(self.permissions(), self.outer.app.store()))
    }
}

/// Only the ninth is asked for; the others are there to be opened and dropped.
#[derive(Default)]
struct Sixteen {
    slots: [OnceLock<Ninth>; 16],
}

pub(crate) fn three(app: &App) -> usize {
    let scope = Request::open(app);
    scope.workflows().read()
}

pub(crate) fn one_of_three(app: &App) -> usize {
    let scope = Request::open(app);
    scope.auth().state.read()
}

pub(crate) fn one_of_sixteen(app: &App) -> usize {
    black_box(app);
    let scope = Sixteen::default();
    scope.slots[8].get_or_init(Ninth::new).state.read()
}

pub(crate) fn nested(app: &App) -> usize {
    let outer = Outer { app, auth: OnceLock::new() };
    let inner = Inner { outer: &outer, workflows: OnceLock::new(), permissions: OnceLock::new() };
    inner.workflows().read()
}
