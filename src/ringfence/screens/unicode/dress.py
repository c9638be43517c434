"""Letters in another dress as plain ones: compatibility forms (NFKC of these alone), and accents put on Latin letters.

Its one rule: only what is in the tables is changed; the rest of the text is as it was, place by place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from ringfence.screens.patterns import Pattern
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.beyond import COMPATIBLE, DRESSED, MARK, WIDE, Beyond, beyond
from ringfence.screens.unicode.confusables import PARENTHESISED
from ringfence.screens.views import Piece, View

_WIDE: Final = re.compile("[\uff01-\uff5e\u3000 ]+")
_WIDE_LETTER: Final = re.compile(f"[{tables.WIDE_LETTERS}]")
_SPACES: Final = tuple(tables.members(tables.COMPATIBLE_SPACES))
_MARKS: Final = re.compile(rf"(?<=[\x00-\x7f])[{tables.LOOSE_MARKS}]+|[{tables.LOOSE_MARKS}]{{4,}}")
_MAYBE_MARKS: Final = Pattern(rf"[\x00-\x7f][{tables.LOOSE_MARKS}]|[{tables.LOOSE_MARKS}]{{4}}", case=True)


def undressed(view: View, there: Beyond) -> tuple[View, Beyond]:
    """The view with compatibility forms as plain letters, and Latin letters without loose marks; and what is there."""
    made = view
    if DRESSED in there.classes:
        if WIDE in there.classes:
            made = _changed(made, (found.span() for found in _WIDE.finditer(made.text)), _narrow)
        made = _changed(made, there.runs(made.text, COMPATIBLE), _plain_letters)
    elif COMPATIBLE in there.classes:
        made, there = _with_plain_spaces(view), there.without(COMPATIBLE)
    before = made
    if MARK in there.classes and _MAYBE_MARKS.found_in(made.text.encode("utf-8", "surrogatepass")):
        made = _changed(made, (found.span() for found in _MARKS.finditer(made.text)), _nothing)
    return made, there if made is before and DRESSED not in there.classes else beyond(made.text)


def _changed(view: View, spans: Iterable[tuple[int, int]], change: Callable[[str], str]) -> View:
    text = view.text
    changed = ((start, end, change(text[start:end])) for start, end in spans)
    pieces = [Piece(start, end, after) for start, end, after in changed if after != text[start:end]]
    return view.rewritten(pieces, "unicode") if pieces else view


def _with_plain_spaces(view: View) -> View:
    text = view.text
    for space in _SPACES:
        text = text.replace(space, " ")
    return view.same_length(text, "unicode")


def _plain_letters(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(PARENTHESISED))


def _narrow(text: str) -> str:
    """Signs of full width where they stand with such letters or digits. Those of Japanese and Chinese text stay."""
    return unicodedata.normalize("NFKC", text) if _WIDE_LETTER.search(text) is not None else text


def _nothing(text: str) -> str:
    return ""
