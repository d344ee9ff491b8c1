"""Who signed a request, and what they may do."""

import time

from moto.core.utils import utcnow
from moto.iam.access_control import AssumedRoleAccessKey
from moto.iam.models import Policy
from moto.sts.models import sts_backends

from .policy import evaluate


class Expired(Exception):
    """The session behind the key has ended."""


class Caller:
    """The verified signer of one request. Build it only after the signature was checked."""

    def __init__(self, request):
        key, account = request._access_key, request.account_id
        self.arn = key.arn
        self.policies = policy_documents(key)
        self.session_policy = None
        self.context = {
            "aws:principalarn": self.arn,
            "aws:principalaccount": account,
            "aws:sourceip": "127.0.0.1",
            "aws:securetransport": False,
            "aws:currenttime": utcnow().isoformat(),
            "aws:epochtime": int(time.time()),
        }
        principals = {self.arn, account, f"arn:aws:iam::{account}:root"}
        if isinstance(key, AssumedRoleAccessKey):
            principals.add(self._add_session(session_of(account, key._access_key_id)))
        else:
            self.context["aws:username"] = key._owner_user_name
        self.who = {"kind": "AWS", "principals": principals}

    def _add_session(self, session):
        if session.expiration.replace(tzinfo=None) < utcnow().replace(tzinfo=None):
            raise Expired
        self.session_policy = session.policy
        self.context["aws:principalarn"] = session.role_arn
        self.context["aws:userid"] = session.user_id
        for name, value in getattr(session, "strict_tags", {}).items():
            self.context[f"aws:principaltag/{name.lower()}"] = value
        return session.role_arn

    def may(self, action, resource, context, resource_policy=None):
        """Whether identity, session and resource policies together allow it. A deny anywhere wins."""
        context = {**self.context, **context}
        identity = [evaluate(d, action, resource, context) for d in self.policies]
        of_resource = evaluate(resource_policy, action, resource, context, self.who) if resource_policy else None
        of_session = evaluate(self.session_policy, action, resource, context) if self.session_policy else "allow"
        if "deny" in identity or "deny" in (of_resource, of_session):
            return False
        return of_session == "allow" and ("allow" in identity or of_resource == "allow")


def policy_documents(key):
    """The documents attached to the owner of a key. moto gives them in three shapes."""
    documents = []
    for policy in key.collect_policies():
        if isinstance(policy, Policy):
            documents.append(next(v for v in policy.versions if v.is_default).document)
        else:
            documents.append(policy if isinstance(policy, str) else policy["policy_document"])
    return documents


def session_of(account, access_key_id):
    """The assumed role behind a temporary key."""
    for backend in sts_backends[account].values():
        for session in backend.assumed_roles:
            if session.access_key_id == access_key_id:
                return session
    raise Expired
