"""FastMCP's client (`fastmcp`), with its own OAuth: it opens a browser and serves the callback."""

import contextlib
import os
import sys

import mcp_types
from fastmcp import Client
from fastmcp.client.auth import OAuth

import checks

MODE = sys.argv[1] if len(sys.argv) > 1 else "auto"


class Connection:
    login = "OAuth"

    def __init__(self, client, listeners):
        self.client = client
        self.listeners = listeners
        self.protocol = client.protocol_version
        tools = client.server_capabilities.tools
        self.declares_list_changed = bool(tools and tools.list_changed)

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name, arguments):
        result = await self.client.call_tool_mcp(name, arguments)
        return bool(result.is_error), "\n".join(getattr(block, "text", f"[{block.type}]") for block in result.content)

    @contextlib.asynccontextmanager
    async def listen(self, heard):
        self.listeners.append(heard)
        if self.protocol >= "2026":
            raise checks.NotOffered("the client opens no subscriptions/listen")
        await checks.asyncio.sleep(0.5)
        yield


@contextlib.asynccontextmanager
async def open_client(user):
    # The browser is a program of its own; it reads who sits in front of it.
    os.environ["INTEROP_USER"] = user
    listeners = []

    async def on_message(message):
        if isinstance(message, mcp_types.ToolListChangedNotification):
            for heard in listeners:
                heard()

    async with Client(checks.STAGE["mcpUrl"], auth=OAuth(), mode=MODE, message_handler=on_message) as client:
        yield Connection(client, listeners)


checks.main(open_client)
