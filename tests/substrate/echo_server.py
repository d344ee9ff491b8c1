"""A tiny MCP server made of the official Python SDK: what the test clients are tried on.

Prints one line of JSON when it accepts connections, and ends when its standard input is closed.
"""

import json
import os
import socket
import sys
import threading

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel

server = MCPServer("echo")


class Echo(BaseModel):
    """What was said."""

    said: str


@server.tool()
def echo(text: str) -> Echo:
    """Says it again."""
    return Echo(said=text)


@server.tool()
def fail(text: str) -> Echo:
    """Fails with the text."""
    raise ToolError(text)


def main():
    """Serves until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    print(json.dumps({"listening": f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"}), flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error")).run(sockets=[listener])


if __name__ == "__main__":
    main()
