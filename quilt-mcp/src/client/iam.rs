//! IAM: what a caller's policies say.

use std::fmt;

use aws_sdk_iam::types::PolicyEvaluationDecisionType;

use super::failure::{self, Target};
use crate::error::ToolError;

/// IAM in a caller's name.
pub struct IamClient {
    client: aws_sdk_iam::Client,
}

/// What the policies of an identity say to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyDecision {
    /// They allow it.
    Allowed,
    /// They forbid it.
    Denied,
    /// They do not mention it. A resource's own policy could still allow it.
    NotAllowed,
}

impl IamClient {
    pub(super) fn new(client: aws_sdk_iam::Client) -> Self {
        Self { client }
    }

    /// What the policies of `source_arn` say to each of `actions` on `resource_arn`, in the order of `actions`; `None`
    /// where IAM gives no answer. Nothing is done: IAM only evaluates.
    ///
    /// # Errors
    ///
    /// The caller may not ask (`iam:SimulatePrincipalPolicy`), or IAM does not answer.
    pub async fn simulate(
        &self,
        source_arn: &str,
        actions: &[&str],
        resource_arn: &str,
    ) -> Result<Vec<Option<PolicyDecision>>, ToolError> {
        let answer = self
            .client
            .simulate_principal_policy()
            .policy_source_arn(source_arn)
            .set_action_names(Some(actions.iter().map(|&action| action.to_owned()).collect()))
            .resource_arns(resource_arn)
            .send()
            .await
            .map_err(|error| failure::of_operation("ask IAM about your policies", Target::Account, &error))?;
        let results = answer.evaluation_results.unwrap_or_default();
        let decide = |action: &&str| {
            let result = results.iter().find(|result| result.eval_action_name() == *action)?;
            match result.eval_decision() {
                PolicyEvaluationDecisionType::Allowed => Some(PolicyDecision::Allowed),
                PolicyEvaluationDecisionType::ExplicitDeny => Some(PolicyDecision::Denied),
                PolicyEvaluationDecisionType::ImplicitDeny => Some(PolicyDecision::NotAllowed),
                _ => None,
            }
        };
        Ok(actions.iter().map(decide).collect())
    }
}

impl fmt::Debug for IamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IamClient")
    }
}
