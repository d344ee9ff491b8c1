//! Services that hold secrets, and fields that are wiped.

use zeroize::ZeroizeOnDrop;

/// A type whose secrets are all wiped when it is dropped. Implemented by [`#[derive(Secrets)]`](derive@crate::Secrets).
///
/// `#[service(secrets)]` asks for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is declared to hold secrets, and nothing shows that they are wiped",
    label = "its fields are not checked",
    note = "write `#[derive(quilt_scope::Secrets)]` on `{Self}`, which checks each field"
)]
pub trait Secrets {
    /// Each field is, or it does not compile.
    #[doc(hidden)]
    fn assert_wiped();
}

/// A field that wipes its memory when it is dropped: all that is `zeroize::ZeroizeOnDrop`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not wiped on drop",
    label = "what it holds stays in memory after its request",
    note = "hold it as `zeroize::Zeroizing<{Self}>` or in a type of `secrecy`, or say that it holds no secret: \
            `#[secrets(none)]`"
)]
pub trait Wiped {
    /// It is.
    fn assert() {}
}

#[diagnostic::do_not_recommend]
impl<T: ZeroizeOnDrop + ?Sized> Wiped for T {}
