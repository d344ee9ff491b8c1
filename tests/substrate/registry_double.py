"""A Quilt registry, and the catalog before it, on loopback. See `registry/__init__.py`.

Prints one line of JSON when it accepts connections. It ends when its standard input is closed, so it cannot outlive whoever
started it, however that one ended.

    python registry_double.py SCHEMA [--port N]
"""

import argparse
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler

from registry.graphql_api import Engine
from registry.http import Application
from serving import Quick, serve


class Handler(Quick, WSGIRequestHandler):
    """Connections are kept."""

    protocol_version = "HTTP/1.1"


def main():
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schema", type=Path, help="the GraphQL schema that operations are executed against")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    arguments = parser.parse_args()
    engine = Engine(arguments.schema.read_text(encoding="utf-8"))
    serve(arguments.port, Application(engine), Handler, {})


if __name__ == "__main__":
    main()
