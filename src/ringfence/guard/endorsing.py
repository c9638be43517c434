"""Values that the policy takes at their word: `endorse = {day = ["date"], to = ["contacts"]}`.

Its one rule: endorsing drops sources and never readers; of a value that is no choice of few, or no member of a trusted
set, nothing is dropped. An attacker may still choose *which* of the few: a rule that must not be steered at all asks
`literal(x)`, or endorses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final, TypeAlias

from ringfence.core.plain import EnumMember
from ringfence.guard.entries import Merged
from ringfence.guard.predicates import Surroundings, Truth, one_of
from ringfence.guard.sections import meant, table_of, texts_of
from ringfence.guard.sets import SetUnavailable, TrustedSet
from ringfence.guard.tools import Tool
from ringfence.guard.views import ArgumentView, RuleError, raw_value
from ringfence.schema import EnumType, LiteralType, Scalar

Endorsements: TypeAlias = "Mapping[str, tuple[str, ...]]"
KINDS: Final = ("bool", "enum", "date", "int", "none")
_SPAN: Final = 65_536


def load_endorsements(entry: Merged, tool: Tool, sets: Mapping[str, TrustedSet]) -> Endorsements:
    """By parameter the kinds and sets that vouch for its values. ConfigError (C503)."""
    at = entry.given.get("endorse")
    if at is None:
        return {}
    path = (*at.path, "endorse")
    table = table_of(at.sections, path, at.table["endorse"], None)
    known = [param.name for param in tool.signature.params]
    made = {}
    for name, found in table.items():
        if name not in known:
            raise at.sections.bad((*path, name), "names an unknown parameter", meant(name, known))
        made[name] = texts_of(at.sections, (*path, name), found, "kind or set")
        for kind in made[name]:
            if kind not in KINDS and kind not in sets:
                choices = (*KINDS, *sets)
                raise at.sections.bad((*path, name), f"names neither a kind nor a set: {kind}", meant(kind, choices))
    return made


def endorsed(view: ArgumentView, kinds: tuple[str, ...], around: Surroundings) -> ArgumentView:
    """The view, endorsed if one of the kinds or sets vouches for the value; not known if that is not known."""
    high = view.bounds.high
    if view.endorsed or (high is not None and high.trusted(around.trusted)):
        return view
    answers = [_by_kind(view, kind) if kind in KINDS else _by_set(view, kind, around) for kind in kinds]
    if True in answers:
        return replace(view, endorsed=True)
    return replace(view, endorsed=None) if None in answers else view


def _by_set(view: ArgumentView, name: str, around: Surroundings) -> Truth:
    if view.known is None:
        return None
    try:
        found = around.sets.find(name)
        return None if found is None else one_of(view, (), (found,))
    except (SetUnavailable, RuleError):
        return False  # nobody vouches for the value


def _by_kind(view: ArgumentView, kind: str) -> Truth:
    declared = view.type
    if isinstance(declared, (EnumType, LiteralType)) and kind == "enum":
        return True  # the monitor checks the type before it decides
    if isinstance(declared, Scalar) and (declared.name == kind or (declared.name == "None" and kind == "none")):
        return kind != "int" or _narrow(declared)
    if view.known is None:
        return None
    raw = raw_value(view)
    match kind:
        case "bool":
            return isinstance(raw, bool)
        case "enum":
            return isinstance(raw, EnumMember)
        case "date":
            return isinstance(raw, date) and not isinstance(raw, datetime)
        case "none":
            return raw is None
        case _:
            return False


def _narrow(declared: Scalar) -> bool:
    low, high = declared.minimum, declared.maximum
    return low is not None and high is not None and high - low <= _SPAN
