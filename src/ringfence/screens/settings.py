"""The table `[screens]` of the configuration: which detectors, which thresholds, and what a hit does.

    [screens]
    detectors = ["rules", "classifier"]
    [screens.thresholds]              # by mode
    enforce = 0.7
    strict = 0.5
    [screens.on_hit]                  # by what is looked at
    request = "refuse"                # record, ask, refuse
    result = "quarantine"             # record, quarantine, ask, refuse
    [screens.tools.read_web]          # for the results of one tool, or of all that fit: "mail_*"
    threshold = 0.5
    on_hit = "refuse"
    [screens.sources."email:*"]       # for results whose label names such a source
    threshold = 0.6

Its one rule: an unknown key, detector or action is an error (C560), and so is a threshold that is no number from
0 to 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final, Literal, cast, final

from ringfence.core.errors import ConfigError
from ringfence.guard.ruleset import MODES
from ringfence.guard.screening import Action, Place
from ringfence.guard.visible import visible

DETECTORS: Final = ("rules", "classifier")
ACTIONS: Final[dict[str, tuple[Action, ...]]] = {
    "request": ("record", "ask", "refuse"),
    "result": ("record", "quarantine", "ask", "refuse"),
    "description": ("record", "ask", "refuse"),
}
THRESHOLDS: Final[Mapping[str, float]] = MappingProxyType({"enforce": 0.7, "strict": 0.5, "observe": 0.7})
_STRICT: Final[Mapping[str, Action]] = MappingProxyType(
    {"request": "refuse", "result": "quarantine", "description": "record"}
)
_SHOWN: Final = 60
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


@final
@dataclass(frozen=True, slots=True)
class Special:
    """What differs for one tool or source. None: as everywhere."""

    threshold: float | None = None
    on_hit: Action | None = None


@final
@dataclass(frozen=True, slots=True)
class BackEnd:
    """A detector of somebody else's weights: its folder on this machine, and how it is run."""

    name: str
    path: str
    runtime: Literal["onnx", "transformers"] = "onnx"
    sha256: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """What the table says, with the defaults for what it does not say."""

    detectors: tuple[str, ...] = DETECTORS
    thresholds: Mapping[str, float] = field(default_factory=lambda: THRESHOLDS)
    on_hit: Mapping[str, Action] = field(default_factory=dict)
    tools: Mapping[str, Special] = field(default_factory=dict)
    sources: Mapping[str, Special] = field(default_factory=dict)
    models: tuple[BackEnd, ...] = ()

    def threshold(self, mode: str, tool: str | None = None, sources: Iterable[str] = ()) -> float:
        """That of the tool and the sources, the lowest of these; without any, that of the mode."""
        found = [one.threshold for one in self._special(tool, sources) if one.threshold is not None]
        return min(found) if found else self.thresholds[mode]

    def action(self, mode: str, place: Place, tool: str | None = None, sources: Iterable[str] = ()) -> Action:
        """The strictest that applies. In `observe` a hit is only recorded."""
        if mode == "observe":
            return "record"
        found = [one.on_hit for one in self._special(tool, sources) if one.on_hit is not None]
        general = self.on_hit.get(place, _STRICT[place] if mode == "strict" else "record")
        order = ACTIONS[place]
        return max([general, *(one for one in found if one in order)], key=order.index)

    def _special(self, tool: str | None, sources: Iterable[str]) -> Iterable[Special]:
        if tool is not None:
            yield from (one for pattern, one in self.tools.items() if fnmatchcase(tool, pattern))
        for source in sources:
            yield from (one for pattern, one in self.sources.items() if fnmatchcase(source, pattern))


