"""Reading a preview back: whether what a person saw is what was done.

Its one rule: it starts from the drawn text. What is marked as a code point is that character again; what is said to be
left out may be anything; all else must be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ringfence.bench.adaptive.people import GAP

_POINT: Final = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
# In brackets that no text can write; or on a line of the engine's own.
_LEFT_OUT: Final = re.compile(rf"⟨and [\d,]+ more that do not print⟩|{GAP}")


def is_shown(value: object, shown: str) -> bool:
    """Whether a value stands in the text that was drawn of it, whole, but for what that says it leaves out."""
    parts = pieces(shown)
    if isinstance(value, str):
        return _in_order(parts, _plain(value))
    return len(parts) > 1 or all(any(_plain(text) in parts[0] for text in forms(one)) for one in leaves(value))


def forms(text: str) -> tuple[str, ...]:
    """A text as JSON writes it."""
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]


def pieces(shown: str) -> list[str]:
    """What was drawn, read back and without spaces, cut where something is left out."""
    return [_plain(_POINT.sub(lambda found: chr(int(found[1], 16)), part)) for part in _LEFT_OUT.split(shown)]


def _plain(text: str) -> str:
    return "".join(text.split())


def _in_order(parts: list[str], text: str) -> bool:
    """Whether the text is these parts one after the other, with anything between them."""
    place = 0
    for number, part in enumerate(parts):
        found = text.find(part, place)
        if found < 0 or (number == 0 and found > 0):
            return False
        place = found + len(part)
    return len(parts) > 1 or place == len(text)


def leaves(value: object) -> Iterator[str]:
    """The texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from leaves(key)
            yield from leaves(one)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from leaves(one)
