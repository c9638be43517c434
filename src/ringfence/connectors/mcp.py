"""Tools of MCP servers.

Its one rule: what a server says of its tools never makes them freer. A tool is a write unless the configuration
trusts the server's hints; all its arguments leave this machine; its result is untrusted and the user's own; its name
cannot stand for anything that a plan can name without it.

    [servers.NAME]
    command = ["python", "server.py"]   # started in the configuration's folder; or:
    url = "https://mcp.example.com/mcp" # http only on this machine
    env = ["TOKEN"]                     # variables that it is passed; or a table of names and values
    timeout = 60                        # seconds, to connect and for each call
    trust_hints = false                 # whether readOnlyHint and openWorldHint are believed
"""

from __future__ import annotations

import importlib.util
import json
import keyword
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final
from urllib.parse import urlsplit

from ringfence.connectors.mcp_link import SECONDS, Link, Server
from ringfence.connectors.settings import Table
from ringfence.core.errors import ConfigError
from ringfence.guard.entries import CONNECTION_KEYS
from ringfence.guard.tools import RESERVED, Tool
from ringfence.lang.host import Param, Signature
from ringfence.lang.running.runtime import NAMES, modules
from ringfence.schema import AnyType, DictType, ListType, RecordType, Type, UnionType, from_json_schema

if TYPE_CHECKING:
    from mcp_types import Tool as Offer

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 8_000
_MAX_PARAMETERS: Final = 200
_MOST_SECONDS: Final = 86_400
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@final
@dataclass(frozen=True, slots=True)
class Offered:
    """A tool, and in words of ours what its server claims about it."""

    tool: Tool
    claims: str


# Settings


def servers_of(sections: Mapping[str, object], folder: Path) -> list[Server]:
    """The servers in the tables [servers.NAME] that say where they are. ConfigError (C500, C507, C571)."""
    made = []
    for name, table in sections.items():
        if isinstance(table, Mapping) and set(CONNECTION_KEYS) & set(table):
            made.append(server_of(name, {key: table[key] for key in CONNECTION_KEYS if key in table}, folder))
    return made


def server_of(name: str, keys: Mapping[str, object], folder: Path) -> Server:
    """One server from its keys. ConfigError."""
    where = f"servers.{name}" if _NAME.fullmatch(name) else "servers"
    table = Table(where, keys, CONNECTION_KEYS)
    if where == "servers":
        raise _bad("[servers] has a server whose name is none", "letters, digits, _ and -, at most 40")
    command, url = table.texts("command"), table.text("url", "")
    if bool(command) == bool(url):
        raise _bad(f"[{where}] has neither or both of command and url", 'write command = ["PROGRAM", ...], or url')
    if url and not _safe(url):
        raise table.bad("url", "is no https URL", "http is for this machine only, as in http://127.0.0.1:8000/mcp")
    return Server(
        name=name,
        command=command,
        url=url,
        env=_environment(table, keys.get("env", [])),
        timeout=table.seconds("timeout", SECONDS, _MOST_SECONDS),
        trust_hints=table.flag("trust_hints", False),
        folder=folder,
    )


def _safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        return bool(parts.hostname) and (parts.scheme == "https" or local)
    except ValueError:
        return False


def _environment(table: Table, found: object) -> dict[str, str]:
    if isinstance(found, list):
        found = {str(name): os.environ.get(str(name)) for name in found}
    if not isinstance(found, Mapping) or not all(_VARIABLE.fullmatch(name) for name in found):
        raise table.bad("env", "names no variables", 'write env = ["TOKEN"], or env = { TOKEN = "..." }')
    for value in found.values():
        if not isinstance(value, str) or "\0" in value:
            raise table.bad("env", "names a variable that is not set, or a value that is no text", "set it")
    return dict(found)


def _bad(message: str, hint: str) -> ConfigError:
    return ConfigError(message, code="C571", hint=hint)


def written(server: Server) -> str:
    """The table of a server as it stands in a file. Values of variables are not written, their names are."""
    place = f"url = {_toml(server.url)}" if server.url else f"command = [{', '.join(map(_toml, server.command))}]"
    lines = [f"\n[servers.{server.name}]", place]
    lines += [f"env = [{', '.join(map(_toml, server.env))}]"] if server.env else []
    lines += [f"timeout = {server.timeout:g}"] if server.timeout != SECONDS else []
    lines += [f"{'' if server.trust_hints else '# '}trust_hints = true  # believe what it claims of its tools"]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    # A string of JSON is one of TOML, but for DEL, which TOML wants escaped.
    return json.dumps(text).replace("\x7f", "\\u007f")


# Tools


def mcp_tools(server: Server) -> list[Tool]:
    """The tools of one server, for `Firewall(tools=...)`. ConfigError (C570, C571)."""
    return [one.tool for one in offered([server])]


def offered(servers: Iterable[Server], taken: Iterable[str] = ()) -> list[Offered]:
    """The tools of servers, which stay connected. `taken` are names that other tools have. ConfigError."""
    if importlib.util.find_spec("mcp") is None:
        raise ConfigError(
            "MCP servers need a part that is not installed", code="C570", hint="pip install 'ringfence[mcp]'"
        )
    links = [Link(server) for server in servers]
    for link in links:
        link.start()
    try:
        found = [(link, offer) for link in links for offer in link.offers()]
        names = _names([(link.server.name, offer.name) for link, offer in found], taken)
        return [_offered(link, offer, name) for (link, offer), name in zip(found, names, strict=True)]
    except BaseException:
        for link in links:
            link.close()
        raise


