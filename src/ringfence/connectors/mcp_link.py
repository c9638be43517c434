"""One connection to an MCP server: a program that is started (stdio), or a URL (streamable HTTP).

Its one rule: what a server says is data. Nothing of it is printed or logged, it is given no model, no files and no
answers of the user (sampling, roots and elicitation are not offered), and it gets no variable of the environment
but those that every program needs and those that the configuration names.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import logging
import math
import os
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeVar, final

from ringfence.connectors.errors import NotDone, PerhapsDone, ToolFailed
from ringfence.core.errors import ConfigError

if TYPE_CHECKING:
    from anyio import CancelScope
    from mcp import Client
    from mcp.client import Transport
    from mcp_types import CallToolResult
    from mcp_types import Tool as Offer

SECONDS: Final = 60.0
_MAX_TOOLS: Final = 1_000
_MAX_PAGES: Final = 100
_MAX_TEXT: Final = 16 << 20  # characters of a result
_MAX_ERROR: Final = 4_000
_GRACE: Final = 8.0  # seconds for a server to end; the library kills it within about six
_Result = TypeVar("_Result")


@final
@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and how far it is believed. Either `command` or `url`; `timeout` in seconds, of each call."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = SECONDS
    trust_hints: bool = False
    folder: Path = Path()


@final
class Link:
    """A connection in a thread of its own, which lives until `close` or the end of the process."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._ready = threading.Event()
        self._offers: list[Offer] = []
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: CancelScope | None = None
        self._problem: ConfigError | None = None
        self._thread = threading.Thread(target=self._live, name="ringfence-mcp", daemon=True)

    def start(self) -> None:
        """Begin to connect; `offers` waits for it."""
        self._thread.start()
        atexit.register(self.close)

    def offers(self) -> list[Offer]:
        """The tools that the server lists. Raises ConfigError (C570)."""
        self._ready.wait()
        if self._problem is not None:
            raise self._problem
        return self._offers

    def close(self) -> None:
        """End the connection, and the program if there is one, also while it is being made."""
        atexit.unregister(self.close)
        loop, scope = self._loop, self._scope
        if loop is not None and scope is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(scope.cancel)
        self._thread.join(_GRACE)

    def call(self, tool: str, arguments: dict[str, object]) -> object:
        """The result as plain data. Raises NotDone, PerhapsDone and ToolFailed."""
        client, loop = self._client, self._loop
        if client is None or loop is None or not self._thread.is_alive():
            raise NotDone("the MCP server is not connected any more; nothing was sent")
        work = client.call_tool(tool, arguments, read_timeout_seconds=self.server.timeout)
        return _plain(self._wait(loop, work))

    def _wait(self, loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, _Result]) -> _Result:
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(self.server.timeout + 1)
        except (TimeoutError, concurrent.futures.TimeoutError):
            future.cancel()
            raise PerhapsDone("the MCP server did not answer in time; the call may have happened") from None
        except MCPError as problem:
            if problem.code in (CONNECTION_CLOSED, REQUEST_TIMEOUT):
                raise PerhapsDone("the MCP server gave no answer; the call may have happened") from None
            raise ToolFailed(problem.message[:_MAX_ERROR]) from None
        except Exception as problem:
            raise PerhapsDone(f"the MCP server gave no valid answer ({type(problem).__name__})") from None

    # In the thread

    def _live(self) -> None:
        # The library logs what servers send; without a handler Python would print it to the terminal.
        logging.getLogger("mcp").addHandler(logging.NullHandler())
        try:
            asyncio.run(self._serve())
        except BaseException as problem:
            self._problem = self._problem or _not_reached(self.server, _kind(problem))
        finally:
            self._client = None
            self._ready.set()

    async def _serve(self) -> None:
        import anyio
        from mcp import Client

        with anyio.fail_after(self.server.timeout) as limit, Path(os.devnull).open("w") as nowhere:
            self._scope, self._loop = limit, asyncio.get_running_loop()
            async with Client(_transport(self.server, nowhere), cache=None) as client:
                self._offers = await self._listed(client)
                limit.deadline = math.inf
                self._client = client
                self._ready.set()
                await anyio.sleep_forever()

    async def _listed(self, client: Client) -> list[Offer]:
        found: list[Offer] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if len(found) > _MAX_TOOLS:
                break
            if cursor is None:
                return found
        self._problem = _not_reached(self.server, f"it lists more than {_MAX_TOOLS:,} tools, or without an end")
        raise self._problem


def _transport(server: Server, nowhere: TextIO) -> Transport:
    from mcp import StdioServerParameters, stdio_client
    from mcp.client.streamable_http import streamable_http_client

    if server.url:
        return streamable_http_client(server.url)
    program, *arguments = server.command
    parameters = StdioServerParameters(command=program, args=arguments, env=dict(server.env), cwd=server.folder)
    return stdio_client(parameters, errlog=nowhere)


def _kind(problem: BaseException) -> str:
    """The class of what went wrong; texts may be the server's."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return type(problem).__name__


def _not_reached(server: Server, why: str) -> ConfigError:
    hint = "check its url" if server.url else "start its command by hand: does it run, and does it speak MCP on stdout?"
    return ConfigError(f"the MCP server {server.name} cannot be used: {why}", code="C570", hint=hint)


def _plain(result: CallToolResult) -> object:
    texts = (str(getattr(part, "text", f"[{part.type}: not taken]")) for part in result.content)
    text = "\n".join(texts)
    if result.is_error:
        raise ToolFailed(text[:_MAX_ERROR])
    if len(text) > _MAX_TEXT:
        raise ToolFailed(f"the MCP server's result is larger than {_MAX_TEXT:,} characters")
    return text if result.structured_content is None else result.structured_content
