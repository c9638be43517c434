"""Where in a block a decoder has to look closely: a wider pattern is searched for in linear time, in a copy in ASCII.

Its one rule: a decoder finds there exactly what its own pattern would find in the whole block. The wider pattern (its
`Finder`) has to match wherever its own does; a question mark in the copy may be any character that is not of ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ringfence.screens.patterns import Finder

_FIRST: Final = 3
# Those that are not of ASCII.
_SPACES: Final = (
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def copy_of(text: str) -> bytes:
    """The text in ASCII, place by place."""
    return text.encode("ascii", "replace")


def starts(find: Finder, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern, as `finditer` answers. `find` finds where one may begin."""
    data = copy_of(text)
    end = len(data)
    place = find(data, 0, end)[0]
    while place >= 0:
        found = pattern.match(text, place)
        if found is not None:
            yield found
            place = max(place, found.end() - 1)
        place = find(data, place + 1, end)[0]


def if_anywhere(find: Finder, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The same where little of a text is looked at closely: all of it, if `find` finds anything."""
    data = copy_of(text)
    return pattern.finditer(text) if find(data, 0, len(data))[0] >= 0 else iter(())


def runs(find: Finder, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The same where a match begins at one of the first signs of what `find` finds, and is at least as long as that."""
    if not text.isascii() and any(space in text for space in _SPACES):
        yield from pattern.finditer(text)
        return
    data = copy_of(text)
    end = len(data)
    place, last = find(data, 0, end)
    while place >= 0:
        for start in range(place, min(place + _FIRST, last)):
            found = pattern.match(text, start)
            if found is not None:
                yield found
                last = max(last, found.end())
                break
        place, last = find(data, last, end)


def tokens(find: Finder, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches in what stands between spaces and line breaks, where `find` finds something that has neither."""
    data = copy_of(text)
    end = len(data)
    place = find(data, 0, end)[0]
    while place >= 0:
        low, high = max(data.rfind(b" ", 0, place), data.rfind(b"\n", 0, place)) + 1, _end_of_token(data, place)
        yield from pattern.finditer(text, low, high)
        place = find(data, high, end)[0]


def _end_of_token(data: bytes, place: int) -> int:
    line = data.find(b"\n", place)
    line = line if line >= 0 else len(data)
    space = data.find(b" ", place, line)
    return space if space >= 0 else line


def lines(find: Finder, text: str) -> Iterator[tuple[int, int]]:
    """The lines, each whole, in which a pattern is found that no line break is in."""
    data = copy_of(text)
    end = len(data)
    place = find(data, 0, end)[0]
    while place >= 0:
        low, high = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
        high = high if high >= 0 else end
        yield low, high
        place = find(data, high, end)[0]