def _names(found: list[tuple[str, str]], taken: Iterable[str]) -> list[str]:
    """A name for each (server, tool): its own, with the server's in front if it is anything else's as well."""
    own = [identifier(name) for _, name in found]
    count = Counter(own)
    used = {*taken, *RESERVED, *NAMES, *modules(), *keyword.kwlist, *keyword.softkwlist}
    made = [
        name if count[name] == 1 and name not in used and not name.startswith("_") else _prefixed(server, name)
        for name, (server, _) in zip(own, found, strict=True)
    ]
    for (server, _), name in zip(found, made, strict=True):
        if made.count(name) > 1 or name in used:
            raise _bad(
                f"[servers.{server}] has two tools whose names are alike, or another tool's", "rename the server"
            )
    return made


def _prefixed(server: str, name: str) -> str:
    return f"{identifier(server)}_{name.lstrip('_')}"[:_LONGEST_NAME]


def identifier(name: str) -> str:
    """A name that a plan can write, of plain letters only: none that looks like another."""
    made = re.sub(r"[^A-Za-z0-9_]", "_", name)[:_LONGEST_NAME]
    return made if made and not made[0].isdigit() else f"_{made}"


def _offered(link: Link, offer: Offer, name: str) -> Offered:
    hints = offer.annotations
    reads = hints is not None and hints.read_only_hint is True
    closed = hints is not None and hints.open_world_hint is False
    params, originals = _parameters(link.server.name, offer)
    effect = "read" if reads and link.server.trust_hints else "write"
    returns = _type(_without_formats(offer.output_schema), {})
    signature = Signature(name, params, returns, effect, (offer.description or "")[:_LONGEST_TEXT])
    leaves = () if closed and link.server.trust_hints else tuple(param.name for param in params)
    tool = Tool(
        name,
        signature,
        _Caller(link, offer.name, tuple(param.name for param in params), originals, returns),
        "read" if effect == "read" else "write",
        egress=leaves,
        server=link.server.name,
    )
    words = [*(["only reads"] if reads else []), *(["reaches nothing outside"] if closed else [])]
    return Offered(tool, " and ".join(words))


def _parameters(server: str, offer: Offer) -> tuple[tuple[Param, ...], dict[str, str]]:
    """The parameters, those that are required first, and the server's name of each."""
    schema = offer.input_schema
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list) or len(properties) > _MAX_PARAMETERS:
        raise _bad(f"[servers.{server}] has a tool whose parameters cannot be read", "ask whoever wrote the server")
    made, originals = [], {}
    for original, part in properties.items():
        name = _parameter(original)
        if name in originals:
            raise _bad(f"[servers.{server}] has a tool with two parameters of one name", "ask whoever wrote the server")
        originals[name] = original
        described = part.get("description") if isinstance(part, Mapping) else None
        text = described[:_LONGEST_TEXT] if isinstance(described, str) else ""
        made.append(Param(name, _type(part, schema), original in required, "positional", text))
    return tuple(sorted(made, key=lambda param: not param.required)), originals


def _parameter(original: str) -> str:
    name = identifier(original).lstrip("_") or "value"
    return f"p_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def _type(schema: object, root: Mapping[str, object]) -> Type:
    """The type that a schema describes; what has no rule is anything: the server checks it again."""
    if not isinstance(schema, Mapping):
        return AnyType()
    shared = {key: root[key] for key in ("$defs", "definitions") if key in root}
    try:
        return from_json_schema({**shared, **schema})
    except (ConfigError, TypeError, ValueError, RecursionError):
        return AnyType()


def _without_formats(schema: object) -> object:
    """The schema of a result with dates and the like as the texts that they are in JSON."""
    if isinstance(schema, list):
        return [_without_formats(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    dropped = ("format", "contentEncoding") if schema.get("type") == "string" else ()
    return {key: _without_formats(part) for key, part in schema.items() if key not in dropped}


@final
@dataclass(frozen=True, slots=True)
class _Caller:
    """What a tool calls: the server, with arguments by the names that the server gave them."""

    link: Link
    tool: str
    names: tuple[str, ...]
    originals: Mapping[str, str]
    returns: Type

    def __call__(self, *given: object, **named: object) -> object:
        from pydantic_core import to_jsonable_python

        found = dict(zip(self.names, given, strict=False)) | named
        plain = to_jsonable_python(found, bytes_mode="base64")
        sent = {self.originals[name]: value for name, value in plain.items()}
        return _declared(self.returns, self.link.call(self.tool, sent))


def _declared(type: Type, value: object) -> object:
    """The result without fields that its schema does not name: JSON schema allows them, and no plan knows of them."""
    if isinstance(type, UnionType):
        records = [option for option in type.options if isinstance(option, RecordType | ListType)]
        return _declared(records[0], value) if len(records) == 1 else value
    if isinstance(type, ListType) and isinstance(value, list):
        return [_declared(type.item, item) for item in value]
    if isinstance(type, DictType) and isinstance(value, dict):
        return {key: _declared(type.value, item) for key, item in value.items()}
    if isinstance(type, RecordType) and isinstance(value, dict):
        return {field.name: _declared(field.type, value[field.name]) for field in type.fields if field.name in value}
    return value
