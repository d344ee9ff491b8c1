"""Whose token it is: signature, issuer and time, as a registry would check them."""

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


def claims(token, secret_of):
    """The claims of a good token. `secret_of` gives the secret of an issuer, or None."""
    try:
        head, body, signature = token.split(".")
        said = json.loads(_decode(body))
        issuer, subject, expires = said["iss"], said["sub"], said["exp"]
    except (ValueError, KeyError, TypeError) as problem:
        raise Refused("Token malformed.") from problem
    secret = secret_of(issuer)
    if secret is None:
        raise Refused("Token issuer unknown.")
    expected = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(expected, _decode(signature)):
        raise Refused("Token signature invalid.")
    if expires <= time.time():
        raise Refused("Token expired.")
    return issuer, subject


def _decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
