//! Several answers of a scope as one.

use crate::ready::Ready;

/// A tuple of answers. They are all asked for before any is awaited, so asynchronous ones are built side by side.
pub trait Join<'req> {
    /// The tuple of what they answer.
    type Output;

    /// One answer of all.
    fn join(self) -> Ready<'req, Self::Output>;
}

impl<'req> Join<'req> for () {
    type Output = ();
    #[inline]
    fn join(self) -> Ready<'req, ()> {
        Ready::now(())
    }
}

macro_rules! join_tuples {
    ($($name:ident)+) => {
        impl<'req, $($name: Send + 'req),+> Join<'req> for ($(Ready<'req, $name>,)+) {
            type Output = ($($name,)+);

            #[expect(non_snake_case, reason = "a type parameter and its value go by one name in this macro")]
            #[inline]
            fn join(self) -> Ready<'req, Self::Output> {
                let ($($name,)+) = self;
                match ($($name.try_now(),)+) {
                    ($(Ok(Ok($name)),)+) => Ready::now(($($name,)+)),
                    ($($name,)+) => {
                        $(let $name = Ready::from_attempt($name);)+
                        Ready::later(async move { futures_util::try_join!($($name),+) })
                    }
                }
            }
        }
    };
}

join_tuples!(A);
join_tuples!(A B);
join_tuples!(A B C);
join_tuples!(A B C D);
join_tuples!(A B C D E);
join_tuples!(A B C D E F);
join_tuples!(A B C D E F G);
join_tuples!(A B C D E F G H);
join_tuples!(A B C D E F G H I);
join_tuples!(A B C D E F G H I J);
join_tuples!(A B C D E F G H I J K);
join_tuples!(A B C D E F G H I J K L);
