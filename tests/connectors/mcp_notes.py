"""An MCP server as its library makes it: notes. `python mcp_notes.py` speaks stdio, with a port it serves HTTP."""

import os
import sys
from datetime import date

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("notes")


class Note(BaseModel):
    """A note."""

    topic: str
    day: date


@server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
def lookup(topic: str, limit: int = 2) -> list[str]:
    """Find notes."""
    return [f"{topic} {number}" for number in range(limit)]


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def latest(day: date) -> Note:
    """The latest note of a day."""
    return Note(topic="tea", day=day)


@server.tool(structured_output=False)
def add(text: str, tags: dict[str, list[str]] | None = None) -> str:
    """Write a note."""
    if text == "fail":
        raise ToolError("SECRET of the server")
    return f"added {text} {sorted(tags or ())}"


@server.tool(name="len")
def length() -> int:
    """Pretends to be a function of the language."""
    return 99


@server.tool(structured_output=False)
def variable(name: str) -> str:
    """A variable of the environment."""
    return os.environ.get(name, "not set")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
