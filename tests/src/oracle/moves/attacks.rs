//! What people try who want what is another's.

use serde_json::{Map, Value, json};

use super::{Draft, Expect, recalled};
use crate::oracle::population::signed;
use crate::token::now;

pub(super) fn choose(draft: &mut Draft<'_>) {
    let attack = ATTACKS[draft.random.below(ATTACKS.len())];
    attack(draft);
}

const ATTACKS: &[fn(&mut Draft<'_>)] = &[
    on_anothers_session,
    on_anothers_session,
    on_anothers_session,
    with_anothers_cursor,
    with_anothers_cursor,
    anothers_workflow,
    anothers_workflow,
    delete_anothers_workflow,
    under_anothers_name,
    without_a_token,
    with_an_expired_token,
    with_a_token_signed_by_another,
    with_a_token_for_another_server,
    with_another_issuers_signature,
    with_another_issuers_tenant,
    with_anothers_role,
    with_an_unsigned_token,
    with_a_token_of_tomorrow,
];

/// Something that would show whose rights are used: what everybody's list of workflows holds.
fn list_workflows(draft: &mut Draft<'_>) {
    draft.tool("workflow_list_all", json!({}));
    draft.expect = Expect::Success;
}

fn on_anothers_session(draft: &mut Draft<'_>) {
    draft.about_other();
    list_workflows(draft);
    if let Some(session) = recalled(&draft.memory.sessions[draft.other.number]) {
        draft.session = Some(session);
        draft.refused = true;
        draft.expect = Expect::Status(404);
    }
}

fn with_anothers_cursor(draft: &mut Draft<'_>) {
    draft.about_other();
    let cursor = recalled(&draft.memory.cursors[draft.other.number]).unwrap_or_else(|| "1".to_owned());
    let own = draft.random.once_in(2);
    let bucket = if own { draft.me.bucket() } else { draft.other.bucket() };
    let list =
        json!({"bucket": bucket, "max_keys": 1, "continuation_token": cursor, "include_signed_urls": false});
    draft.tool("bucket_objects_list", list);
    draft.expect_of_aws(if own { Expect::Failure } else { Expect::Refusal(&["access_denied"]) });
}

fn anothers_workflow(draft: &mut Draft<'_>) {
    draft.about_other();
    draft.tool("workflow_get_status", json!({"id": draft.other.kept()}));
    draft.expect = Expect::Refusal(&["not_found"]);
}

fn delete_anothers_workflow(draft: &mut Draft<'_>) {
    draft.about_other();
    draft.tool("workflow_delete", json!({"id": draft.other.kept()}));
    draft.expect = Expect::Refusal(&["not_found"]);
}

/// In headers that proxies set, and that nobody should believe.
fn under_anothers_name(draft: &mut Draft<'_>) {
    draft.about_other();
    list_workflows(draft);
    let name = format!("{}/{}", draft.other.tenant, draft.other.subject);
    draft.headers = vec![("x-forwarded-user", name), ("x-tenant-id", draft.other.tenant.clone())];
}

fn refused_with(draft: &mut Draft<'_>, token: Option<String>) {
    list_workflows(draft);
    (draft.bearer, draft.session) = (token, None);
    draft.refused = true;
    draft.expect = Expect::Status(401);
}

fn without_a_token(draft: &mut Draft<'_>) {
    refused_with(draft, None);
}

fn changed(draft: &mut Draft<'_>, change: impl FnOnce(&mut Map<String, Value>)) {
    let token = draft.memory.population.token(draft.me, change);
    refused_with(draft, Some(token));
}

fn with_an_expired_token(draft: &mut Draft<'_>) {
    changed(draft, |claims| {
        claims.insert("iat".into(), (now() - 7200).into());
        claims.insert("exp".into(), (now() - 3600).into());
    });
}

fn with_a_token_of_tomorrow(draft: &mut Draft<'_>) {
    changed(draft, |claims| {
        claims.insert("nbf".into(), (now() + 3600).into());
    });
}

fn with_a_token_for_another_server(draft: &mut Draft<'_>) {
    changed(draft, |claims| {
        claims.insert("aud".into(), "another-server".into());
    });
}

fn with_a_token_signed_by_another(draft: &mut Draft<'_>) {
    let claims = draft.memory.population.claims(draft.other);
    let issuer = &draft.memory.population.issuers[draft.other.issuer].issuer;
    let stranger = crate::token::TokenMint::new(issuer, "quilt-mcp");
    draft.about_other();
    refused_with(draft, Some(signed(&stranger, &claims)));
}

/// One of the issuers signs what only the other may say.
fn with_another_issuers_signature(draft: &mut Draft<'_>) {
    let population = &draft.memory.population;
    let other_issuer = &population.issuers[1 - draft.other.issuer];
    let token = signed(other_issuer, &population.claims(draft.other));
    draft.about_other();
    refused_with(draft, Some(token));
}

/// One of the issuers vouches for a tenant of the other's, in its own name.
fn with_another_issuers_tenant(draft: &mut Draft<'_>) {
    let population = &draft.memory.population;
    let other_issuer = &population.issuers[1 - draft.other.issuer];
    let mut claims = population.claims(draft.other);
    claims.insert("iss".into(), other_issuer.issuer.clone().into());
    draft.about_other();
    refused_with(draft, Some(signed(other_issuer, &claims)));
}

fn with_anothers_role(draft: &mut Draft<'_>) {
    if draft.other.tenant == draft.me.tenant {
        return anothers_workflow(draft);
    }
    let role = draft.other.role(0);
    draft.about_other();
    changed(draft, |claims| {
        claims.insert("role_arn".into(), role.into());
    });
    draft.tool("bucket_object_text", json!({"s3_uri": draft.other.known_uri()}));
}

fn with_an_unsigned_token(draft: &mut Draft<'_>) {
    let token = draft.memory.population.token(draft.other, |_| ());
    let body = token.split('.').nth(1).unwrap_or_default();
    // {"alg":"none","typ":"JWT"}
    let token = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    draft.about_other();
    refused_with(draft, Some(token));
}
