//! Other dependency-injection crates, and what axum's users do without one.

pub(crate) mod dill;
pub(crate) mod extensions;
pub(crate) mod ferrunix;
pub(crate) mod froodi;
pub(crate) mod froodi_async;
pub(crate) mod more_di;
pub(crate) mod nject;
pub(crate) mod rudi;
pub(crate) mod shaku;
