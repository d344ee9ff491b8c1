"""A Quilt registry, and the catalog before it, on loopback. See `registry/__init__.py`.

Prints one line of JSON when it accepts connections. It ends when its standard input is closed, so it cannot outlive whoever
started it, however that one ended.

    python registry_double.py SCHEMA [--port N]
"""

import argparse
import json
import logging
import os
import sys
import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from registry.graphql_api import Engine
from registry.http import Application

# A load test opens its connections all at once.
BACKLOG = 1024


class Handler(WSGIRequestHandler):
    """Without Nagle, as for the AWS endpoint; and connections are kept."""

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        """The record says it better."""


def main():
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schema", type=Path, help="the GraphQL schema that operations are executed against")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    engine = Engine(arguments.schema.read_text(encoding="utf-8"))
    server = make_server("127.0.0.1", arguments.port, Application(engine), threaded=True, request_handler=Handler)
    server.socket.listen(BACKLOG)
    server.daemon_threads = True
    threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps({"listening": f"http://127.0.0.1:{server.port}"}), flush=True)
    server.serve_forever()


def _end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
