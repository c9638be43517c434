"""Bytes in base64, base32 or hexadecimal that are laid out in narrow columns, as a list, in a table or as a dump.

Its one rule: see the package. What is joined has to be bytes of a text; words of a list are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.decoder import Decoder, quoted
from ringfence.screens.decoders.runs import bytes_of
from ringfence.screens.patterns import finder
from ringfence.screens.views import Piece

_PART: Final = r"[0-9A-Za-z+/_-]{2,24}={0,2}"
_FEWEST: Final = 3  # lines
_LINE: Final = rf"[ \t>|*+#\"'-]{{0,8}}(?:\w{{1,12}}[.):=][ \t]?)?[\"']?({_PART})[\"'|,; \t]{{0,4}}\r?$"
_DUMP: Final = (
    r"(?:0x)?[0-9A-Fa-f]{4,8}:?[ \t]{1,3}((?:[0-9A-Fa-f]{2,4}[ \t]{1,2}){1,16}[0-9A-Fa-f]{0,4})(?![^\s|]).{0,200}$"
)
# Where several lines may begin. A question mark stands for what is not of ASCII.
_FIND_LINES: Final = finder(
    r"(?m:^)(?:[ \t>|*+#\"'-]{0,8}(?:[\w?]{1,12}[.):=][ \t]?)?[\"']?"
    r"[0-9A-Za-z+/_-]{2,24}={0,2}[\"'|,; \t]{0,4}\r?(?:\n|\z)){3}"
)
_FIND_DUMP: Final = finder(r"(?m:^)(?:0x)?[0-9a-f]{4,8}:?[ \t]{1,3}[0-9a-f]{2,4}[ \t]")
_FORMS: Final = tuple(  # a line, several of them, and where these may begin
    (re.compile(rf"^{form}", re.M), re.compile(rf"(?:^{form}\n?){{{_FEWEST},}}", re.M), find)
    for form, find in ((_LINE, _FIND_LINES), (_DUMP, _FIND_DUMP))
)
_ROW: Final = re.compile(rf"(?<!\S){_PART}(?:[ ,;|]{{1,3}}{_PART}){{5,}}(?!\w)")
_BETWEEN: Final = re.compile(r"[ ,;|]+")
_FIRST_PART: Final = re.compile(rb"[0-9A-Za-z+/_=-]+")
_WIDEST: Final = 32  # signs of a part of a row, with what divides it from the next
_SHORTEST: Final = 20  # signs
_TEXT: Final = quoted(bytes_of)


def _alike(size: int) -> str:
    """So many parts of one size in a row as stand between the first and the last two, where these say something."""
    part, times = f"[0-9A-Za-z+/_=-]{{{size}}}", max(_FEWEST, -(-_SHORTEST // size) - 1)
    return rf"(?m:^|[ \t\r\f\v,;|?]){part}(?:[ ,;|]{{1,3}}{part}){{{times - 1}}}[ ,;|]"


_FIND_ROW: Final = finder("|".join(map(_alike, range(2, 27))), case=True)


def _columns(text: str) -> Iterator[Piece]:
    yield from sorted((*_in_lines(text), *_in_rows(text)), key=lambda piece: piece.start)


def _in_lines(text: str) -> Iterator[Piece]:
    for line, lines, find in _FORMS:
        for found in places.starts(find, lines, text):
            parts = line.finditer(text, found.start(), found.end())
            yield from _joined([(one.start(), one.end(), "".join(one[1].split())) for one in parts])


def _in_rows(text: str) -> Iterator[Piece]:
    """Rows are looked for around parts of one size: with many others beside these they say nothing."""
    data, ends = places.copy_of(text), len(text)
    place, end = _FIND_ROW(data, 0, ends)
    while place >= 0:
        end = _end_of_alike(data, place, end - 1)
        line = data.find(b"\n", end)
        low = max(data.rfind(b"\n", 0, place) + 1, place - 2 * _WIDEST)
        for found in _ROW.finditer(text, low, min(line if line >= 0 else ends, end + 3 * _WIDEST)):
            if found.start() <= end and found.end() > place + 1:
                yield from _joined([(found.start(), found.end(), token) for token in _BETWEEN.split(found.group())])
        place, end = _FIND_ROW(data, end, ends)


def _end_of_alike(data: bytes, place: int, end: int) -> int:
    """Where the last of the parts ends that are of one size with the first one from a place."""
    part = _FIRST_PART.search(data, place)
    more = _alike_after(len(part[0])).match(data, end) if part else None
    return end if more is None else more.end()


@cache
def _alike_after(size: int) -> re.Pattern[bytes]:
    """More parts of a size."""
    return re.compile(rb"(?:[ ,;|]{1,3}[0-9A-Za-z+/_=-]{%d}(?![0-9A-Za-z+/_=-]))*" % size)


def _joined(run: list[tuple[int, int, str]]) -> Iterator[Piece]:
    """What parts of one length say together. Words may stand before the first one, and behind the last."""
    for first, last in ((0, len(run)), (1, len(run)), (0, len(run) - 1), (1, len(run) - 1)):
        parts = [token for _, _, token in run[first:last]]
        if len(parts) < _FEWEST or len({len(one) for one in parts[:-1]}) > 1 or len(parts[-1]) > len(parts[0]):
            continue
        made = _TEXT("".join(parts)) if sum(map(len, parts)) >= _SHORTEST else None
        if made is not None:
            yield Piece(run[first][0], run[last - 1][1], made)
            return


COLUMNS: Final = (
    Decoder(
        "columns",
        r"(?:\n[ \t>|*+#\"'-]{0,8}(?:\w{1,12}[.):=][ \t]?)?[0-9A-Za-z+/_-]{2,24}={0,2}[\"'|,; \t]{0,4}\r?){2}\n"
        r"|\n[0-9a-f]{4,8}:? {1,3}[0-9a-f]{2,4} {1,2}[0-9a-f]{2,4} {1,2}|(?:[ ,;|][0-9A-Za-z+/]{4}){5}",
        _columns,
    ),
)
