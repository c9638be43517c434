"""Detectors of others that are known here by name, for `--other NAME` and `--others`.

Its one rule: each judges by itself, at its own defaults and with the part of it that needs no service, no model and no
download; it is imported when it is asked for and never before.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, final

Judge = Callable[[str], object]


@final
@dataclass(frozen=True, slots=True)
class Known:
    """A detector of others: the package that it is installed by, and what of it is run. `make` imports it."""

    name: str
    about: str
    make: Callable[[], Judge]

    def version(self) -> str | None:
        """The version that is installed; None if none is."""
        try:
            return version(self.name)
        except PackageNotFoundError:
            return None


def installed() -> Mapping[str, str]:
    """The known detectors that are installed, with their versions."""
    found = {name: one.version() for name, one in KNOWN.items()}
    return {name: said for name, said in found.items() if said is not None}


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _ai_injection_guard() -> Judge:
    module = _module("prompt_shield")
    scanner, refused = module.PromptScanner(), module.InjectionRiskError

    def judge(text: str) -> bool:
        try:
            scanner.check(text)
        except refused:
            return True
        return False

    return judge


def _aco_prompt_shield() -> Judge:
    heuristics = _module("shield_mcp.detectors.heuristics").HeuristicDetector()
    structure = _module("shield_mcp.detectors.structural").StructuralDetector()
    return lambda text: bool(heuristics.check(text)[0] or structure.check(text)[0])


def _injectguard() -> Judge:
    scan = _module("injectguard").scan
    return lambda text: bool(scan(text).is_injection)


def _aegis_llm() -> Judge:
    layer, models = _module("aegis.layers.input_validation").InputValidation(), _module("aegis.models")
    return lambda text: (
        layer.process(models.Request(user_id="bench", message=text), {}).decision is models.Decision.BLOCK
    )


def _inferwall() -> Judge:
    """What it blocks is a hit; what it flags is half of one."""
    scan, worth = _module("inferwall").scan_input, {"block": 1.0, "flag": 0.5, "allow": 0.0}
    return lambda text: worth[scan(text).decision]


KNOWN: Final[Mapping[str, Known]] = {
    one.name: one
    for one in (
        Known("aco-prompt-shield", "its patterns and its look at structure, without a model", _aco_prompt_shield),
        Known("aegis-llm", "its first layer, a list of patterns", _aegis_llm),
        Known("ai-injection-guard", "its scanner, which refuses from MEDIUM on", _ai_injection_guard),
        Known("inferwall", "its profile lite: signatures without a model; what it blocks", _inferwall),
        Known(
            "injectguard",
            "its patterns and heuristics, from 0.6 on; any text of over 10,000 characters is a hit",
            _injectguard,
        ),
    )
}
