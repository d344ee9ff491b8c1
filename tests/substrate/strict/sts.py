"""STS: trust policies, the limits of what a session may be called, session tags, and web identity."""

import base64
import json
import os
import re
import time

from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse

from . import record
from .policy import as_list, evaluate
from .refusal import refusal

UNSIGNED_ACTIONS = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
TAG_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")
MOST_TAGS = 50
SHORTEST_SESSION = 900

_moto_assume_role = TokenResponse.assume_role
_moto_assume_role_with_web_identity = TokenResponse.assume_role_with_web_identity


def install() -> None:
    """Lets sessions carry their tags, and notes which key was issued to whom."""
    TokenResponse.assume_role = _assume_role
    TokenResponse.assume_role_with_web_identity = _assume_role_with_web_identity


def trusted(response, caller, role_arn):
    """Whether the role's trust policy admits the caller, and lets it set what it asks to set."""
    role = _role(response, role_arn)
    if role is None:
        return False
    tags, source_identity = _tags(response), _parameter(response, "SourceIdentity")
    context = {
        **caller.context,
        "sts:externalid": _parameter(response, "ExternalId"),
        "sts:rolesessionname": _parameter(response, "RoleSessionName"),
        "sts:sourceidentity": source_identity,
        **{f"aws:requesttag/{name.lower()}": value for name, value in tags.items()},
    }
    context = {name: value for name, value in context.items() if value is not None}
    wanted = ["sts:AssumeRole"]
    wanted += ["sts:TagSession"] if tags else []
    wanted += ["sts:SetSourceIdentity"] if source_identity else []
    document = role.assume_role_policy_document
    return all(evaluate(document, action, role_arn, context, caller.who, trust=True) == "allow" for action in wanted)


def check_web_identity(response):
    """AssumeRoleWithWebIdentity carries no signature: the token is the proof."""
    token, role_arn = _parameter(response, "WebIdentityToken") or "", _parameter(response, "RoleArn") or ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    except Exception:
        raise refusal(False, 400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None
    _check_token_signature(token)
    if claims.get("exp", 0) < time.time():
        raise refusal(False, 400, "ExpiredTokenException", "Token expired")
    not_authorised = refusal(False, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    role = _role(response, role_arn)
    if role is None:
        raise not_authorised
    issuer, account = claims.get("iss", "").split("://")[-1], response.current_account
    known = {p.url.split("://")[-1]: p for p in iam_backends[account]["aws"].open_id_providers.values()}
    if issuer not in known:
        raise refusal(False, 400, "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}")
    if not set(as_list(claims.get("aud"))) & set(known[issuer].client_id_list):
        raise refusal(False, 400, "InvalidIdentityToken", "Incorrect token audience")
    context = {f"{issuer}:{name}".lower(): value for name, value in claims.items() if isinstance(value, (str, list))}
    who = {"kind": "Federated", "principals": {f"arn:aws:iam::{account}:oidc-provider/{issuer}", issuer}}
    action = "sts:AssumeRoleWithWebIdentity"
    if evaluate(role.assume_role_policy_document, action, role_arn, context, who, trust=True) != "allow":
        raise not_authorised
    of_principal = (claims.get("https://aws.amazon.com/tags") or {}).get("principal_tags") or {}
    response._strict_tags = {name: as_list(value)[0] for name, value in of_principal.items()}


def _check_token_signature(token):
    """Against the key set in the file that `MOTO_OIDC_JWKS` names. Without one, signatures are not checked."""
    path = os.environ.get("MOTO_OIDC_JWKS")
    if not path:
        return
    from joserfc import jwt
    from joserfc.jwk import KeySet

    try:
        with open(path, encoding="utf-8") as file:
            jwt.decode(token, KeySet.import_key_set(json.load(file)), algorithms=["RS256", "ES256"])
    except Exception as failure:
        raise refusal(False, 400, "InvalidIdentityToken", f"Couldn't verify the token: {failure}") from failure


def _assume_role(self):
    tags = _tags(self)
    _check_limits(self, tags)
    result = _moto_assume_role(self)
    session = result.result["Credentials"]
    _mark(session)
    session.strict_tags = tags
    record.note_issued(session, source_identity=_parameter(self, "SourceIdentity"), tags=tags)
    return result


def _assume_role_with_web_identity(self):
    result = _moto_assume_role_with_web_identity(self)
    session = result.result["Credentials"]
    session.strict_tags = getattr(self, "_strict_tags", {})
    record.note_issued(session, source_identity=None, tags=session.strict_tags)
    return result


def _mark(session):
    """Makes the secrets of a session end in what `src/canary.rs` searches for."""
    mark = "QuiltCanary7f3a91c2"
    session.secret_access_key = session.secret_access_key[: -len(mark)] + mark
    session.session_token += mark


def _check_limits(response, tags):
    """What AWS refuses before it looks at any policy. moto checks one of these."""
    session_name, source_identity = _parameter(response, "RoleSessionName"), _parameter(response, "SourceIdentity")
    for what, value in (("roleSessionName", session_name), ("sourceIdentity", source_identity)):
        if value is not None and not NAME.fullmatch(value):
            raise refusal(False, 400, "ValidationError", f"Value '{value}' at '{what}' failed to satisfy constraint")
    duration = int(_parameter(response, "DurationSeconds") or 3600)
    if duration < SHORTEST_SESSION:
        raise refusal(False, 400, "ValidationError", f"Value '{duration}' at 'durationSeconds' is too small")
    role = _role(response, _parameter(response, "RoleArn"))
    if role is not None and duration > int(getattr(role, "max_session_duration", None) or 3600):
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise refusal(False, 400, "ValidationError", message)
    good = all(TAG_KEY.fullmatch(k) and TAG_VALUE.fullmatch(v) for k, v in tags.items())
    if len(tags) > MOST_TAGS or not good:
        raise refusal(False, 400, "ValidationError", "the session tags fail to satisfy their constraints")


def _role(response, role_arn):
    try:
        return iam_backends[response.current_account]["aws"].get_role_by_arn(role_arn)
    except Exception:  # moto's class for this has changed its name before
        return None


def _parameter(response, name):
    return (response.querystring.get(name) or [None])[0]


def _tags(response):
    tags, i = {}, 1
    while key := _parameter(response, f"Tags.member.{i}.Key"):
        tags[key] = _parameter(response, f"Tags.member.{i}.Value") or ""
        i += 1
    return tags
