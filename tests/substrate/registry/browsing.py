"""Sessions in which somebody looks into a package: opened and ended by GraphQL, used over plain HTTP with a cookie.

As the catalog does it: https://github.com/quiltdata/quilt, `catalog/app/components/Preview/loaders/Html.tsx` and
`catalog/app/utils/PFSCookieManager`.
"""

import re
import secrets
import time

from .graphql_api import declined, resolves, wrong

COOKIE = "session"
_SCOPE = re.compile(r"quilt\+s3://([a-z0-9.-]+)#package=([\w-]+/[\w-]+)@([0-9a-f]{64})")


@resolves("Mutation", "browsingSessionCreate")
def _create(view, _, scope, ttl):
    named = _SCOPE.fullmatch(scope)
    if not named:
        return wrong("scope", "not the URI of a revision of a package")
    if not 30 <= ttl <= 3600:
        return wrong("ttl", "not between 30 and 3600")
    bucket = named[1]
    if bucket not in view.registry.visible(view.user):
        return declined("BucketNotFound", f"Bucket {bucket} not found")
    if not view.registry.buckets[bucket]["browsable"]:
        return declined("BucketNotBrowsable", f"Bucket {bucket} is not browsable")
    session = {"user": view.user["name"], "scope": scope, "ends": time.time() + ttl}
    number = secrets.token_hex(16)
    view.registry.sessions[number] = session
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session["ends"]))
    return {"__typename": "BrowsingSession", "id": number, "expires": expires}


@resolves("Mutation", "browsingSessionDispose")
def _dispose(view, _, id):
    session = view.registry.sessions.get(id)
    if session is None:
        return declined("SessionNotFound", "Session not found")
    if session["user"] != view.user["name"]:
        return declined("OwnerMismatch", "The session is somebody else's")
    del view.registry.sessions[id]
    return {"__typename": "Ok", "_": None}


def set_cookie(registry, user):
    """Status, body and headers: a cookie of this user's."""
    value = secrets.token_hex(16)
    registry.cookies[value] = user["name"]
    return 200, {}, [("Set-Cookie", f"{COOKIE}={value}; Path=/browse; HttpOnly; Secure; SameSite=None")]


def look(registry, path, cookies):
    """Status, body and headers: where a file is, for who has a session and their own cookie."""
    # As WSGI has it: bytes, each as a character.
    number, _, key = path.encode("latin-1").decode().partition("/")
    session = registry.sessions.get(number)
    if session is None or session["ends"] < time.time():
        return 404, {"message": "Session not found"}, []
    if registry.cookies.get(cookies.get(COOKIE)) != session["user"]:
        return 403, {"message": "Missing session cookie"}, []
    link = registry.contents.get(session["scope"], {}).get(key)
    if link is None:
        return 404, {"message": "No such file"}, []
    return 302, {}, [("Location", link)]
