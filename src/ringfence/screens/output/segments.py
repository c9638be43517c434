"""Where untrusted text can be cut so that no part of it means more together than apart.

Its one rule: whether a text ends a segment depends on that segment alone, so that it does not matter in which pieces a
stream arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

LONGEST: Final = 16_384
# What may go on in the next line: a tag, a link's text or target, a definition whose address comes next, a key.
_OPEN: Final = re.compile(
    r"<[a-zA-Z/!?][^<>]{0,4000}\Z|\[[^\[\]]{0,1000}\Z|\]\([^()]{0,2400}\Z|\]:\s{0,6}\Z"
    r"|\bBEGIN [A-Z ]{0,30}PRIVATE KEY(?!.*END )",
    re.DOTALL,
)
_TAIL: Final = 8_192


@final
class Segmenter:
    """Text in, segments out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._rest = ""

    def feed(self, text: str) -> Iterator[str]:
        """The segments that have ended."""
        self._rest += text
        while True:
            cut = self._rest.find("\n")
            if cut < 0 and self._size + len(self._rest) <= LONGEST:
                return
            end = min(cut + 1 if cut >= 0 else LONGEST, max(1, LONGEST - self._size))
            yield from self._line(self._rest[:end])
            self._rest = self._rest[end:]

    def _line(self, line: str) -> Iterator[str]:
        self._lines.append(line)
        self._size += len(line)
        whole = "".join(self._lines) if self._size <= _TAIL else "".join(self._lines)[-_TAIL:]
        if self._size >= LONGEST or not _OPEN.search(whole):
            yield self._taken()

    def _taken(self) -> str:
        made = "".join(self._lines)
        self._lines, self._size = [], 0
        return made

    def close(self) -> Iterator[str]:
        """What is left."""
        self._lines.append(self._rest)
        self._rest = ""
        made = self._taken()
        if made:
            yield made


def segments(text: str) -> Iterator[str]:
    """A whole text in segments."""
    segmenter = Segmenter()
    yield from segmenter.feed(text)
    yield from segmenter.close()
