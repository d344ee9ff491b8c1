//! Marks in whatever bytes there are.

use memchr::memmem;

use super::population::{HANDLE, Population, SECRET, TENANT};

/// What somebody reads that is not theirs.
pub(super) enum Foreign {
    /// It stands in something that only its owner may see.
    Secret(usize),
    /// It names somebody whom the reader did not name.
    Handle(usize),
    /// It names another tenant.
    Tenant(String),
}

/// The first thing in `bytes` that is none of `reader`'s, nor of `named`, whom the reader named in the request.
pub(super) fn foreign_to(
    population: &Population,
    reader: usize,
    named: Option<usize>,
    bytes: &[u8],
) -> Option<Foreign> {
    let whose = |mark: &'static str| {
        memmem::find_iter(bytes, mark.as_bytes()).filter_map(move |at| {
            let digits = std::str::from_utf8(bytes.get(at + mark.len()..at + mark.len() + 4)?).ok()?;
            usize::from_str_radix(digits, 16).ok()
        })
    };
    let secret = whose(SECRET).find(|owner| *owner != reader).map(Foreign::Secret);
    let handle =
        || whose(HANDLE).find(|owner| *owner != reader && Some(*owner) != named).map(Foreign::Handle);
    secret.or_else(handle).or_else(|| foreign_tenant(population, reader, named, bytes))
}

/// The first tenant in `bytes` that is neither `reader`'s nor of `named`.
pub(super) fn foreign_tenant(
    population: &Population,
    reader: usize,
    named: Option<usize>,
    bytes: &[u8],
) -> Option<Foreign> {
    let tenant_of = |person: usize| population.people[person].tenant.as_bytes();
    memmem::find_iter(bytes, TENANT.as_bytes())
        .filter_map(|at| bytes.get(at..at + TENANT.len() + 2))
        .find(|tenant| *tenant != tenant_of(reader) && named.is_none_or(|named| *tenant != tenant_of(named)))
        .map(|tenant| Foreign::Tenant(String::from_utf8_lossy(tenant).into_owned()))
}

/// Whether there is a token of a caller's in `bytes`: what follows the first dot of one begins as every JSON object does.
pub(super) fn holds_a_token(bytes: &[u8]) -> bool {
    memmem::find(bytes, b".eyJ").is_some()
}

/// Whether there is anything of anybody's in `bytes`.
pub(super) fn holds_a_secret(bytes: &[u8]) -> bool {
    memmem::find(bytes, SECRET.as_bytes()).is_some()
}
