"""The registries: one for each issuer, with its users, buckets and what administrators set."""

import threading
import time

_lock = threading.Lock()
_registries = {}


def now():
    """RFC 3339."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Registry:
    """One registry. Whoever touches it holds `lock`."""

    def __init__(self, secret, is_catalog=False):
        self.secret = secret
        self.is_catalog = is_catalog
        self.lock = threading.RLock()
        self.users = {}
        self.names = {}
        self.credentials = {}
        self.buckets = {}
        self.sso = None
        self.open_query = False
        self.tables = {}
        self.documents = {}
        self.most_indices = 100
        self.contents = {}
        self.sessions = {}
        self.cookies = {}
        arn = "arn:aws:iam::123456789012:role/{}".format
        self.roles = {
            name: {"__typename": kind, "id": f"role-{number}", "name": name, "arn": arn(name)}
            for number, (name, kind) in enumerate(
                [("ReadQuiltBuckets", "UnmanagedRole"), ("ReadWriteQuiltBuckets", "UnmanagedRole"), ("Analysts", "ManagedRole")]
            )
        }

    def add_user(self, name, email, role="ReadQuiltBuckets", is_admin=False, buckets=(), extra_roles=(), id=None, is_active=True):
        """Somebody who may see these buckets. A stock catalog's tokens call them by the `id` of their account."""
        if id is not None:
            self.names[id] = name
        self.users[name] = {
            "__typename": "User",
            "name": name,
            "email": email,
            "dateJoined": now(),
            "lastLogin": now(),
            "isActive": is_active,
            "isAdmin": is_admin,
            "isSsoOnly": False,
            "isService": False,
            "role": self.roles[role],
            "extraRoles": [self.roles[extra] for extra in extra_roles],
            "buckets": set(buckets),
        }
        for bucket in buckets:
            self.add_bucket({"name": bucket})

    def add_bucket(self, wanted):
        """A bucket, or what is to be different with it."""
        name = wanted["name"]
        known = self.buckets.setdefault(
            name,
            {
                "__typename": "BucketConfig",
                "name": name,
                "title": name,
                "iconUrl": None,
                "description": None,
                "tags": None,
                "relevanceScore": 0,
                "browsable": True,
            },
        )
        known.update(wanted)

    def visible(self, user):
        """The names of the buckets that a user may see. Of administrators too only those they were given: so a test can tell whose an answer is."""
        return user["buckets"] & set(self.buckets)


def trust(issuer, secret, is_catalog=False):
    """From now on there is a registry for the tokens of this issuer; of a catalog, for tokens that name no issuer."""
    with _lock:
        _registries.setdefault(issuer, Registry(secret, is_catalog))


def secrets(issuer):
    """By issuer, with which secrets tokens may be signed that name this one; if none is named, those of all catalogs."""
    with _lock:
        return {
            name: registry.secret
            for name, registry in _registries.items()
            if (issuer is None if registry.is_catalog else name == issuer)
        }


def of(issuer):
    """The registry of an issuer, or None."""
    with _lock:
        return _registries.get(issuer)
