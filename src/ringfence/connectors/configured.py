"""The tools that a configuration asks for by its tables `[web]`, `[files]`, `[sandbox]` and `[servers.NAME]`.

Its one rule: without the table there is no tool. A workspace has its own tools for files and the web, which read the
same tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.config import Config
from ringfence.core.errors import ConfigError

if TYPE_CHECKING:
    from ringfence.guard.tools import Tool


def configured_tools(config: Config, taken: Iterable[str] = ()) -> list[Tool]:
    """The tools of the tables; `taken` are the names of other tools. Raises ConfigError C500, C507, C570 and C571."""
    own = [] if config.workspace is not None else [*_file_tools(config), *_web_tools(config)]
    own += _sandbox_tools(config)
    return [*own, *_server_tools(config, {*taken, *(tool.name for tool in own)})]


def _server_tools(config: Config, taken: Iterable[str]) -> list[Tool]:
    if not config.servers:
        return []
    from ringfence.connectors.mcp import offered, servers_of

    servers = servers_of(config.servers, Path() if config.path is None else config.path.parent)
    if servers and config.pins is None:
        hint = 'write pins = "ringfence.pins.json", then look at `ringfence tools list` and `ringfence tools accept`'
        raise ConfigError("[servers] needs pins: a person accepts what servers say", code="C571", hint=hint)
    return [one.tool for one in offered(servers, taken)] if servers else []


def _sandbox_tools(config: Config) -> list[Tool]:
    if config.sandbox is None:
        return []
    from ringfence.connectors.sandbox.settings import read
    from ringfence.connectors.sandbox.tools import sandbox_tools

    return sandbox_tools(read(config.sandbox))


def _file_tools(config: Config) -> list[Tool]:
    if config.files is None:
        return []
    from ringfence.connectors.files.settings import file_settings
    from ringfence.connectors.files.tools import file_tools

    settings = file_settings(config.files)
    folder = (Path() if config.path is None else config.path.parent) / settings.root
    if not folder.is_dir():
        raise ConfigError("[files] root is no folder", code="C508", hint="make it, or name another one")
    return file_tools(folder.resolve(), settings)


def _web_tools(config: Config) -> list[Tool]:
    if config.web is None:
        return []
    from ringfence.connectors.web.settings import web_settings
    from ringfence.connectors.web.tools import Web, web_tools

    return web_tools(Web(web_settings(config.web)))
