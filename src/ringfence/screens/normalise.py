"""The normaliser: finds what cannot be seen or looks like something else, removes it, reveals it, or reads it.

Its one rule: what people write survives. Emoji with joiners, selectors and tag flags, joiners inside Arabic, Persian
and Indic words, marks of direction beside right-to-left text, selectors after Han and Mongolian letters and soft
hyphens inside words are no findings, and `clean` keeps them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from ringfence.screens.patterns import PatternSet
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.confusables import FOLD, FOREIGN, LATIN_OF, PARENTHESISED
from ringfence.screens.unicode.hidden import hidden_text
from ringfence.screens.unicode.legitimate import is_legitimate
from ringfence.screens.views import Piece, View

MOST_FINDINGS: Final = 1_000
_ESCAPE: Final = r"\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]"
_ODD: Final = re.compile(
    rf"{_ESCAPE}|[{tables.CONTROLS}]+|[{tables.SURROGATES}]+|[{tables.LOOSE_MARKS}]{{4,}}|[{tables.INVISIBLE}]+"
)
_CONTROL: Final = re.compile(rf"[{tables.CONTROLS}]")
_ORDINARY: Final = bytes(code for code in range(128) if _CONTROL.match(chr(code)) is None)
_WORD: Final = re.compile(r"[^\W\d_]+")
_MIXED: Final = re.compile(f"[A-Za-z][{FOREIGN}]|[{FOREIGN}][A-Za-z]")
_FOREIGN_WORD: Final = re.compile(
    rf"(?<=[A-Za-z] )[{FOREIGN}]{{2,}}(?: [{FOREIGN}]+)*(?![^\W\d_])|(?<![^\W\d_])[{FOREIGN}]{{2,}}(?= [A-Za-z]{{2}})"
)
_COMPATIBLE: Final = re.compile(f"[{tables.COMPATIBLE}]+")
_WIDE: Final = re.compile("[\uff01-\uff5e\u3000 ]+")
_WIDE_LETTER: Final = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_OWN: Final = "".join(like for like in LATIN_OF if like not in FOREIGN)
_OWN_FOLD: Final = re.compile(f"[{_OWN}]")
# In one pass of RE2: what each of the passes below would find something to do with.
_SEEN, _MIXES = 0, 1
_PREFILTER: Final = PatternSet(
    (
        f"[{tables.CONTROLS}{tables.INVISIBLE}]|[{tables.LOOSE_MARKS}]{{4}}",
        f"[A-Za-z] ?[{FOREIGN}]|[{FOREIGN}] ?[A-Za-z]",
        f"[{tables.COMPATIBLE}]|[ -~][{tables.LOOSE_MARKS}]|[{_OWN}]",
    ),
    case=True,
)
_ALL: Final = frozenset(range(3))
_NOTHING: Final[frozenset[int]] = frozenset()
_LATIN: Final = re.compile("[A-Za-z]")
_MARK: Final = re.compile(rf"(?<=[\x00-\x7f])[{tables.LOOSE_MARKS}]+|[{tables.LOOSE_MARKS}]{{4,}}")


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
    found = [*_unseen(text), *_look_alikes(text)]
    return tuple(sorted(found, key=lambda one: one.start))


def clean(text: str) -> str:
    """The text without what is invisible or deceptive; words that mix alphabets are written in Latin letters.

    What people write stays as it is, compatibility forms included.
    """
    view = _without(View(text), list(_unseen(text, most=None)), reading=False)
    return _unmixed(view).text


def reveal(text: str) -> str:
    """The text with what is invisible shown: ⟨U+202E⟩, and ⟨hidden: …⟩ for what is spelled with it."""
    pieces = []
    for one in _unseen(text, most=None):
        shown = "".join(f"⟨U+{ord(character):04X}⟩" for character in text[one.start : one.end])
        pieces.append(Piece(one.start, one.end, f"⟨hidden: {one.hidden}⟩" if one.hidden else shown))
    return View(text).rewritten(pieces).text


def normalised(view: View) -> tuple[View, tuple[Oddity, ...]]:
    """The view that is scored: nothing invisible, hidden text in its place, compatibility and look-alike forms folded.

    It is the given one where there is nothing to do. The oddities have the places of the given one.
    """
    text = view.text
    needed = _needed(text)
    if not needed:
        return view, ()
    unseen = list(_unseen(text, most=None)) if _SEEN in needed else []
    look_alikes = list(_look_alikes(text)) if _MIXES in needed else []
    made = _without(view, unseen, reading=True)
    if needed != {_SEEN} or unseen:
        made = _folded(_composed(made))
    return made, tuple(sorted([*unseen[:MOST_FINDINGS], *look_alikes], key=lambda one: one.start))


def _needed(text: str) -> frozenset[int]:
    """Which passes have anything to do, by one search in linear time."""
    if text.isascii():
        return frozenset({_SEEN}) if text.encode().translate(None, _ORDINARY) else _NOTHING
    try:
        return _PREFILTER.found(text.encode())
    except UnicodeEncodeError:  # halves of surrogate pairs
        return _ALL


def _unseen(text: str, most: int | None = MOST_FINDINGS) -> Iterator[Oddity]:
    count = 0
    for found in _ODD.finditer(text):
        for one in _judged(text, found.start(), found.end()):
            yield one
            count += 1
        if most is not None and count >= most:
            return


def _judged(text: str, start: int, end: int) -> Iterator[Oddity]:
    """The findings in a run of odd characters: it may hold some that are legitimate."""
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


def _composed(view: View) -> View:
    """Compatibility forms as plain letters (NFKC of these alone), and Latin letters without loose marks."""
    made = view
    for pattern, change in ((_WIDE, _narrow), (_COMPATIBLE, _plain_letters), (_MARK, _nothing)):
        changed = ((m.start(), m.end(), m.group(), change(m.group())) for m in pattern.finditer(made.text))
        pieces = [Piece(start, end, after) for start, end, before, after in changed if before != after]
        made = made.rewritten(pieces, "unicode") if pieces else made
    return made


def _plain_letters(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(PARENTHESISED))


def _narrow(text: str) -> str:
    """Signs of full width where they stand with such letters or digits. Those of Japanese and Chinese text stay."""
    return unicodedata.normalize("NFKC", text) if _WIDE_LETTER.search(text) is not None else text


def _nothing(text: str) -> str:
    return ""


def _look_alikes(text: str) -> Iterator[Oddity]:
    if text.isascii():
        return
    for count, word in enumerate(_mixed_words(text)):
        if count >= MOST_FINDINGS:
            return
        yield Oddity("look-alike", word.start(), word.end())


def _mixed_words(text: str) -> Iterator[re.Match[str]]:
    """Words with Latin letters in which all others look like Latin ones, and words wholly of those in Latin lines."""
    done = -1
    for found in _MIXED.finditer(text):
        if found.start() < done:
            continue
        word = _word_around(text, found.start())
        if word is None or word.end() <= done:
            continue
        done = word.end()
        if all(letter in LATIN_OF or letter < "\u0370" for letter in word.group()):
            yield word
    yield from (word for word in _FOREIGN_WORD.finditer(text) if _is_among_latin(text, word))


_LONGEST_WORD: Final = 80


def _word_around(text: str, place: int) -> re.Match[str] | None:
    low = place
    while low > 0 and place - low < _LONGEST_WORD and text[low - 1].isalpha():
        low -= 1
    return _WORD.match(text, low, low + 2 * _LONGEST_WORD)


def _is_among_latin(text: str, word: re.Match[str]) -> bool:
    around = text[max(0, word.start() - 60) : word.start()] + text[word.end() : word.end() + 60]
    letters = sum(character.isalpha() for character in around)
    return letters > 10 and len(_LATIN.findall(around)) > 0.8 * letters


def _unmixed(view: View) -> View:
    words = sorted({word.span() for word in _mixed_words(view.text)})
    pieces = [Piece(start, end, view.text[start:end].translate(FOLD)) for start, end in words]
    return view.rewritten(pieces, "look-alikes") if pieces else view


def _folded(view: View) -> View:
    """Look-alikes in Latin letters: in mixed words, and where they are no alphabet of their own (ᴀ, 🅰, ı)."""
    made = _unmixed(view)
    if _OWN_FOLD.search(made.text) is None:
        return made
    pieces = (Piece(m.start(), m.end(), LATIN_OF[m.group()]) for m in _OWN_FOLD.finditer(made.text))
    return made.rewritten(pieces, "look-alikes")
