//! Servers that mix people up, each by one part of the wiring.
//!
//! Every one is a mistake that somebody has made, in this server's predecessor or in a published one, written as a part
//! that fits where the sound one is: a [`Fault`] replaces what it wraps. The product has no switch for any of them.

mod answers;
mod context;
mod credentials;
mod front;
mod identity;
mod rights;
mod watching;
mod workflows;

use std::sync::{Mutex, MutexGuard, PoisonError};

use quilt_mcp::app::App;

use crate::wiring::{Asker, Behind, Front, Scene};

/// A panic in one request must not end the run.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One broken server.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) make: fn() -> Box<dyn Fault>,
}

/// Which parts are replaced. What is not said stays as it is.
pub(crate) trait Fault: Send + Sync {
    fn app(&self, sound: App, _: &Scene) -> App {
        sound
    }

    fn authenticate(&self, sound: Asker, _: &Scene) -> Asker {
        sound
    }

    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        sound
    }

    fn front(&self, sound: Front, _: &Scene) -> Front {
        sound
    }

    fn metrics(&self, sound: String) -> String {
        sound
    }

    /// Whether the configuration lets every tenant name every role.
    fn trusts_any_role(&self) -> bool {
        false
    }
}

macro_rules! bugs {
    ($($name:ident: $what:literal = $make:expr;)*) => {
        /// All of them.
        pub(crate) const ALL: &[Bug] =
            &[$(Bug { name: stringify!($name), what: $what, make: || Box::new($make) },)*];
    };
}

bugs! {
    credentials_for_everybody: "the first caller's grant is exchanged for everybody" = credentials::Cached(|_| String::new());
    credentials_by_tenant: "grants are kept by tenant" = credentials::Cached(|who| who.tenant().to_owned());
    credentials_by_subject: "grants are kept by subject, without issuer and tenant" = credentials::Cached(|who| who.subject().to_owned());
    credentials_by_principal: "grants are kept by principal, so that another role of the same person is not noticed"
        = credentials::Cached(quilt_mcp::domain::principal::Principal::log_hash);
    credentials_ambient: "who has no credentials gets the server's own" = credentials::FallsBack;
    credentials_of_the_server: "completions are looked up with the server's own keys" = credentials::ServersOwn;
    exchange_in_flight: "who comes while an exchange is under way gets its result" = credentials::InFlight::default();
    source_identity_of_the_first: "AWS is told who acts by whoever came first" = credentials::NamedOnce;
    rights_by_bucket: "what is known of a bucket is told to everybody" = rights::Cached(|_, bucket| bucket.to_string());
    rights_by_tenant_and_bucket: "what is known of a bucket is told to the tenant"
        = rights::Cached(|auth, bucket| format!("{} {bucket}", auth.principal().tenant()));
    rights_by_principal_and_bucket: "what is known of a bucket is told to another role of the same person"
        = rights::Cached(|auth, bucket| format!("{} {bucket}", auth.principal().log_hash()));
    workflows_of_everybody: "workflows have no owner" = workflows::Filed(|_| String::new());
    workflows_by_tenant: "workflows are the tenant's" = workflows::Filed(|who| who.tenant().to_owned());
    workflows_by_subject: "workflows are the subject's, whatever the tenant" = workflows::Filed(|who| who.subject().to_owned());
    workflow_list_of_the_tenant: "only the list forgets the owner" = workflows::ListForgets;
    signature_unchecked: "claims are read and the signature is not" = identity::Lenient(identity::Check::Signature);
    expiry_unchecked: "a token is good for ever" = identity::Lenient(identity::Check::Expiry);
    not_before_unchecked: "a token is good before its time" = identity::Lenient(identity::Check::NotBefore);
    audience_unchecked: "a token for another server is good" = identity::Lenient(identity::Check::Audience);
    any_issuers_key: "a key of any issuer is good for every issuer" = identity::Lenient(identity::Check::Issuer);
    any_role: "a tenant may name the roles of another" = identity::AnyRole;
    token_cache_by_prefix: "verified tokens are kept by their first bytes" = identity::Remembered::by(|token, _| token.chars().take(96).collect());
    token_cache_by_short_hash: "verified tokens are kept by a hash of four bits" = identity::Remembered::by(identity::short_hash);
    token_forwarded: "AWS is shown the caller's token" = identity::Forwards;
    identity_of_the_session: "who opened a session is asked for in it, whoever sends" = identity::Remembered::by(identity::session);
    principal_of_the_session: "in a session the name is the opener's, and the credentials are the sender's" = identity::NameOfSession::default();
    identity_of_the_process: "who was verified last is in a variable of the process" = identity::LastVerified::default();
    identity_by_header: "a header says who the user is" = identity::BelievesHeaders::default();
    identity_without_a_token: "who has no token is whoever came last" = identity::LastIfNone::default();
    context_of_the_process: "the call's context is in a variable of the process" = context::InProcess::default();
    context_of_the_thread: "the call's context is in a variable of the thread, kept over an await" = context::InThread;
    context_pooled: "a context that was cancelled goes back to the pool as it is" = context::Pooled::default();
    grant_pooled: "credentials are set before the call and taken away after it, on one shared client" = context::SharedGrant::default();
    request_id_reused: "requests are counted per process and second, and two get one id" = context::SameId::default();
    trace_of_another: "a call is logged and traced as part of the one before" = context::OthersTrace::default();
    progress_of_another: "progress goes to whoever listens last" = context::OthersProgress::default();
    arguments_of_another: "arguments are kept by tool while the caller is looked up" = context::OthersArguments::default();
    answer_by_arguments: "answers are kept by tool and arguments" = answers::Kept::of(|_| true);
    link_cache: "signed links are kept by object" = answers::Kept::of(|tool| tool == "bucket_object_link");
    completion_cache: "completions are kept by what was typed" = answers::Kept::of(|tool| tool == quilt_mcp::tools::COMPLETER);
    resource_cache: "resources are kept by URI" = answers::Kept::of(|tool| tool == "bucket_object_fetch" || tool == "workflow_list_all");
    cursor_with_rights: "a cursor goes on with the rights of whom it was given to" = answers::Cursors::default();
    error_names_another: "an error shows the role of the call before" = answers::TalkativeErrors::default();
    answer_by_message_id: "answers find their callers by the id of the message (CVE-2026-25536)" = front::ById::default();
    answer_swapped: "two answers that are ready at once change places" = front::Swapped::default();
    session_of_another: "who loses a session is given one that is open" = front::Adopted::default();
    log_of_another: "the log names the caller before" = watching::LogsTheLast::default();
    log_of_contents: "the log shows answers" = watching::LogsAnswers;
    metrics_by_user: "a metric has a label for the user" = watching::CountsUsers::default();
}
