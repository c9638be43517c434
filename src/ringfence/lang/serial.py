"""Plans as JSON: lossless, versioned, hashed canonically.

Its one rule: JSON from outside is trusted no more than text: what it says is rendered, parsed again, and must come
out the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final, NoReturn

from ringfence.core.diagnostics import Diagnostic
from ringfence.core.errors import PlanRejected
from ringfence.lang import ir
from ringfence.lang.depth import deep_stack
from ringfence.lang.parse import parse
from ringfence.lang.render import render

VERSION: Final = 1


def _classes(root: type[ir.Node]) -> Iterator[type[ir.Node]]:
    for cls in root.__subclasses__():
        yield cls
        yield from _classes(cls)


_NODES: Final[dict[str, type[ir.Node]]] = {cls.__name__: cls for cls in _classes(ir.Node)}


def plan_to_json(plan: ir.Plan) -> dict[str, object]:
    """The plan as JSON-able data: {"ringfence": "plan", "version": 1, "body": [...]}."""
    with deep_stack():
        return {"ringfence": "plan", "version": VERSION, "body": [_write(node) for node in plan.body]}


def plan_hash(plan: ir.Plan) -> str:
    """SHA-256 (hex) of the canonical JSON: the same for plans that differ only in layout and comments."""
    with deep_stack():
        text = json.dumps(plan_to_json(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _write(value: object) -> object:
    if isinstance(value, ir.Node):
        made: dict[str, object] = {"node": type(value).__name__}
        for item in fields(value):
            if item.name != "span":
                made[item.name] = _write(getattr(value, item.name))
        return made
    if isinstance(value, tuple):
        return [_write(part) for part in value]
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 2**53 else {"int": hex(value)}
    return value


def plan_from_json(data: object) -> ir.Plan:
    """A plan from its JSON. Raises PlanRejected (E104 and whatever its text would raise)."""
    if not isinstance(data, Mapping) or data.get("ringfence") != "plan":
        _unreadable("the JSON is not a stored plan", "a stored plan is made by `ringfence check PLAN --json`")
    if data.get("version") != VERSION:
        _unreadable(
            f"the stored plan has a version that this release does not know (it knows {VERSION})",
            "make it again from its text with `ringfence check PLAN --json`",
        )
    body = data.get("body")
    if not isinstance(body, list) or set(data) - {"ringfence", "version", "body"}:
        _unreadable("the stored plan is damaged", "make it again from its text")
    with deep_stack():
        try:
            statements = tuple(_read(part) for part in body)
            text = render(ir.Plan(statements))  # type: ignore[arg-type]  # anything else does not render
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
            _unreadable("the stored plan is damaged", "make it again from its text")
        plan = parse(text)
        if plan.body != statements or repr(plan.body) != repr(statements):
            _unreadable("the stored plan does not say what a text could say", "make it again from its text")
    return plan


def _unreadable(message: str, hint: str) -> NoReturn:
    raise PlanRejected([Diagnostic("E104", message, ir.NOWHERE, hint)])


def _read(data: object) -> object:
    if isinstance(data, dict):
        if "node" in data:
            cls = _NODES[data["node"]]
            given = {name: _read(part) for name, part in data.items() if name != "node"}
            if set(given) != {item.name for item in fields(cls) if item.name != "span"}:
                raise ValueError("fields")
            return cls(**given)  # type: ignore[arg-type]  # wrong parts do not render, and are refused below
        if set(data) == {"bytes"}:
            return base64.b64decode(str(data["bytes"]), validate=True)
        if set(data) == {"float"}:
            return float(str(data["float"]))
        if set(data) == {"int"}:
            return int(str(data["int"]), 16)
        raise ValueError("object")
    if isinstance(data, list):
        return tuple(_read(part) for part in data)
    if data is None or isinstance(data, (str, bool, int)):
        return data
    raise ValueError("value")
