"""What a command is given: plans, variables, tools. Read strictly, with a code for everything that is wrong.

Its one rule: content decides what a file is, never its name; a message names the file and never quotes it.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from ringfence import lang
from ringfence.cli.output import foreign_code
from ringfence.config import Config
from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.encoding import EncodingError, Json, loads
from ringfence.core.errors import ConfigError, PlanRejected
from ringfence.core.values import Value
from ringfence.guard.tools import Tool, tool
from ringfence.lang import ir
from ringfence.session.given import bad, given_from_json

MAX_PLAN: Final = 16 << 20
MAX_GIVEN: Final = 256 << 20


def read_text(name: str, limit: int, what: str) -> str:
    """The text of a file, or of stdin for "-". Raises ConfigError (C506)."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError, AttributeError) as problem:
        raise ConfigError(
            f"{what} {shown(name)} cannot be read ({type(problem).__name__})",
            code="C506",
            hint="check the path and its permissions",
        ) from None
    if len(data) > limit:
        raise ConfigError(f"{what} {shown(name)} is larger than {limit >> 20} MiB", code="C506")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{what} {shown(name)} is not text in UTF-8", code="C506", hint="save it as UTF-8") from None


def shown(name: str) -> str:
    """A name from the command line as it can be printed."""
    return name[:200].encode("utf-8", "backslashreplace").decode()


def read_plan(name: str) -> ir.Plan:
    """A plan from text, or from its stored form (also as `check --json` prints it). ConfigError, PlanRejected."""
    text = read_text(name, MAX_PLAN, "the plan")
    start = text.lstrip()
    if start.startswith("{") and '"ringfence"' in text:
        return lang.plan_from_json(_stored(text))
    return lang.parse(text)


def _stored(text: str) -> object:
    try:
        found = loads(text)
    except EncodingError:
        raise PlanRejected(
            [
                Diagnostic(
                    "E104",
                    "the stored plan is not JSON",
                    Span(1, 1, 1, 1),
                    "make it again from its text with `ringfence check PLAN --json`",
                )
            ],
            text,
        ) from None
    if isinstance(found, dict) and "ringfence" not in found and isinstance(found.get("plan"), dict):
        return found["plan"]
    return found


def read_given(name: str | None, tools: Iterable[Tool]) -> dict[str, Value]:
    """The variables of a file. Raises ConfigError (C504, C506)."""
    if name is None:
        return {}
    text = read_text(name, MAX_GIVEN, "the file of variables")
    try:
        found: Json = loads(text)
    except EncodingError as problem:
        raise bad(f"{shown(name)}: {problem}") from None
    return given_from_json(found, [one.name for one in tools])


# Tools


def load_tools(place: str | None) -> list[Tool]:
    """The tools at MODULE:ATTR. Raises ConfigError (C501, C502)."""
    if place is None:
        return []
    module_name, colon, path = place.partition(":")
    if not colon or not module_name or not path:
        raise _not_found("the value of --tools is not MODULE:ATTR")
    with foreign_code():
        found = _called(_attribute(_module(module_name), path, module_name))
    if not isinstance(found, (list, tuple)):
        raise _not_found(f"{shown(place)} is no list of tools, but {_kind(found)}")
    return [_tool(one, index) for index, one in enumerate(found)]


def object_at(place: str, hint: str) -> object:
    """What stands at MODULE:NAME. Raises ConfigError (C501) with the hint."""
    module_name, colon, path = place.partition(":")
    if not colon or not module_name or not path:
        raise _not_found("the value is not MODULE:NAME", hint)
    with foreign_code():
        return _attribute(_module(module_name), path, module_name, hint)


def named_tools(config: Config, place: str | None) -> list[Tool]:
    """The tools at MODULE:ATTR, and those that the configuration asks for. Raises ConfigError."""
    from ringfence.connectors.configured import configured_tools

    named = load_tools(place)
    return [*named, *configured_tools(config, [tool.name for tool in named])]


def _module(name: str) -> object:
    with suppress(OSError):  # the directory may be gone
        if os.getcwd() not in sys.path:  # the console script puts its own directory there instead
            sys.path.insert(0, os.getcwd())
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name is not None and (name == problem.name or name.startswith(f"{problem.name}.")):
            raise _not_found(
                f"there is no module {shown(name)}", "it is looked for in the working directory and in PYTHONPATH"
            ) from None
        raise _not_found(f"the module {shown(name)} imports a module that is not there", "install it") from None
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        raise _not_found(
            f"the module {shown(name)} cannot be imported: {type(problem).__name__}{_place(problem)}",
            f"try `python -c 'import {shown(name)}'`",
        ) from None


def _place(problem: BaseException) -> str:
    """File and line where it was raised: of the developer's own code."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(problem, SyntaxError):
        return f" (line {problem.lineno})"
    if trace is None or "importlib" in trace.tb_frame.f_code.co_filename:
        return ""
    return f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"


def _attribute(module: object, path: str, module_name: str, hint: str | None = None) -> object:
    found = module
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except Exception:
            raise _not_found(f"the module {shown(module_name)} has no {shown(path)}", hint) from None
    return found


def _called(found: object) -> object:
    if isinstance(found, (list, tuple, Tool)) or not callable(found):
        return found
    try:
        return cast(object, found())
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        raise _not_found(
            f"the function of --tools failed: {type(problem).__name__}{_place(problem)}",
            "it takes no arguments and returns a list of tools",
        ) from None


def _tool(one: object, index: int) -> Tool:
    if isinstance(one, Tool):
        return one
    if not callable(one):
        raise _not_found(f"item {index} of --tools is no tool, but {_kind(one)}")
    return tool(one)


def _kind(found: object) -> str:
    return type(found).__name__


def _not_found(message: str, hint: str | None = None) -> ConfigError:
    usual = "write --tools MODULE:ATTR, where ATTR is a list of tools or a function that returns one"
    return ConfigError(message, code="C501", hint=usual if hint is None else hint)
