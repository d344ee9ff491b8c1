"""The official Python MCP client, driven by a script of JSON on standard input; the results go to standard output.

    {
      "clients": {
        "ada": {"url": "http://..", "headers": {"Authorization": "Bearer .."}, "mode": "auto"},
        "me":  {"command": ["quilt-mcp", "serve"], "env": {..}}
      },
      "concurrency": 1,
      "steps": [
        {"client": "ada", "do": "call", "tool": "bucket_list", "arguments": {}},
        {"client": "ada", "do": "tools"},
        {"client": "me", "do": "read", "uri": "auth://status"},
        {"client": "ben", "do": "intrude", "on": "ada", "tool": "bucket_list", "arguments": {}}
      ]
    }

The library's documentation says that it refuses an answer that is not as the tool's output schema says. Step `fits` holds
any `value` to the schema that the library was told, for a `tool`; what is wrong with it is the outcome.

To intrude is to call a tool on the session of another client. The library sends its own session id whatever is asked of
it, so the id is exchanged in the HTTP client that it is given; the outcome is the HTTP status of that request, and what
the library made of it. It needs a `concurrency` of 1.

`mode` is that of the client: `auto`, `legacy` or a protocol version. With a `concurrency` of 1 the steps run in order,
all clients being connected at once; above that, so many steps are under way together. Answers keep the order of the
steps. Each is `{"ok": ..}` or `{"error": {"type", "message"}}`; a client that cannot connect fails each of its steps.
"""

import asyncio
import contextlib
import json
import sys

import httpx2
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

SECONDS = 60.0
SESSION_ID = "mcp-session-id"


class Wire:
    """What one client sends and gets, as HTTP sees it."""

    def __init__(self):
        self.own = self.borrowed = None
        self.statuses = []

    async def sending(self, request):
        """Puts the borrowed session id in the place of the client's own. The stream that listens keeps its own."""
        if self.borrowed and request.method == "POST":
            request.headers[SESSION_ID] = self.borrowed

    async def receiving(self, response):
        """Notes the session that the client was given, and how it was answered on a borrowed one."""
        self.own = self.own or response.headers.get(SESSION_ID)
        if self.borrowed and response.request.headers.get(SESSION_ID) == self.borrowed:
            self.statuses.append(response.status_code)


async def main():
    """One script, one list of answers."""
    script = json.load(sys.stdin)
    async with contextlib.AsyncExitStack() as stack:
        wires = {name: Wire() for name in script["clients"]}
        clients = {name: await _connected(stack, how, wires[name]) for name, how in script["clients"].items()}
        turns = asyncio.Semaphore(script.get("concurrency", 1))
        answers = await asyncio.gather(*(_step(clients, wires, turns, step) for step in script["steps"]))
    json.dump(answers, sys.stdout)


async def _connected(stack, how, wire):
    """The client, or what kept it from connecting."""
    try:
        return await stack.enter_async_context(Client(_transport(stack, how, wire), mode=how.get("mode", "auto")))
    except BaseException as failure:
        if isinstance(failure, (KeyboardInterrupt, SystemExit)):
            raise
        return failure


def _transport(stack, how, wire):
    if "command" in how:
        command, *arguments = how["command"]
        return StdioServerParameters(command=command, args=arguments, env=how.get("env"))
    hooks = {"request": [wire.sending], "response": [wire.receiving]}
    http = httpx2.AsyncClient(headers=how.get("headers", {}), timeout=SECONDS, event_hooks=hooks)
    stack.push_async_exit(http)
    return streamable_http_client(how["url"], http_client=http)


async def _step(clients, wires, turns, step):
    async with turns:
        client = clients[step["client"]]
        if isinstance(client, BaseException):
            return _error(client)
        try:
            if step["do"] == "intrude":
                return {"ok": await _intrude(client, wires[step["client"]], wires[step["on"]], step)}
            return {"ok": await _do(client, step)}
        except Exception as failure:
            return _error(failure)


async def _intrude(client, wire, other, step):
    if not wire.own or not other.own or wire.own == other.own:
        raise ValueError("an intruder needs two sessions")
    # The library sends in turn: nothing that it sent before, such as the notification that follows `initialize`, is under way
    # when it has an answer to this.
    await client.send_ping()
    wire.borrowed, wire.statuses = other.own, []
    try:
        said = _plain(await client.call_tool(step["tool"], step["arguments"], read_timeout_seconds=SECONDS))
    except Exception as failure:
        said = str(failure)
    finally:
        wire.borrowed = None
    return {"statuses": wire.statuses, "said": said}


async def _do(client, step):
    match step["do"]:
        case "call":
            result = await client.call_tool(step["tool"], step.get("arguments", {}), read_timeout_seconds=SECONDS)
        case "tools":
            result = await client.list_tools()
        case "resources":
            result = await client.list_resources()
        case "read":
            result = await client.read_resource(step["uri"])
        case "about":
            return {"protocol_version": client.protocol_version}
        case "fits":
            # A value of the test's own, held to what the library was told.
            schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
            Draft202012Validator.check_schema(schemas[step["tool"]])
            errors = Draft202012Validator(schemas[step["tool"]]).iter_errors(step["value"])
            return [f"{error.json_path}: {error.message}" for error in errors]
        case unknown:
            raise ValueError(f"a step cannot {unknown!r}")
    return _plain(result)


def _plain(result):
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


def _error(failure):
    """The innermost cause: task groups wrap what matters."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return {"error": {"type": type(failure).__name__, "message": str(failure)}}


if __name__ == "__main__":
    asyncio.run(main())
