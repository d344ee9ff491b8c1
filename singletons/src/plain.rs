//! Types that hold plain data and nothing that changes.

use syn::Type;

const PLAIN: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64",
];

/// Whether a value of this type cannot change while it is shared: numbers, texts, and references, arrays and tuples of them.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => PLAIN.iter().any(|plain| path.path.is_ident(plain)),
        Type::Reference(reference) => reference.mutability.is_none() && is_plain(&reference.elem),
        Type::Array(array) => is_plain(&array.elem),
        Type::Slice(slice) => is_plain(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Paren(inner) => is_plain(&inner.elem),
        Type::Group(inner) => is_plain(&inner.elem),
        _ => false,
    }
}
