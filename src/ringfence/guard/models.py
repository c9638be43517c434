"""What the monitor asks of models: one method each, so that no model is imported here.

Its one rule: the quarantined model gets an instruction, data and a type, and nothing else: no tools, no history.
"""

from __future__ import annotations

from typing import Protocol

from ringfence.core.plain import Plain
from ringfence.schema import Type


class QuarantineModel(Protocol):
    """The model that reads untrusted text."""

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """Plain data that fits `schema`. Raises QuarantineError (not enough information, does not fit) or ModelError.

        Called from several threads at once. What it returns is validated again by the monitor.
        """
