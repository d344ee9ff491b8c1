"""S3, STS, IAM and Athena on loopback, with rights enforced from the first request on. See `strict/__init__.py`.

Prints one line of JSON when it accepts connections: where it listens, and the keys of an administrator. It ends when
its standard input is closed, so it cannot outlive whoever started it, however that one ended.

    python strict_moto.py [--port N]
"""

import argparse
import json
import logging
import os
import sys
import threading

from moto import settings
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

import strict
from strict.control import Controlled
from strict.faults import Spoiled
from strict.record import Recorded

ACCOUNT = "123456789012"
REGION = "us-east-1"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# A load test opens its connections all at once.
BACKLOG = 1024


class Handler(MotoRequestHandler):
    """Without Nagle: header and body leave in two writes, which costs 40 ms a request on a connection kept open."""

    disable_nagle_algorithm = True

    def log_request(self, code="-", size="-"):
        """The record says it better."""


def main():
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    port = parser.parse_args().port

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    strict.install()
    admin = _administrator()

    application = Controlled(Recorded(Spoiled(DomainDispatcherApplication(create_backend_app))))
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Handler)
    server.socket.listen(BACKLOG)
    server.daemon_threads = True
    threading.Thread(target=_end_with_input, daemon=True).start()
    ready = {
        "listening": f"http://127.0.0.1:{server.port}",
        "account": ACCOUNT,
        "region": REGION,
        "access_key_id": admin.access_key_id,
        "secret_access_key": admin.secret_access_key,
    }
    print(json.dumps(ready), flush=True)
    server.serve_forever()


def _administrator():
    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user(REGION, "administrator")
    iam.put_user_policy("administrator", "everything", json.dumps(EVERYTHING))
    return iam.create_access_key("administrator")


def _end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
