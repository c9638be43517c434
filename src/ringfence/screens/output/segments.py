"""Where untrusted text can be cut so that no part of it means more together than apart.

Its one rule: whether a text ends a segment depends on that segment alone, so that it does not matter in which pieces a
stream arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

LONGEST: Final = 16_384
# What may go on in the next line: a tag, a link's text or target, a definition whose address comes next, a command, a
# key.
_OPEN: Final = re.compile(
    r"<[a-zA-Z/!?][^<>]{0,4000}\Z|\[[^\[\]]{0,1000}\Z|\]\([^()]{0,2400}\Z|\]:\s{0,200}\Z"
    r"|\b(?:curl|wget|fetch|iwr|irm|base64)\b[^\n]{0,400}(?:\\|\||&&)[ \t]*\r?\n\Z"
    r"|\\[ \t]*\r?\n[^\n]{0,400}(?:\\|\|)[ \t]*\r?\n\Z"
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
        rest, start = self._rest + text, 0
        self._rest = ""
        while (end := _end_of_line(rest, start)) is not None:
            yield from self._line(rest[start:end])
            start = end
        self._rest = rest[start:]

    def _line(self, line: str) -> Iterator[str]:
        if self._lines and self._size + len(line) > LONGEST:
            yield self._taken()
        self._lines.append(line)
        self._size += len(line)
        whole = "".join(self._lines) if self._size <= _TAIL else "".join(self._lines)[-_TAIL:]
        if not _may_be_open(whole) or not _OPEN.search(whole):
            yield self._taken()

    def _taken(self) -> str:
        made = "".join(self._lines)
        self._lines, self._size = [], 0
        return made

    def close(self) -> Iterator[str]:
        """What is left."""
        if self._rest:
            yield from self._line(self._rest)
        self._rest = ""
        if self._lines:
            yield self._taken()


def _may_be_open(text: str) -> bool:
    """Whether a sign is there that something open has: quickly told, since most lines have none."""
    return "<" in text or "[" in text or "]" in text or "BEGIN " in text or text.rstrip()[-1:] in ("\\", "|", "&")


def _end_of_line(text: str, start: int) -> int | None:
    """Where a line ends that begins there: after its last blank if it is too long, so that no word is in two segments.

    A word that is too long itself is cut, and the guard separates its parts.
    """
    limit = start + LONGEST
    cut = text.find("\n", start, limit)
    if cut >= 0:
        return cut + 1
    if len(text) < limit:
        return None
    blank = max(text.rfind(" ", start + LONGEST // 2, limit), text.rfind("\t", start + LONGEST // 2, limit))
    return blank + 1 if blank >= 0 else limit


def segments(text: str) -> Iterator[str]:
    """A whole text in segments."""
    segmenter = Segmenter()
    yield from segmenter.feed(text)
    yield from segmenter.close()
