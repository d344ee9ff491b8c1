"""Whose token it is: signature, issuer and time, as a registry would check them.

The token of an identity provider names its issuer and its subject. That of a stock catalog has neither `iss` nor `sub`, but the
`id` of an account: which catalog has issued it, its signature alone says.
"""

import base64
import hashlib
import hmac
import json
import time


class Refused(Exception):
    """The token is no good."""


def digest(token):
    """Which token it is, without saying it."""
    return hashlib.sha256(token.encode()).hexdigest()


def claims(token, secrets):
    """Issuer and subject of a good token. `secrets` gives, by issuer, the secrets that it may be signed with."""
    try:
        head, body, signature = token.split(".")
        said = json.loads(_decode(body))
        named = "iss" in said
        issuer, subject, expires = said.get("iss"), said["sub" if named else "id"], said["exp"]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused("Token malformed.") from problem
    known = secrets(issuer)
    if not known:
        raise Refused("Token issuer unknown.")
    for issuer, secret in known.items():
        expected = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
        if hmac.compare_digest(expected, _decode(signature)):
            break
    else:
        raise Refused("Token signature invalid.")
    if expires <= time.time():
        raise Refused("Token expired.")
    return issuer, subject


def _decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
