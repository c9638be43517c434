"""Where sentences begin and end. Its one rule: every character is in exactly one, and none is longer than LONGEST."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 600
_SHORTEST: Final = 24
# A sentence ends with its marks, at an empty line, or where a list's next point begins.
_END: Final = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？]+|\n\s*\n\s*|\n(?=\s*(?:[-*#>•]|\d+[.)]|\w+:)\s?)")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text; very short ones belong to the one that follows."""
    start = 0
    for end in _ends(text):
        if end - start < _SHORTEST and end < len(text):
            continue
        yield from _parts(text, start, end)
        start = end
    if start < len(text):
        yield from _parts(text, start, len(text))


def _ends(text: str) -> Iterator[int]:
    for found in _END.finditer(text):
        yield found.end()


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence, in parts if it is too long, divided at spaces where there are any."""
    while end - start > LONGEST:
        cut = start + LONGEST
        space = text.rfind(" ", start + LONGEST // 2, cut)
        cut = space + 1 if space > 0 else cut
        yield start, cut
        start = cut
    if start < end:
        yield start, end
