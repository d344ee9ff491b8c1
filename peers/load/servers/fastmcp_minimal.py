"""The least that FastMCP can be: one tool with one value injected for each request. `fastmcp_minimal.py PORT`."""

import sys
from dataclasses import dataclass

from fastmcp import FastMCP
from fastmcp.dependencies import Depends


@dataclass
class Scope:
    """What lives as long as one request."""

    catalog: str


def scope() -> Scope:
    return Scope("catalog")


server = FastMCP("minimal")


@server.tool
async def catalog_uri(registry: str, package_name: str, catalog_host: str, scope: Scope = Depends(scope)) -> dict:
    """Make a Quilt+ URI."""
    return {
        "success": True,
        "quilt_plus_uri": f"quilt+s3://{registry}#package={package_name}&{scope.catalog}={catalog_host}",
        "bucket": registry,
        "package_name": package_name,
        "catalog_host": catalog_host,
    }


server.run(
    transport="http",
    host="127.0.0.1",
    port=int(sys.argv[1]),
    show_banner=False,
    log_level="error",
    stateless_http=True,
    json_response=True,
)
