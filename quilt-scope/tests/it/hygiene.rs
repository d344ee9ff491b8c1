//! Expansions work where nothing is what it seems: no prelude, names of the standard library taken, the crate reached
//! by another path. That a path given by `crate = ..` is the only one used is tested in `quilt-scope-macros`.

/// Where `renamed` finds the crate.
pub(crate) mod reexported {
    pub(crate) mod deeply {
        pub(crate) use ::quilt_scope::*;
    }
}

#[no_implicit_prelude]
#[expect(dead_code, unused_macros, reason = "what is declared here exists to be in the way")]
mod without_prelude {
    // What expansions might mean by accident.
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod alloc {}
    pub(super) mod serde {}
    pub(super) mod serde_json {}
    pub(super) mod schemars {}
    struct Option;
    struct Result;
    struct Vec;
    struct Box;
    struct String;
    struct Default;
    struct Ready;
    struct Service;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Send;
    struct Sync;
    struct Future;
    macro_rules! unreachable {
        () => {};
    }

    pub(super) struct Clock(pub(super) u32);

    #[::quilt_scope::service(singleton, no_prelude)]
    impl Clock {
        fn new(start: &u32) -> Self {
            Self(*start)
        }
    }

    pub(super) struct Auth<'req> {
        clock: &'req Clock,
    }

    #[::quilt_scope::service(close = end, no_prelude)]
    impl<'req> Auth<'req> {
        async fn new(clock: &'req Clock) -> ::std::result::Result<Self, ::quilt_scope::BoxError> {
            ::std::result::Result::Ok(Self { clock })
        }

        async fn end(&self) {}
    }

    pub(super) struct Each<'req> {
        auth: ::quilt_scope::Lazy<'req, Auth<'req>>,
    }

    #[::quilt_scope::service(transient, no_prelude)]
    impl<'req> Each<'req> {
        fn new(
            auth: ::quilt_scope::Lazy<'req, Auth<'req>>,
        ) -> ::std::result::Result<Self, ::quilt_scope::BoxError> {
            ::std::result::Result::Ok(Self { auth })
        }
    }

    #[derive(::quilt_scope::Scope)]
    #[scope(no_prelude)]
    pub(super) struct App {
        #[scope(seed)]
        start: u32,
        clock: ::quilt_scope::Slot<Clock>,
    }

    #[derive(::quilt_scope::Scope)]
    #[scope(no_prelude)]
    pub(super) struct RequestScope<'req> {
        #[scope(parent)]
        app: &'req App,
        each: ::quilt_scope::Transient<Each<'req>>,
        auth: ::quilt_scope::Slot<Auth<'req>>,
    }

    /// What time it is.
    #[::quilt_scope::scoped_tool(read_only)]
    pub(super) async fn time(
        auth: &Auth<'_>,
        each: &Each<'_>,
        /// Added to it.
        #[default(1)]
        #[range(0..=9)]
        later: u32,
        #[pattern("^[a-z]*$")] zone: ::std::option::Option<::std::string::String>,
    ) -> ::std::result::Result<u32, ::quilt_scope::ScopeError> {
        ::std::mem::drop(zone);
        let same = each.auth.get().await?;
        ::std::result::Result::Ok(auth.clock.0 + later + same.clock.0)
    }

    pub(super) fn tools() -> ::quilt_scope::ToolSet<RequestScope<'static>> {
        ::quilt_scope::tool_set![RequestScope<'static>: time]
    }
}

#[test]
fn without_a_prelude_and_with_the_usual_names_taken() {
    use crate::journal::now;

    let tools = without_prelude::tools();
    let app = without_prelude::App::open(20);
    let scope = without_prelude::RequestScope::open(&app);
    let answer = now(tools.call("time", &scope, serde_json::Map::new()).expect("it is in the set"));
    assert_eq!(answer.ok(), Some(41.into()));
}

mod renamed {
    use super::reexported::deeply as framework;
    use framework::{Slot, ToolSet, tool_set};

    pub(super) struct Clock(u32);

    #[framework::service(crate = crate::hygiene::reexported::deeply)]
    impl Clock {
        async fn new(start: &u32) -> Result<Self, framework::BoxError> {
            Ok(Self(*start))
        }
    }

    #[derive(framework::Scope)]
    #[scope(crate = crate::hygiene::reexported::deeply)]
    pub(super) struct App {
        #[scope(seed)]
        start: u32,
    }

    #[derive(framework::Scope)]
    #[scope(crate = crate::hygiene::reexported::deeply)]
    pub(super) struct RequestScope<'req> {
        #[scope(parent)]
        app: &'req App,
        clock: Slot<Clock>,
    }

    /// What time it is.
    #[framework::scoped_tool(crate = crate::hygiene::reexported::deeply)]
    pub(super) fn time(clock: &Clock, #[range(0..=9)] later: u32) -> u32 {
        clock.0 + later
    }

    pub(super) fn tools() -> ToolSet<RequestScope<'static>> {
        tool_set![RequestScope<'static>: time]
    }
}

#[test]
fn with_the_crate_reached_by_another_path() {
    use crate::journal::now;

    let tools = renamed::tools();
    let app = renamed::App::open(20);
    let scope = renamed::RequestScope::open(&app);
    let arguments = serde_json::json!({"later": 2}).as_object().cloned().expect("it is an object");
    let answer = now(tools.call("time", &scope, arguments).expect("it is in the set"));
    assert_eq!(answer.ok(), Some(22.into()));
}

/// Parameters may be called what the expansion might call its own.
mod names {
    use quilt_scope::{Scope, ToolSet, scoped_tool, tool_set};

    #[derive(Scope)]
    pub(super) struct App {}

    #[derive(Scope)]
    pub(super) struct RequestScope<'req> {
        #[scope(parent)]
        app: &'req App,
        #[scope(seed)]
        scope: u8,
    }

    /// Adds them all.
    #[scoped_tool]
    pub(super) fn call(scope: &u8, arguments: u8, raw: u8, r#type: u8, value: u8) -> u8 {
        scope + arguments + raw + r#type + value
    }

    pub(super) fn tools() -> ToolSet<RequestScope<'static>> {
        tool_set![RequestScope<'static>: call]
    }
}

#[test]
fn parameters_may_have_any_name() {
    use crate::journal::now;

    let tools = names::tools();
    let app = names::App::open();
    let scope = names::RequestScope::open(&app, 1);
    let arguments = serde_json::json!({"arguments": 1, "raw": 1, "type": 1, "value": 1});
    let arguments = arguments.as_object().cloned().expect("it is an object");
    let answer = now(tools.call("call", &scope, arguments).expect("it is in the set"));
    assert_eq!(answer.ok(), Some(5.into()));
}
