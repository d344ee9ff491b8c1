//! How long a service lives, and which scope may hold it.

mod sealed {
    pub trait Sealed {}
}

/// How long a service lives. Sealed: [`Singleton`], [`RequestScoped`], [`Transient`].
pub trait Lifetime: sealed::Sealed {
    /// For people.
    const NAME: &'static str;
    /// Whether nearly all who ask find it built.
    #[doc(hidden)]
    const MOSTLY_BUILT: bool = false;
}

/// As long as the process, in a root scope. `'static`, and holds nothing that belongs to a caller.
#[derive(Debug)]
pub enum Singleton {}

/// As long as one scope: built at most once in it, on first use.
#[derive(Debug)]
pub enum RequestScoped {}

/// Built anew at each ask.
#[derive(Debug)]
pub enum Transient {}

impl sealed::Sealed for Singleton {}
impl sealed::Sealed for RequestScoped {}
impl sealed::Sealed for Transient {}

impl Lifetime for Singleton {
    const NAME: &'static str = "singleton";
    const MOSTLY_BUILT: bool = true;
}

impl Lifetime for RequestScoped {
    const NAME: &'static str = "request-scoped";
}

impl Lifetime for Transient {
    const NAME: &'static str = "transient";
}

/// A scope that may keep services of lifetime `L`, this one among them. Implemented by `#[derive(Scope)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot keep `{Service}`, a {L} service",
    label = "a {L} service does not belong in `{Self}`",
    note = "a scope without a parent lives as long as the process: write `#[service(singleton)]` for what it keeps, and \
            plain `#[service]` for what a scope with a `#[scope(parent)]` keeps, or move the field to the other scope"
)]
pub trait Keeps<L: Lifetime, Service> {}

/// A service of this lifetime belongs in a `Slot`, which builds it once. Sealed.
#[diagnostic::on_unimplemented(
    message = "a `Slot` builds its service once, and this one is to be built at each ask",
    label = "a transient service does not belong in a `Slot`",
    note = "write `Transient<..>` for the field, or plain `#[service]` on the constructor"
)]
pub trait BuiltOnce: Lifetime {}

#[diagnostic::do_not_recommend]
impl BuiltOnce for Singleton {}
#[diagnostic::do_not_recommend]
impl BuiltOnce for RequestScoped {}

/// A service of this lifetime belongs in a field `Transient`, which builds it at each ask. Sealed.
#[diagnostic::on_unimplemented(
    message = "a field `Transient` builds its service at each ask, and this one is to be built once",
    label = "only a transient service belongs in a `Transient`",
    note = "write `Slot<..>` for the field, or `#[service(transient)]` on the constructor"
)]
pub trait BuiltAtEachAsk: Lifetime {}

#[diagnostic::do_not_recommend]
impl BuiltAtEachAsk for Transient {}

/// `Service`, which `Narrower` keeps, may be held in `Wider`, the scope that `Narrower` opens under. Nothing implements this.
///
/// The condition under which `#[derive(Scope)]` tells the parent scope about the services of its child
/// ([`HeldIn`](crate::HeldIn)).
///
/// The lifetime is there because a condition without any parameter would be refused where it is written, not where it
/// is needed. `Narrower` is there because several kinds of scope may open under one parent and keep the same service:
/// the conditions of each have to differ. And it is said of nobody, `()`, because all that matters is in the parameters.
#[doc(hidden)]
pub trait Outlives<'req, Service: ?Sized, Wider: ?Sized, Narrower: ?Sized> {}
