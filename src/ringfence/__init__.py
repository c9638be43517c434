"""Ringfence: a firewall for LLM agents that holds by construction.

    from ringfence import Firewall, ReadersOf, Trusted, tool

Its one rule: importing it costs next to nothing; a name is loaded when it is first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.core.errors import (
        ApprovalExpired,
        ApprovalRefused,
        ApprovalRequired,
        AuditError,
        ConfigError,
        LimitExceeded,
        ModelError,
        PlanError,
        PlanFailure,
        PlannerOutputError,
        PlanRejected,
        PolicyDenied,
        QuarantineError,
        Refused,
        ReplayDiverged,
        RingfenceError,
        RunError,
        ToolError,
    )
    from ringfence.core.labels import EVERYONE, Label
    from ringfence.core.values import Labeled
    from ringfence.guard.approval import ApproveAll, AskCallback, RejectAll
    from ringfence.guard.tools import Public, ReadersOf, Tool, Trusted, labels, tool
    from ringfence.lang import Limits
    from ringfence.session import Firewall, PlannedRun, Result
    from ringfence.stores import open_store

_ERRORS = (
    "ApprovalExpired", "ApprovalRefused", "ApprovalRequired", "AuditError", "ConfigError", "LimitExceeded",
    "ModelError", "PlanError", "PlanFailure", "PlanRejected", "PlannerOutputError", "PolicyDenied", "QuarantineError",
    "Refused", "ReplayDiverged", "RingfenceError", "RunError", "ToolError",
)  # fmt: skip
_MODULES = {
    **dict.fromkeys(_ERRORS, "ringfence.core.errors"),
    **dict.fromkeys(("EVERYONE", "Label"), "ringfence.core.labels"),
    "Labeled": "ringfence.core.values",
    **dict.fromkeys(("ApproveAll", "AskCallback", "RejectAll"), "ringfence.guard.approval"),
    **dict.fromkeys(("Public", "ReadersOf", "Tool", "Trusted", "labels", "tool"), "ringfence.guard.tools"),
    "Limits": "ringfence.lang",
    **dict.fromkeys(("Firewall", "PlannedRun", "Result"), "ringfence.session"),
    "open_store": "ringfence.stores",
}

__all__ = [
    "EVERYONE",
    "ApprovalExpired",
    "ApprovalRefused",
    "ApprovalRequired",
    "ApproveAll",
    "AskCallback",
    "AuditError",
    "ConfigError",
    "Firewall",
    "Label",
    "Labeled",
    "LimitExceeded",
    "Limits",
    "ModelError",
    "PlanError",
    "PlanFailure",
    "PlanRejected",
    "PlannedRun",
    "PlannerOutputError",
    "PolicyDenied",
    "Public",
    "QuarantineError",
    "ReadersOf",
    "Refused",
    "RejectAll",
    "ReplayDiverged",
    "Result",
    "RingfenceError",
    "RunError",
    "Tool",
    "ToolError",
    "Trusted",
    "labels",
    "open_store",
    "tool",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'ringfence' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(module), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
