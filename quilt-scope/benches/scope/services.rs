//! The services of the cases: plain types, built by the framework and by hand alike.

use quilt_scope::service;

use crate::contenders::work::State;

pub(crate) struct Store {
    pub(crate) state: State,
}

#[service(singleton)]
impl Store {
    pub(crate) fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct Auth {
    pub(crate) state: State,
}

#[service]
impl Auth {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct Permissions<'req> {
    pub(crate) auth: &'req Auth,
    pub(crate) state: State,
}

#[service]
impl<'req> Permissions<'req> {
    #[inline]
    pub(crate) fn new(auth: &'req Auth) -> Self {
        Self { auth, state: State::new() }
    }
}

pub(crate) struct Workflows<'req> {
    permissions: &'req Permissions<'req>,
    store: &'req Store,
    pub(crate) state: State,
}

#[service]
impl<'req> Workflows<'req> {
    #[inline]
    pub(crate) fn new(permissions: &'req Permissions<'req>, store: &'req Store) -> Self {
        Self { permissions, store, state: State::new() }
    }

    #[inline]
    pub(crate) fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}

/// The same three with asynchronous constructors that do not have to wait.
pub(crate) struct AsyncAuth {
    pub(crate) state: State,
}

#[service]
impl AsyncAuth {
    #[inline]
    pub(crate) async fn new() -> Self {
        Self { state: State::new() }
    }
}

pub(crate) struct AsyncPermissions<'req> {
    pub(crate) auth: &'req AsyncAuth,
    pub(crate) state: State,
}

#[service]
impl<'req> AsyncPermissions<'req> {
    #[inline]
    pub(crate) async fn new(auth: &'req AsyncAuth) -> Self {
        Self { auth, state: State::new() }
    }
}

pub(crate) struct AsyncWorkflows<'req> {
    permissions: &'req AsyncPermissions<'req>,
    store: &'req Store,
    pub(crate) state: State,
}

#[service]
impl<'req> AsyncWorkflows<'req> {
    #[inline]
    pub(crate) async fn new(permissions: &'req AsyncPermissions<'req>, store: &'req Store) -> Self {
        Self { permissions, store, state: State::new() }
    }

    #[inline]
    pub(crate) fn read(&self) -> usize {
        self.permissions.auth.state.read()
            + self.permissions.state.read()
            + self.store.state.read()
            + self.state.read()
    }
}
