//! STS and IAM: what they say to a form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::StatusCode;

use super::keys::{Issued, KeyRing};
use crate::oracle::population::{ACCOUNT, Person, Population, REVOKED};

/// The fields of a form.
pub(super) type Form = BTreeMap<String, String>;

pub(super) fn read_form(body: &[u8]) -> Form {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// A key for the role that is asked for, and whose role that is; or a refusal.
pub(super) fn assume_role(
    population: &Population,
    keys: &KeyRing,
    form: &Form,
    number: u64,
) -> (Option<(usize, usize)>, StatusCode, String) {
    let role = form.get("RoleArn").and_then(|arn| population.whose_role(arn));
    let Some((person, hat)) = role.filter(|(_, hat)| *hat != REVOKED) else {
        return (role, StatusCode::FORBIDDEN, error("AccessDenied", "the role may not be assumed"));
    };
    let (id, secret, token) = keys.issue(person, hat, number);
    let session = form.get("RoleSessionName").map(String::as_str).unwrap_or_default();
    let arn = session_arn(&population.people[person], hat, session);
    let xml = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>\
         <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>{arn}</Arn>\
         <AssumedRoleId>AROA:{session}</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
    );
    (role, StatusCode::OK, xml)
}

pub(super) fn caller_identity(population: &Population, issued: Issued) -> String {
    let arn = session_arn(&population.people[issued.person], issued.hat, "session");
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{arn}</Arn><UserId>AROA:session</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>"
    )
}

/// What the policies of a role say about the objects of a bucket.
pub(super) fn simulate(population: &Population, issued: Issued, form: &Form) -> String {
    let resource = form.get("ResourceArns.member.1").map(String::as_str).unwrap_or_default();
    let own = population.whose(resource) == Some(issued.person);
    let mut members = String::new();
    for (_, action) in form.iter().filter(|(name, _)| name.starts_with("ActionNames.member.")) {
        let allowed = own && (issued.hat == 0 || action == "s3:GetObject");
        let decision = if allowed { "allowed" } else { "implicitDeny" };
        let _ = write!(
            members,
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision></member>"
        );
    }
    format!(
        "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>{members}</EvaluationResults>\
         </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
}

pub(super) fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>oracle</RequestId></ErrorResponse>"
    )
}

fn session_arn(person: &Person, hat: usize, session: &str) -> String {
    let role = person.role(hat).replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    format!("{role}/{session}")
}
