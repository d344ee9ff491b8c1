//! The words that series are told apart by: closed sets, so that no caller can make the number of series grow.

use std::fmt::{self, Write as _};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use quilt_scope::EndedBy;

use crate::error::ErrorCode;
use crate::identity::AuthError;

macro_rules! label {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the series.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
                encoder.write_str(self.as_str())
            }
        }
    };
}

label! {
    /// How a request's scope ended.
    ScopeEnd {
        /// The tool returned, well or not.
        Finished = "finished",
        /// The caller cancelled, or the deadline passed.
        Stopped = "stopped",
        /// The tool panicked.
        Panicked = "panicked",
        /// Its future was dropped, so that nothing was tidied. Should not happen.
        Abandoned = "abandoned",
    }
}

impl From<EndedBy> for ScopeEnd {
    fn from(end: EndedBy) -> Self {
        match end {
            EndedBy::Finished => Self::Finished,
            EndedBy::Stopped => Self::Stopped,
            EndedBy::Panicked => Self::Panicked,
            EndedBy::Dropped => Self::Abandoned,
        }
    }
}

label! {
    /// How a call ended.
    CallOutcome {
        /// With a result.
        Ok = "ok",
        /// With an error that the caller was told.
        Failed = "failed",
        /// The caller's rights did not allow it.
        Denied = "denied",
        /// The caller cancelled.
        Cancelled = "cancelled",
        /// The deadline passed.
        TimedOut = "timed_out",
        /// A fault of this server.
        Fault = "fault",
    }
}

label! {
    /// How an exchange of a token for AWS credentials ended.
    ExchangeOutcome {
        /// With credentials.
        Ok = "ok",
        /// AWS refused.
        Denied = "denied",
        /// AWS did not answer, or not well.
        Failed = "failed",
    }
}

label! {
    /// How a fetch of an issuer's keys ended.
    FetchOutcome {
        /// With keys.
        Ok = "ok",
        /// Without.
        Failed = "failed",
    }
}

label! {
    /// What a registry said when it was asked whether it knows the bearer of a token.
    QuestionOutcome {
        /// It does.
        Known = "known",
        /// It does not.
        Unknown = "unknown",
        /// Nothing of use.
        Unanswered = "unanswered",
    }
}

impl EncodeLabelValue for AuthError {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.write_str(self.as_str())
    }
}

impl EncodeLabelValue for ErrorCode {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.write_str(self.as_str())
    }
}

label! {
    /// A limit that a request is refused for before it is a call.
    Limit {
        /// Requests of one principal over time.
        PrincipalRate = "principal_rate",
        /// Requests of a tenant over time.
        TenantRate = "tenant_rate",
        /// Sessions of one principal.
        PrincipalSessions = "principal_sessions",
        /// Sessions of all.
        AllSessions = "all_sessions",
    }
}

label! {
    /// What somebody tried to use that is another's.
    Trespass {
        /// A session that another principal has open.
        Session = "session",
        /// A token that no issuer made so: altered, signed by a stranger, or choosing how it is checked.
        ForgedToken = "forged_token",
        /// A token that was made for another service, for another purpose, or by an issuer of others.
        ForeignToken = "foreign_token",
        /// A tenant that the token's issuer does not vouch for.
        Tenant = "tenant",
        /// A role that the token's tenant may not use.
        Role = "role",
        /// More than one token in a request.
        SeveralTokens = "several_tokens",
    }
}

label! {
    /// What was wanted of the store.
    StoreWork {
        /// To look.
        Read = "read",
        /// To change something, durably.
        Write = "write",
    }
}

label! {
    /// How the store's work ended.
    StoreOutcome {
        /// As wanted.
        Done = "done",
        /// With a no.
        Refused = "refused",
        /// Another process held the file.
        Busy = "busy",
        /// There was no room.
        Full = "full",
        /// The file is not what it has to be.
        Damaged = "damaged",
        /// Otherwise.
        Failed = "failed",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct EndLabel {
    pub(super) how: ScopeEnd,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ServiceLabel {
    pub(super) service: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct GroupLabel {
    pub(super) group: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct CallLabel {
    pub(super) tool: &'static str,
    pub(super) outcome: CallOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ExchangeLabel {
    pub(super) outcome: ExchangeOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReasonLabel {
    pub(super) reason: AuthError,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct LimitLabel {
    pub(super) limit: Limit,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct TrespassLabel {
    pub(super) on: Trespass,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct CodeLabel {
    pub(super) code: ErrorCode,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct StoreLabel {
    pub(super) work: StoreWork,
    pub(super) outcome: StoreOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WorkLabel {
    pub(super) work: StoreWork,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct VersionLabel {
    pub(super) version: &'static str,
}
