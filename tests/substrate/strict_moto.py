"""S3, STS, IAM and Athena on loopback, with rights enforced from the first request on. See `strict/__init__.py`.

Prints one line of JSON when it accepts connections: where it listens, and the keys of an administrator. It ends when
its standard input is closed, so it cannot outlive whoever started it, however that one ended.

    python strict_moto.py [--port N]
"""

import argparse
import json

from moto import settings
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

import strict
from serving import Quick, serve
from strict.control import Controlled
from strict.faults import Spoiled
from strict.record import Recorded

ACCOUNT = "123456789012"
REGION = "us-east-1"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Handler(Quick, MotoRequestHandler):
    """moto's own."""


def main():
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    port = parser.parse_args().port

    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    strict.install()
    admin = _administrator()
    ready = {
        "account": ACCOUNT,
        "region": REGION,
        "access_key_id": admin.access_key_id,
        "secret_access_key": admin.secret_access_key,
    }
    serve(port, Controlled(Recorded(Spoiled(DomainDispatcherApplication(create_backend_app)))), Handler, ready)


def _administrator():
    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user(REGION, "administrator")
    iam.put_user_policy("administrator", "everything", json.dumps(EVERYTHING))
    return iam.create_access_key("administrator")


if __name__ == "__main__":
    main()
