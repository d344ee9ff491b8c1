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
        {"client": "me", "do": "read", "uri": "auth://status"}
      ]
    }

`mode` is that of the client: `auto`, `legacy` or a protocol version. With a `concurrency` of 1 the steps run in order,
all clients being connected at once; above that, so many steps are under way together. Answers keep the order of the
steps. Each is `{"ok": ..}` or `{"error": {"type", "message"}}`; a client that cannot connect fails each of its steps.
"""

import asyncio
import contextlib
import json
import sys

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

SECONDS = 60.0


async def main():
    """One script, one list of answers."""
    script = json.load(sys.stdin)
    async with contextlib.AsyncExitStack() as stack:
        clients = {name: await _connected(stack, how) for name, how in script["clients"].items()}
        turns = asyncio.Semaphore(script.get("concurrency", 1))
        answers = await asyncio.gather(*(_step(clients, turns, step) for step in script["steps"]))
    json.dump(answers, sys.stdout)


async def _connected(stack, how):
    """The client, or what kept it from connecting."""
    try:
        return await stack.enter_async_context(Client(_transport(stack, how), mode=how.get("mode", "auto")))
    except BaseException as failure:
        if isinstance(failure, (KeyboardInterrupt, SystemExit)):
            raise
        return failure


def _transport(stack, how):
    if "command" in how:
        command, *arguments = how["command"]
        return StdioServerParameters(command=command, args=arguments, env=how.get("env"))
    http = httpx2.AsyncClient(headers=how.get("headers", {}), timeout=SECONDS)
    stack.push_async_exit(http)
    return streamable_http_client(how["url"], http_client=http)


async def _step(clients, turns, step):
    async with turns:
        client = clients[step["client"]]
        if isinstance(client, BaseException):
            return _error(client)
        try:
            return {"ok": await _do(client, step)}
        except Exception as failure:
            return _error(failure)


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
        case unknown:
            raise ValueError(f"a step cannot {unknown!r}")
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


def _error(failure):
    """The innermost cause: task groups wrap what matters."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return {"error": {"type": type(failure).__name__, "message": str(failure)}}


if __name__ == "__main__":
    asyncio.run(main())
