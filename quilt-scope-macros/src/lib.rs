//! Entry points of the macros. They are documented where `quilt-scope` re-exports them, so that examples compile.
//!
//! Each macro is a pipeline of three stages with three types: what was written (`parse`), what is right about it
//! (`check`), and what it becomes (`expand`). Independent mistakes are all reported, and after a mistake the user's own
//! item is still emitted, so that nothing else turns red.

mod attributes;
mod diagnostics;
mod injected;
mod lifetimes;
mod paths;
mod scope;
mod scoped_tool;
mod secrets;
mod service;
mod tool_set;

#[cfg(test)]
mod expanded;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented where quilt-scope re-exports it")]
#[proc_macro_attribute]
pub fn scoped_tool(options: TokenStream, item: TokenStream) -> TokenStream {
    scoped_tool::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where quilt-scope re-exports it")]
#[proc_macro_attribute]
pub fn service(options: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where quilt-scope re-exports it")]
#[proc_macro_derive(Secrets, attributes(secrets))]
pub fn derive_secrets(item: TokenStream) -> TokenStream {
    secrets::expand(item.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn tool_set(tokens: TokenStream) -> TokenStream {
    tool_set::expand(tokens.into()).into()
}

#[expect(missing_docs, reason = "documented where quilt-scope re-exports it")]
#[proc_macro_derive(Scope, attributes(scope))]
pub fn derive_scope(item: TokenStream) -> TokenStream {
    scope::expand(item.into()).into()
}
