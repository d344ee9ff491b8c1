"""How the endpoints of the tests serve: on loopback, until standard input ends."""

import json
import logging
import os
import sys
import threading

from werkzeug.serving import make_server

# A load test opens its connections all at once.
BACKLOG = 1024


class Quick:
    """For handlers. Without Nagle: header and body leave in two writes, which costs 40 ms a request on a connection kept open."""

    disable_nagle_algorithm = True

    def log_request(self, code="-", size="-"):
        """The record says it better."""


def serve(port, application, handler, ready):
    """Serves. Prints one line of JSON when it accepts connections: where, and what stands in `ready`."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=handler)
    server.socket.listen(BACKLOG)
    server.daemon_threads = True
    threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps({"listening": f"http://127.0.0.1:{server.port}"} | ready), flush=True)
    server.serve_forever()


def _end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)
