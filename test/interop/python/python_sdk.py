"""The Python SDK's client (`mcp`): python python_sdk.py legacy|auto [header]"""

import contextlib
import sys

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from mcp_types import ToolListChangedNotification

import checks

MODE = sys.argv[1] if len(sys.argv) > 1 else "auto"
LOGIN = "header" if sys.argv[2:] == ["header"] else "OAuth"
REDIRECT = "http://127.0.0.1:33418/callback"


class Storage:
    def __init__(self):
        self.tokens = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Connection:
    login = LOGIN

    def __init__(self, client, listeners):
        self.client = client
        self.listeners = listeners
        self.protocol = client.protocol_version
        tools = client.server_capabilities.tools
        self.declares_list_changed = bool(tools and tools.list_changed)

    async def tools(self):
        names = []
        cursor = None
        while True:
            page = await self.client.list_tools(cursor=cursor)
            names += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                return names

    async def call(self, name, arguments):
        result = await self.client.call_tool(name, arguments)
        return bool(result.is_error), "\n".join(getattr(block, "text", f"[{block.type}]") for block in result.content)

    @contextlib.asynccontextmanager
    async def listen(self, heard):
        self.listeners.append(heard)
        if self.protocol < "2026":
            # The GET stream was opened when the session was initialised: it had a session id (its handle_get_stream).
            await checks.asyncio.sleep(0.5)
            yield
            return
        async with self.client.listen(tools_list_changed=True) as subscription:

            async def hear():
                async for _event in subscription:
                    heard()

            task = checks.asyncio.create_task(hear())
            try:
                yield
            finally:
                task.cancel()


@contextlib.asynccontextmanager
async def open_client(user):
    callback = {}

    async def redirect(url):
        callback.update(await checks.sign_in(user, url))

    async def come_back():
        return AuthorizationCodeResult(code=callback["code"], state=callback.get("state"), iss=callback.get("iss"))

    metadata = OAuthClientMetadata(
        client_name=f"interop of {user}",
        redirect_uris=[REDIRECT],
        token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
    )
    provider = OAuthClientProvider(server_url=checks.STAGE["mcpUrl"], client_metadata=metadata, storage=Storage(), redirect_handler=redirect, callback_handler=come_back)
    listeners = []

    async def on_message(message):
        if isinstance(message, ToolListChangedNotification):
            for heard in listeners:
                heard()

    credential = {"headers": {"authorization": f"Bearer {checks.STAGE['tokens'][user]}"}} if LOGIN == "header" else {"auth": provider}
    async with httpx2.AsyncClient(**credential, timeout=httpx2.Timeout(30, read=300)) as http_client:
        transport = streamable_http_client(checks.STAGE["mcpUrl"], http_client=http_client)
        async with Client(transport, mode=MODE, message_handler=on_message) as client:
            yield Connection(client, listeners)


FAULTS = {}
if MODE == "legacy" and LOGIN == "OAuth":
    # Its issue 3209: OAuthClientProvider holds its lock from a request until the answer begins, so nothing else is sent meanwhile.
    FAULTS["cancel"] = "its OAuth provider holds notifications/cancelled back until the call has been answered"

checks.main(open_client, FAULTS)
