"""The normaliser: finds what cannot be seen or looks like something else, removes it, reveals it, or reads it.

Its one rule: what people write survives. Emoji with joiners, selectors and tag flags, joiners inside Arabic, Persian
and Indic words, marks of direction beside right-to-left text, selectors after Han and Mongolian letters and soft
hyphens inside words are no findings, and `clean` keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, final

from ringfence.screens.patterns import Pattern
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.beyond import (
    ALIKE,
    BROKEN,
    COMPATIBLE,
    CONTROL,
    INVISIBLE,
    MARK,
    OWN,
    Beyond,
    beyond,
)
from ringfence.screens.unicode.dress import undressed
from ringfence.screens.unicode.hidden import hidden_text
from ringfence.screens.unicode.legitimate import is_legitimate
from ringfence.screens.unicode.mixing import Span, may_mix, mixed_words, own_folded, unmixed
from ringfence.screens.views import Piece, View

MOST_FINDINGS: Final = 1_000
_ESCAPE: Final = r"\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]"
_ODD: Final = re.compile(
    rf"{_ESCAPE}|[{tables.CONTROLS}]+|[{tables.SURROGATES}]+|[{tables.LOOSE_MARKS}]{{4,}}|[{tables.INVISIBLE}]+"
)
_OVERLOADED: Final = Pattern(f"[{tables.LOOSE_MARKS}]{{4}}", case=True)
# What there is something to do about.
_LOOKED_AT: Final = frozenset((CONTROL, INVISIBLE, MARK, ALIKE, COMPATIBLE, OWN, BROKEN))


@final
@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that cannot be seen or looks like something else. `hidden`: the text that it carries, if it does."""

    kind: str
    start: int
    end: int
    hidden: str = ""

    @property
    def count(self) -> int:
        """How many code points."""
        return self.end - self.start


KINDS: Final[dict[str, str]] = {
    "tag-characters": "characters of the tag block, which can spell text that nobody sees",
    "variation-selectors": "selectors that select nothing, which can carry bytes",
    "zero-width": "characters without width where no script needs them",
    "bidi-control": "controls of direction, which show text in another order than it is read",
    "invisible": "other characters that are ignored when shown",
    "control": "control characters",
    "terminal-escape": "escape sequences that a terminal obeys",
    "surrogate": "halves of a surrogate pair, which are no text",
    "combining-overload": "more accents on one letter than any language writes",
    "look-alike": "words that mix alphabets whose letters look alike",
}


def oddities(text: str) -> tuple[Oddity, ...]:
    """What is invisible or deceptive in a text, in order; at most MOST_FINDINGS of each pass."""
    there = beyond(text)
    found = [*_unseen(text, there), *_look_alikes(mixed_words(text, there))]
    return tuple(sorted(found, key=lambda one: one.start))


def clean(text: str) -> str:
    """The text without what is invisible or deceptive; words that mix alphabets are written in Latin letters.

    What people write stays as it is, compatibility forms included.
    """
    view = _without(View(text), list(_unseen(text, beyond(text), most=None)), reading=False)
    return unmixed(view, list(mixed_words(view.text, beyond(view.text)))).text


def reveal(text: str) -> str:
    """The text with what is invisible shown: ⟨U+202E⟩, and ⟨hidden: …⟩ for what is spelled with it."""
    pieces = []
    for one in _unseen(text, beyond(text), most=None):
        shown = "".join(f"⟨U+{ord(character):04X}⟩" for character in text[one.start : one.end])
        pieces.append(Piece(one.start, one.end, f"⟨hidden: {one.hidden}⟩" if one.hidden else shown))
    return View(text).rewritten(pieces).text


def normalised(view: View) -> tuple[View, tuple[Oddity, ...]]:
    """The view that is scored: nothing invisible, hidden text in its place, compatibility and look-alike forms folded.

    It is the given one where there is nothing to do. The oddities have the places of the given one.
    """
    read, odd, _ = read_as(view)
    return read, odd


def read_as(view: View) -> tuple[View, tuple[Oddity, ...], Beyond]:
    """The same, and what of the view that is scored is beyond ordinary ASCII."""
    text = view.text
    there = beyond(text)
    if there.classes.isdisjoint(_LOOKED_AT):
        return view, (), there
    unseen = list(_unseen(text, there, most=None))
    words = list(mixed_words(text, there))
    odd = sorted([*unseen[:MOST_FINDINGS], *_look_alikes(words)], key=lambda one: one.start)
    read, there = _read(view, there, unseen, words)
    return read, tuple(odd), there


