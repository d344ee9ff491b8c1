//! What `hygiene` does for the macros and options that it has not: secrets, accessors, a whole input, lengths, trait
//! objects and lists of what is inherited. Once where nothing is what it seems, once with the crate reached by another path.

use serde_json::json;

/// Where `renamed` finds the crate.
pub(crate) mod reexported {
    pub(crate) mod deeply {
        pub(crate) use ::quilt_scope::*;
    }
}

/// Derived here, for what serde and schemars expand to is theirs.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Words {
    words: String,
}

pub(crate) struct Principal(&'static str);

#[no_implicit_prelude]
#[expect(dead_code, unused_macros, reason = "what is declared here exists to be in the way")]
mod without_prelude {
    use super::{Principal, Words};

    // What expansions might mean by accident.
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod zeroize {}
    struct Option;
    struct Result;
    struct Vec;
    struct Box;
    struct Fn;
    struct Sized;
    struct Copy;
    struct Clone;
    struct Drop;
    struct Into;
    struct Iterator;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Length;
    struct Lazy;
    struct Slot;
    struct Secrets;
    macro_rules! panic {
        () => {};
    }

    pub(super) trait Region: ::std::marker::Sync {
        fn region(&self) -> &str;
    }

    #[derive(::quilt_scope::Secrets)]
    pub(super) struct Session<'req> {
        principal: &'req Principal,
        token: ::zeroize::Zeroizing<::std::string::String>,
        #[secrets(none)]
        region: ::std::string::String,
    }

    #[::quilt_scope::service(secrets, no_prelude)]
    impl<'req> Session<'req> {
        fn new(principal: &'req Principal) -> Self {
            let token = ::zeroize::Zeroizing::new(::std::string::String::new());
            Self { principal, token, region: ::std::borrow::ToOwned::to_owned("eu") }
        }
    }

    impl Region for Session<'_> {
        fn region(&self) -> &str {
            &self.region
        }
    }

    #[derive(::quilt_scope::Scope)]
    #[scope(no_prelude)]
    pub(super) struct App {}

    #[derive(::quilt_scope::Scope)]
    #[scope(no_prelude)]
    pub(super) struct RequestScope<'req> {
        #[scope(parent)]
        app: &'req App,
        #[scope(seed)]
        principal: Principal,
        #[scope(provides = dyn Region)]
        session: ::quilt_scope::Slot<Session<'req>>,
    }

    /// For somebody else, in the same region.
    #[derive(::quilt_scope::Scope)]
    #[scope(no_prelude)]
    pub(super) struct StepScope<'req, 'step> {
        #[scope(parent, inherits(dyn Region))]
        request: &'req RequestScope<'req>,
        #[scope(seed)]
        principal: Principal,
        lives: ::std::marker::PhantomData<&'step ()>,
    }

    #[::quilt_scope::scoped_tools(accessors(session: Session<'_>, place: &dyn Region))]
    pub(super) mod tools {
        use super::{Region, Session, Words};

        /// Whose words, and where.
        #[::quilt_scope::scoped_tool(read_only)]
        pub(crate) async fn say(#[params] given: Words) -> ::std::string::String {
            ::std::format!("{} {} {}", session().principal.0, given.words, here())
        }

        /// How long a name is.
        #[::quilt_scope::scoped_tool]
        pub(crate) fn long(
            #[length(1..=9)] name: ::std::string::String,
            #[length(0..=2)] others: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ) -> usize {
            ::std::mem::drop(others);
            here().len() + name.len()
        }

        fn here() -> ::std::string::String {
            ::std::borrow::ToOwned::to_owned(place().region())
        }
    }

    pub(super) fn table() -> ::quilt_scope::ToolSet<RequestScope<'static>> {
        ::quilt_scope::tool_set![RequestScope<'static>: tools::say, tools::long]
    }
}

mod renamed {
    use super::reexported::deeply as framework;
    use super::{Principal, Words};
    use framework::{Slot, ToolSet, tool_set};

    pub(super) trait Region: Sync {
        fn region(&self) -> &str;
    }

