"""Roles that are looked for while others are made: moto walks its own dictionary, and fails when another thread adds to it."""

from moto.iam.models import IAMBackend


def install():
    """A walk over a copy, which Python makes in one step."""
    IAMBackend.get_roles = lambda backend: list(backend.roles.values())
