"""Long data in parts, each short enough for one question of the quarantined model.

Its one rule: no character is lost or read twice, and where a part ends depends on the text's own paragraphs, lines and
words, in this order. Inputs stay apart: a part is of one input.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 200_000
SHORTEST: Final = 500
MOST_PARTS: Final = 64
_BREAKS: Final = ("\n\n", "\n", ". ", " ")


def parts(data: tuple[str, ...], longest: int) -> tuple[str, ...]:
    """The inputs, cut into parts of at most `longest` characters; short inputs stay whole."""
    found: list[str] = []
    for text in data:
        start = 0
        while len(text) - start > longest:
            end = _end(text, start, longest)
            found.append(text[start:end])
            start = end
        if start < len(text) or not text:
            found.append(text[start:])
    return tuple(found)


def _end(text: str, start: int, longest: int) -> int:
    """Where a part ends: after the last break in its second half, else at the limit."""
    for mark in _BREAKS:
        at = text.rfind(mark, start + longest // 2, start + longest - len(mark) + 1)
        if at >= 0:
            return at + len(mark)
    return start + longest


def of_part(instruction: str, number: int, count: int) -> str:
    """The instruction for one part."""
    return (
        f"{instruction}\n\nThe data are too long for one question. This is part {number} of {count}: answer from this "
        "part alone; if it holds nothing of what is asked for, say so."
    )


def of_findings(instruction: str) -> str:
    """The instruction for putting the findings together."""
    return (
        f"{instruction}\n\nThe data were read in parts. Each DATA part below is what was found in one of them, in "
        "their order, as JSON or text. Put one answer together from them."
    )
