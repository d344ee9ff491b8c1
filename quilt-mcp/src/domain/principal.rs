//! Who asks, and with what authority.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use super::grant::{Grant, RoleGrant};

/// The tenant of single-user mode.
pub const DEFAULT_TENANT: &str = "default";

/// The verified tenant and user behind a request.
///
/// Two principals are the same only if issuer, tenant and subject are all the same: the same subject at another issuer
/// is somebody else. Equality, hashing and ordering are byte-wise.
///
/// It holds no secret, and is not `Serialize`: what the wire needs of it is written out field by field. Cheap to clone,
/// since a call is counted and limited under it in several places.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal(Arc<Names>);

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Names {
    issuer: String,
    tenant: String,
    subject: String,
}

impl Principal {
    /// The principal that verified claims name. Only `identity` calls this (a test holds it).
    ///
    /// Callers of this have checked the character set: see [`valid_identifier`].
    pub(crate) fn verified(issuer: String, tenant: String, subject: String) -> Self {
        Self::named(issuer, tenant, subject)
    }

    /// The one person of single-user mode.
    pub fn single_user() -> Self {
        Self::named("local".into(), DEFAULT_TENANT.into(), "local".into())
    }

    fn named(issuer: String, tenant: String, subject: String) -> Self {
        Self(Arc::new(Names { issuer, tenant, subject }))
    }

    /// Who vouches for the subject (the token's `iss`), or `local`.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The organisation whose data this is.
    pub fn tenant(&self) -> &str {
        &self.0.tenant
    }

    /// The user within issuer and tenant (the token's `sub`).
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// A name for logs: see [`log_hash`].
    pub fn log_hash(&self) -> String {
        log_hash(self.issuer(), self.tenant(), self.subject())
    }
}

/// A name for logs: stable, the same in every process, and not the user's own name.
/// 16 hexadecimal digits of a SHA-256 over the length-prefixed parts.
pub fn log_hash(issuer: &str, tenant: &str, subject: &str) -> String {
    let mut hash = Sha256::new();
    for part in [issuer, tenant, subject] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..8])
}

/// Logs get the hash, not the name.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("tenant", &self.tenant())
            .field("user", &self.log_hash())
            .finish_non_exhaustive()
    }
}

/// Whether `value` may name a tenant or a subject: 1 to 128 of `A-Z a-z 0-9 . _ : @ | -`.
///
/// Everything else is refused rather than folded, so that no two spellings meet in one principal.
pub fn valid_identifier(value: &str) -> bool {
    (1..=128).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:@|-".contains(&b))
}

/// People whose issuers, tenants and subjects read like each other's once they are joined, folded, cut or composed: each of
/// twelve parts in each place, which makes 1,492,128 pairs of people.
#[cfg(test)]
pub(crate) fn lookalikes() -> Vec<Principal> {
    const PARTS: [&str; 12] =
        ["", "a", "A", "b", ":", "a:b", "b:a", "a\0", "a\0b", "a ", "\u{e4}", "a\u{308}"];
    let whole = |text: &str| text.to_owned();
    let of = |issuer: &str, tenant: &str| {
        let (issuer, tenant) = (whole(issuer), whole(tenant));
        PARTS.map(|subject| Principal::verified(issuer.clone(), tenant.clone(), whole(subject)))
    };
    PARTS.iter().flat_map(|issuer| PARTS.iter().flat_map(move |tenant| of(issuer, tenant))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    #[test]
    fn of_a_million_pairs_no_two_are_taken_for_one() {
        let all = lookalikes();
        assert!(all.len() * (all.len() - 1) / 2 >= 1_000_000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let names = |of: fn(&Principal) -> String| all.iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!(names(Principal::log_hash), all.len());
        // Names that are made without care meet, and it is seen.
        for careless in [
            |who: &Principal| format!("{}:{}:{}", who.issuer(), who.tenant(), who.subject()),
            |who: &Principal| format!("{:?} {:?}", who.tenant(), who.subject()),
            |who: &Principal| format!("{:?}", [who.issuer(), who.tenant(), who.subject()]).to_lowercase(),
            |who: &Principal| {
                let cut = |part: &str| part.split('\0').next().unwrap_or_default().to_owned();
                format!("{:?}", [who.issuer(), who.tenant(), who.subject()].map(cut))
            },
        ] {
            assert!(names(careless) < all.len());
        }
    }

    #[test]
    fn the_log_hash_separates_its_parts() {
        let one = Principal::verified("i".into(), "a:b".into(), "c".into());
        let other = Principal::verified("i".into(), "a".into(), "b:c".into());
        assert_ne!(one.log_hash(), other.log_hash());
    }

    #[test]
    fn debug_does_not_name_the_user() {
        let alice = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
        assert!(!format!("{alice:?}").contains("alice"));
    }
}
