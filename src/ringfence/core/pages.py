"""The page of all codes, `docs/errors.md`, made from the registry. `python -m ringfence.core.pages FILE` writes it.

Its one rule: the page says what `core/codes.py` says and nothing else; a test compares them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ringfence.core.codes import CODES

_CHAPTERS: Final = (
    ("E1", "While a plan is read", "Nothing has run."),
    ("E2", "While a plan is checked", "Nothing has run. All problems are reported at once, each with its place."),
    ("E3", "While a plan runs", "The audit tells which calls were made before."),
    ("P4", "Policy and approvals", "The call was not made."),
    ("C5", "Configuration", "Nothing was started."),
)


def render_errors_page() -> str:
    """All codes by chapter, as Markdown. KeyError for a code that belongs to no chapter."""
    chapters = {prefix: [f"## {prefix}xx: {title}", note] for prefix, title, note in _CHAPTERS}
    for code, (title, explanation) in sorted(CODES.items()):
        chapters[code[:2]] += [f"### {code}: {title}", explanation]
    head = [
        "# Errors",
        "Every code that Ringfence prints. `ringfence explain CODE` shows one of them. "
        "This page is generated (`make docs`); edit `src/ringfence/core/codes.py` instead.",
    ]
    return "\n\n".join([*head, *(line for chapter in chapters.values() for line in chapter)]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_errors_page(), encoding="utf-8")