    #[derive(framework::Secrets)]
    #[secrets(crate = crate::hygiene_of_options::reexported::deeply)]
    pub(super) struct Session<'req> {
        principal: &'req Principal,
        token: zeroize::Zeroizing<String>,
        #[secrets(none)]
        region: String,
    }

    #[framework::service(secrets, crate = crate::hygiene_of_options::reexported::deeply)]
    impl<'req> Session<'req> {
        fn new(principal: &'req Principal) -> Self {
            Self { principal, token: zeroize::Zeroizing::new(String::new()), region: "eu".to_owned() }
        }
    }

    impl Region for Session<'_> {
        fn region(&self) -> &str {
            if self.token.is_empty() { &self.region } else { "nowhere" }
        }
    }

    #[derive(framework::Scope)]
    #[scope(crate = crate::hygiene_of_options::reexported::deeply)]
    pub(super) struct App {}

    #[derive(framework::Scope)]
    #[scope(crate = crate::hygiene_of_options::reexported::deeply)]
    pub(super) struct RequestScope<'req> {
        #[scope(parent)]
        app: &'req App,
        #[scope(seed)]
        principal: Principal,
        #[scope(provides = dyn Region)]
        session: Slot<Session<'req>>,
    }

    /// For somebody else, in the same region.
    #[derive(framework::Scope)]
    #[scope(crate = crate::hygiene_of_options::reexported::deeply)]
    pub(super) struct StepScope<'req, 'step> {
        #[scope(parent, inherits(dyn Region))]
        request: &'req RequestScope<'req>,
        #[scope(seed)]
        principal: Principal,
        lives: std::marker::PhantomData<&'step ()>,
    }

    #[framework::scoped_tools(crate = crate::hygiene_of_options::reexported::deeply, accessors(session: Session<'_>, place: &dyn Region))]
    pub(super) mod tools {
        use super::{Region, Session, Words, framework};

        /// Whose words, and where.
        #[framework::scoped_tool(crate = crate::hygiene_of_options::reexported::deeply)]
        pub(crate) async fn say(#[params] given: Words) -> String {
            format!("{} {} {}", session().principal.0, given.words, here())
        }

        /// How long a name is.
        #[framework::scoped_tool(crate = crate::hygiene_of_options::reexported::deeply)]
        pub(crate) fn long(
            #[length(1..=9)] name: String,
            #[length(0..=2)] others: Option<Vec<String>>,
        ) -> usize {
            here().len() + name.len() + others.map_or(0, |others| others.len())
        }

        fn here() -> String {
            place().region().to_owned()
        }
    }

    pub(super) fn table() -> ToolSet<RequestScope<'static>> {
        tool_set![tools::say, tools::long]
    }
}

fn arguments(value: &serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    value.as_object().cloned().expect("it is an object")
}

#[test]
fn without_a_prelude_and_with_the_usual_names_taken() {
    use crate::journal::now;
    use without_prelude::{App, Region, RequestScope, StepScope, table};

    let (tools, app) = (table(), App::open());
    let scope = RequestScope::open(&app, Principal("ada"));
    let call =
        |name: &str, value| now(tools.call(name, &scope, arguments(&value)).expect("it is in the set")).ok();
    assert_eq!(call("say", json!({"words": "says"})), Some("ada says eu".into()));
    assert_eq!(call("long", json!({"name": "ada"})), Some(5.into()));
    assert_eq!(call("long", json!({"name": ""})), None);
    let step = StepScope::open(&scope, Principal("grace"));
    assert_eq!(now(step.get::<Principal>()).map(|principal| principal.0).ok(), Some("grace"));
    assert_eq!(
        now(step.get::<dyn Region>()).map(|place| place.region().to_owned()).ok().as_deref(),
        Some("eu")
    );
}

#[test]
fn with_the_crate_reached_by_another_path() {
    use crate::journal::now;
    use renamed::{App, Region, RequestScope, StepScope, table};

    let (tools, app) = (table(), App::open());
    let scope = RequestScope::open(&app, Principal("ada"));
    let call =
        |name: &str, value| now(tools.call(name, &scope, arguments(&value)).expect("it is in the set")).ok();
    assert_eq!(call("say", json!({"words": "says"})), Some("ada says eu".into()));
    assert_eq!(call("long", json!({"name": "ada", "others": ["x"]})), Some(6.into()));
    assert_eq!(call("long", json!({"name": "ada", "others": ["x", "y", "z"]})), None);
    let step = StepScope::open(&scope, Principal("grace"));
    assert_eq!(now(step.get::<Principal>()).map(|principal| principal.0).ok(), Some("grace"));
    assert_eq!(
        now(step.get::<dyn Region>()).map(|place| place.region().to_owned()).ok().as_deref(),
        Some("eu")
    );
}
