//! The embedded IAM: one call, by which a role asks what it may do. The answer comes from what the S3 enforces.

use std::fmt::Write as _;

use http::StatusCode;
use http::request::Parts;

use super::access::would_allow;
use super::keys::{Caller, KeyRing};
use super::signature;
use super::sts::{Fault, Form, envelope};

const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The answer to a request whose whole body has been read.
pub(super) fn answer(parts: &Parts, body: &[u8], keys: &KeyRing) -> Result<String, Fault> {
    let caller = signature::verify(parts, body, "iam", keys)?;
    let form = Form::parse(body);
    match form.get("Action") {
        Some("SimulatePrincipalPolicy") => simulate(&caller, &form),
        _ => Err(Fault::denied("the demo's IAM answers SimulatePrincipalPolicy only")),
    }
}

fn simulate(caller: &Caller, form: &Form) -> Result<String, Fault> {
    const ACTIONS: &str = "ActionNames.member.";
    const RESOURCES: &str = "ResourceArns.member.";

    let Caller::Session { role, .. } = caller else {
        return Err(Fault::denied("the MCP server's own key has no role to ask about"));
    };
    if form.get("PolicySourceArn") != Some(role.arn().as_str()) {
        return Err(Fault::denied("a role of the demo may ask about itself only"));
    }
    // To ignore a field would answer another question than was asked.
    let understood = |name: &str| {
        matches!(name, "Action" | "Version" | "PolicySourceArn")
            || name.starts_with(ACTIONS)
            || name.starts_with(RESOURCES)
    };
    if !form.names().all(understood) {
        return Err(invalid("the demo's IAM takes PolicySourceArn, ActionNames and ResourceArns only"));
    }
    let actions = form.members(ACTIONS);
    if actions.is_empty() || !actions.iter().all(|action| is_s3_action(action)) {
        return Err(invalid("ActionNames must name S3 actions, such as s3:GetObject"));
    }
    let mut resources = form.members(RESOURCES);
    if resources.is_empty() {
        resources.push("*");
    }

    let mut members = String::new();
    for action in actions {
        for resource in &resources {
            let decision = if would_allow(caller, action, resource) { "allowed" } else { "implicitDeny" };
            write!(
                members,
                "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{}</EvalResourceName>\
                 <EvalDecision>{decision}</EvalDecision></member>",
                escaped(resource)
            )
            .expect("writing to a string");
        }
    }
    let result = format!("<IsTruncated>false</IsTruncated><EvaluationResults>{members}</EvaluationResults>");
    Ok(envelope(XMLNS, "SimulatePrincipalPolicy", &result))
}

/// Nothing in such a name means anything in XML.
fn is_s3_action(action: &str) -> bool {
    action
        .strip_prefix("s3:")
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const fn invalid(message: &'static str) -> Fault {
    Fault { status: StatusCode::BAD_REQUEST, code: "InvalidInput", message }
}
