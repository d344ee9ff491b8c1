//! Numbered services, and a scope of ours with 1, 10, 100 or 1,000 of them.

use crate::contenders::work::State;
use crate::{Case, Work};

include!(concat!(env!("OUT_DIR"), "/numbered.rs"));

macro_rules! services {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        $(
            pub(crate) struct $service {
                pub(crate) state: State,
            }

            #[quilt_scope::service]
            impl $service {
                #[inline]
                pub(crate) fn new() -> Self {
                    Self { state: State::new() }
                }
            }

            const _: fn(&$service) -> usize = |service| service.state.read();
        )*
    };
}

each_of_1000!(services);

macro_rules! scope {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {
        use quilt_scope::{Scope, Slot};

        #[derive(Scope)]
        pub(crate) struct App {}

        #[derive(Scope)]
        pub(crate) struct Request<'req> {
            #[scope(parent)]
            app: &'req App,
            $($field: Slot<super::$service>,)*
        }

        pub(crate) fn one() -> crate::Work {
            let app = App::open();
            Box::new(move || {
                let scope = Request::open(std::hint::black_box(&app));
                let Ok(Ok(service)) = scope.get::<super::N0>().try_now() else { return 0 };
                service.state.read()
            })
        }
    };
}

mod one {
    super::each_of_1!(scope);
}
mod ten {
    super::each_of_10!(scope);
}
mod hundred {
    super::each_of_100!(scope);
}
mod thousand {
    super::each_of_1000!(scope);
}

pub(crate) fn one_of(count: usize) -> Work {
    match count {
        1 => one::one(),
        10 => ten::one(),
        100 => hundred::one(),
        1000 => thousand::one(),
        _ => unreachable!("{:?} is no case", Case::Registered(count)),
    }
}
