"""iam:SimulatePrincipalPolicy and iam:SimulateCustomPolicy, which moto does not have."""

from moto.core.responses import ActionResult
from moto.iam.access_control import AssumedRoleAccessKey, IAMUserAccessKey
from moto.iam.responses import IamResponse

from .caller import policy_documents
from .policy import evaluate

DECISION = {"allow": "allowed", "deny": "explicitDeny", None: "implicitDeny"}


def install() -> None:
    """Adds both actions."""
    IamResponse.simulate_principal_policy = _simulate_principal_policy
    IamResponse.simulate_custom_policy = _simulate_custom_policy


def _simulate_principal_policy(self):
    arn = self.querystring["PolicySourceArn"][0]
    cls = AssumedRoleAccessKey if ":role/" in arn else IAMUserAccessKey
    owner = cls.__new__(cls)  # only its policies are wanted, there is no key
    owner.account_id, owner.partition = self.current_account, "aws"
    owner._owner_role_name = owner._owner_user_name = arn.split("/")[-1]
    return _simulate(self, policy_documents(owner) + _members(self, "PolicyInputList"))


def _simulate_custom_policy(self):
    return _simulate(self, _members(self, "PolicyInputList"))


def _simulate(self, documents):
    context = _context(self)
    rows = []
    for action in _members(self, "ActionNames"):
        for resource in _members(self, "ResourceArns") or ["*"]:
            verdicts = [evaluate(d, action, resource, context) for d in documents]
            verdict = next((v for v in ("deny", "allow") if v in verdicts), None)
            rows.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": DECISION[verdict],
                    "MatchedStatements": [],
                    "MissingContextValues": [],
                }
            )
    return ActionResult({"EvaluationResults": rows, "IsTruncated": False})


def _context(self):
    context, i = {}, 1
    while names := self.querystring.get(f"ContextEntries.member.{i}.ContextKeyName"):
        values = self.querystring.get(f"ContextEntries.member.{i}.ContextKeyValues.member.1", [""])
        context[names[0].lower()] = values[0]
        i += 1
    return context


def _members(self, name):
    members, i = [], 1
    while values := self.querystring.get(f"{name}.member.{i}"):
        members.append(values[0])
        i += 1
    return members
