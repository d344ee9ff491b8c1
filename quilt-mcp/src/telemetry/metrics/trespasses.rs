//! Attempts on what is another's, as far as they can be told from mistakes.
//!
//! Most refusals are nobody's fault: tokens expire, sessions end with the server that kept them, rights are missing. What is
//! counted here no honest client that is set up rightly comes to by itself: a live session that somebody else opened, a token
//! that was altered or made up, one that was made for another service, tenant or role, two tokens of which somebody in front may
//! have checked the other. So one of them is reason enough to look, and the log says of which request.
//!
//! Names in a caller's own namespace are not among it: who asks for a workflow that only another has asks for one that is not
//! there, and nothing looks whose it would be. Neither is what AWS refuses: that is counted as a call that was denied.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::labels::{Trespass, TrespassLabel};
use crate::identity::AuthError;

impl Trespass {
    /// What somebody tries whose request is refused for this reason, if that is no mistake.
    pub const fn of(reason: AuthError) -> Option<Self> {
        match reason {
            AuthError::BadSignature | AuthError::WrongAlgorithm | AuthError::HeaderRefused => {
                Some(Self::ForgedToken)
            }
            AuthError::WrongAudience | AuthError::WrongType | AuthError::UnknownIssuer => {
                Some(Self::ForeignToken)
            }
            AuthError::TenantNotAllowed => Some(Self::Tenant),
            AuthError::RoleNotAllowed => Some(Self::Role),
            AuthError::SeveralTokens => Some(Self::SeveralTokens),
            AuthError::NoToken
            | AuthError::NotBearer
            | AuthError::UnexpectedToken
            | AuthError::TooLong
            | AuthError::Malformed
            | AuthError::BadClaims
            // A key that was made a moment ago, or taken back.
            | AuthError::UnknownKey
            // Whether it was made up, or belongs to somebody who has left, the registry does not say.
            | AuthError::NotVouchedFor
            | AuthError::RegistrySilent
            | AuthError::RegistryBusy
            | AuthError::Expired
            | AuthError::NotYetValid
            | AuthError::LivesTooLong
            | AuthError::BadIdentifier
            | AuthError::BadRole
            | AuthError::BadSessionTags
            | AuthError::InsufficientScope => None,
        }
    }
}

/// How many there were.
#[derive(Default)]
pub(super) struct TrespassFigures(Family<TrespassLabel, Counter>);

impl TrespassFigures {
    pub(super) fn add(&self, on: Trespass, number: u64) {
        self.0.get_or_create(&TrespassLabel { on }).inc_by(number);
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        for on in Trespass::ALL {
            drop(self.0.get_or_create(&TrespassLabel { on: *on }));
        }
        registry.register(
            "trespasses",
            "Refused attempts on what is another's, by what that is",
            self.0.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_no_trespasses() {
        let all: Vec<_> = AuthError::ALL.iter().filter_map(|reason| Trespass::of(*reason)).collect();
        assert_eq!(all.len(), 9);
        for on in Trespass::ALL.iter().filter(|on| **on != Trespass::Session) {
            assert!(all.contains(on), "{on:?} comes of no refusal");
        }
        for mistake in [
            AuthError::NoToken,
            AuthError::Expired,
            AuthError::UnknownKey,
            AuthError::Malformed,
            AuthError::NotVouchedFor,
        ] {
            assert_eq!(Trespass::of(mistake), None);
        }
    }
}
