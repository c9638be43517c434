"""What the guard found, and what is left of the text.

Its one rule: a finding names a kind and a host, never the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, final

Kind: TypeAlias = Literal["link", "image", "script", "html", "escape", "secret", "prompt", "command", "exfiltration"]
KINDS: Final = ("link", "image", "script", "html", "escape", "secret", "prompt", "command", "exfiltration")


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `about`: a host, the kind of a secret or of a tag; "" if there is nothing to name."""

    kind: Kind
    about: str = ""


@final
@dataclass(frozen=True, slots=True)
class Guarded:
    """The text that may be shown. `stopped`: it may not be shown at all; `text` is then empty."""

    text: str
    findings: tuple[Finding, ...] = ()
    stopped: bool = False

    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind, for the audit."""
        found: dict[str, int] = {}
        for one in self.findings:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found