def may_read_otherwise(text: str, there: Beyond) -> bool:
    """Whether `read_as` may change a text or a part of it; no: it reads each as it stands."""
    return not there.classes.isdisjoint(_LOOKED_AT - {ALIKE}) or may_mix(text, there)


def _read(view: View, there: Beyond, unseen: list[Oddity], words: list[Span]) -> tuple[View, Beyond]:
    """The view as it is read. What is left, and what is new beside each other, is looked at after each step."""
    shown = _without(view, unseen, reading=True)
    plain, there = undressed(shown, there if shown is view else beyond(shown.text))
    made = unmixed(plain, words if plain is view else list(mixed_words(plain.text, there)))
    return own_folded(made, there), there  # both put letters of ASCII in the place of others


def _unseen(text: str, there: Beyond, most: int | None = MOST_FINDINGS) -> Iterator[Oddity]:
    count = 0
    for start, end in _odd_runs(text, there):
        for one in _judged(text, start, end):
            yield one
            count += 1
        if most is not None and count >= most:
            return


def _odd_runs(text: str, there: Beyond) -> Iterable[Span]:
    """Where odd characters stand. Where they are but invisible ones, these are found faster."""
    if CONTROL in there.classes or BROKEN in there.classes or _is_overloaded(text, there):
        return (found.span() for found in _ODD.finditer(text))
    return there.runs(text, INVISIBLE)


def _is_overloaded(text: str, there: Beyond) -> bool:
    return MARK in there.classes and _OVERLOADED.found_in(text.encode())


def _judged(text: str, start: int, end: int) -> Iterator[Oddity]:
    """The findings in a run of odd characters: it may hold some that are legitimate."""
    if end - start == 1 and is_legitimate(text, start):
        return
    kind = _kind(text[start:end])
    if kind not in _CONTEXTUAL:
        yield Oddity(kind, start, end)
        return
    hidden = hidden_text(text[start:end])
    if hidden and hidden not in tables.TAG_FLAGS:
        yield Oddity(kind, start, end, hidden)
        return
    first: int | None = None
    for place in range(start, end):
        good = is_legitimate(text, place)
        if good and first is not None:
            yield Oddity(_kind(text[first:place]), first, place)
            first = None
        elif not good and first is None:
            first = place
    if first is not None:
        yield Oddity(_kind(text[first:end]), first, end)


_KIND_OF: Final = (
    ("tag-characters", tables.one_of(tables.TAGS)),
    ("bidi-control", tables.one_of(tables.BIDI_EMBEDDINGS + tables.BIDI_OVERRIDES + tables.BIDI_MARKS)),
    ("variation-selectors", tables.one_of(tables.SELECTORS + tables.MONGOLIAN_SELECTORS)),
    ("zero-width", tables.one_of(tables.ZERO_WIDTH + tables.SOFT_HYPHEN)),
    ("terminal-escape", tables.one_of("\x1b\x9b")),
    ("surrogate", tables.one_of(tables.SURROGATES)),
    ("combining-overload", tables.one_of(tables.LOOSE_MARKS)),
    ("control", tables.one_of(tables.CONTROLS)),
)
_CONTEXTUAL: Final = frozenset({"tag-characters", "bidi-control", "variation-selectors", "zero-width", "invisible"})


def _kind(run: str) -> str:
    for kind, pattern in _KIND_OF:
        if pattern.search(run) is not None:
            return kind
    return "invisible"


def _without(view: View, found: list[Oddity], *, reading: bool) -> View:
    """The view without findings; for reading, with hidden text in their place and soft hyphens gone."""
    pieces = [Piece(one.start, one.end, _instead(one, view.text, reading)) for one in found if one.kind != "look-alike"]
    made = view.rewritten(pieces, "unicode") if pieces else view
    if reading and tables.SOFT_HYPHEN in made.text:
        made = made.rewritten(Piece(m.start(), m.end(), "") for m in re.finditer(tables.SOFT_HYPHEN, made.text))
    return made


def _instead(one: Oddity, text: str, reading: bool) -> str:
    if one.kind == "surrogate":
        return "\ufffd" * min(one.count, 3)
    if one.hidden and reading:
        return f" {one.hidden} "
    if one.kind == "combining-overload" and not reading:
        return text[one.start : one.start + 2]
    return ""


def _look_alikes(words: Iterable[Span]) -> Iterator[Oddity]:
    return (Oddity("look-alike", start, end) for start, end in islice(words, MOST_FINDINGS))
