//! What lives as long as the process asks for what lives as long as a request.
use std::sync::Arc;

use froodi::{Container, Inject, Scope, ScopeData, Scopes, StaticScope, registry};

pub struct Auth;

pub struct Cache {
    pub auth: Arc<Auth>,
}

// froodi's own scopes are values and are compared when the container is made; these are types.
macro_rules! scope {
    ($scope:ident, $priority:expr, $name:literal) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $scope;

        impl From<$scope> for ScopeData {
            fn from(_: $scope) -> Self {
                $scope::DATA
            }
        }

        impl Scopes<1> for $scope {
            type Scope = ScopeData;

            fn all() -> (Self::Scope, [Self::Scope; 1]) {
                (App::DATA, [Request::DATA])
            }
        }

        impl StaticScope for $scope {
            const DATA: ScopeData =
                ScopeData { priority: $priority, name: $name, is_skipped_by_default: false };
        }
    };
}

scope!(App, 0, "app");
scope!(Request, 1, "request");

fn main() {
    let _ = Container::new_with_start_scope(
        registry! {
            provide(Request, || Ok(Auth)),
            provide(App, |Inject(auth): Inject<Auth>| Ok(Cache { auth })),
        },
        App,
    );
}