def settings(table: Mapping[str, object]) -> Settings:
    """What a table `[screens]` says. Raises ConfigError (C560)."""
    _keys("screens", table, ("detectors", "thresholds", "on_hit", "tools", "sources", "models"))
    thresholds = _table("screens.thresholds", table.get("thresholds"))
    _keys("screens.thresholds", thresholds, MODES)
    on_hit = _table("screens.on_hit", table.get("on_hit"))
    _keys("screens.on_hit", on_hit, tuple(ACTIONS))
    detectors, models = _detectors(table.get("detectors", list(DETECTORS))), _models(table.get("models"))
    if not detectors and not models:
        raise _bad("[screens] has no detector, and would find nothing", "name one in detectors, or leave [screens] out")
    return Settings(
        detectors=detectors,
        thresholds={
            **THRESHOLDS,
            **{mode: _score(f"screens.thresholds.{mode}", one) for mode, one in thresholds.items()},
        },
        on_hit={place: _action(f"screens.on_hit.{place}", one, ACTIONS[place]) for place, one in on_hit.items()},
        tools=_specials("screens.tools", table.get("tools")),
        sources=_specials("screens.sources", table.get("sources")),
        models=models,
    )


def check_tools(found: Settings, tools: Iterable[str]) -> None:
    """Raises ConfigError (C560) if a table is for a tool that there is not: what is meant to be strict would not be."""
    names = tuple(tools)
    for pattern in found.tools:
        if not any(fnmatchcase(name, pattern) for name in names):
            hint = _meant(pattern.strip("*?"), names) if names else "there are no tools"
            raise _bad(f"[screens.tools.{visible(pattern)[:_SHOWN]}] names no tool", hint)


def _bad(message: str, hint: str) -> ConfigError:
    return ConfigError(message, code="C560", hint=hint)


def _keys(where: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise _bad(f"[{where}] has an unknown key: {visible(key)[:_SHOWN]}", _meant(key, known))


def _meant(found: object, known: tuple[str, ...]) -> str:
    """A hint that names what is spelled most like it, or all that there is."""
    close = difflib.get_close_matches(found, known, 1) if isinstance(found, str) else []
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def _table(where: str, found: object) -> Mapping[str, object]:
    if found is None:
        return _NOTHING
    if not isinstance(found, Mapping):
        raise _bad(f"{where} is no table", f"write [{where}]")
    return cast("Mapping[str, object]", found)


def _detectors(found: object) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise _bad("screens.detectors is no list", 'write detectors = ["rules", "classifier"]')
    for one in found:
        if one not in DETECTORS:
            raise _bad("screens.detectors names what is no detector", _meant(one, DETECTORS))
    return tuple(dict.fromkeys(cast("list[str]", found)))


def _score(where: str, found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 1:
        raise _bad(f"{where} is no number from 0 to 1", "write 0.7")
    return float(found)


def _action(where: str, found: object, known: tuple[Action, ...]) -> Action:
    if found not in known:
        raise _bad(f"{where} is no action", _meant(found, known))
    return found


def _specials(where: str, found: object) -> Mapping[str, Special]:
    made = {}
    for name, value in _table(where, found).items():
        place = f"{where}.{name}" if name.replace("_", "").isalnum() else where
        table = _table(place, value)
        _keys(place, table, ("threshold", "on_hit"))
        threshold = _score(f"{place}.threshold", table["threshold"]) if "threshold" in table else None
        on_hit = _action(f"{place}.on_hit", table["on_hit"], ACTIONS["result"]) if "on_hit" in table else None
        made[name] = Special(threshold, on_hit)
    return made


def _models(found: object) -> tuple[BackEnd, ...]:
    made = []
    for name, value in _table("screens.models", found).items():
        table = _table("screens.models", value)
        _keys("screens.models", table, ("path", "runtime", "sha256"))
        path, runtime, sha256 = table.get("path"), table.get("runtime", "onnx"), table.get("sha256")
        if (
            not isinstance(path, str)
            or runtime not in ("onnx", "transformers")
            or not isinstance(sha256, (str, type(None)))
        ):
            raise _bad(
                "a detector in [screens.models] is not complete", 'write name = {path = "...", runtime = "onnx"}'
            )
        made.append(BackEnd(name, path, runtime, sha256))
    return tuple(made)
